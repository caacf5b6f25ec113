"""The application may open more database connections than the PostgreSQL of the cluster accepts.

Why: every process holds its own pool: each uvicorn process of the API and each child of a Celery worker. PyBase's own
default, 20 and 10 more, is 1,500 connections at the autoscalers' maximum; PostgreSQL accepts 100 unless told otherwise,
and refuses the rest when the load is highest. Counted are pods at their maximum x processes x (DB_POOL_SIZE +
DB_MAX_OVERFLOW) of all pods labelled pybase.dev/postgresql-client, against max_connections less the three that
PostgreSQL keeps for its administrator.

Fails:

    literals: [DB_POOL_SIZE=20, DB_MAX_OVERFLOW=10]

Passes:

    literals: [DB_POOL_SIZE=3, DB_MAX_OVERFLOW=1]

Fix: lower DB_POOL_SIZE or maxReplicas, or raise max_connections.
Cannot see: the limit of a managed database.
Source: https://www.postgresql.org/docs/16/runtime-config-connection.html
"""

import re
from collections.abc import Iterator, Mapping

from gitops import connections, references
from gitops.environment import Variable, variables
from gitops.fleet import Fleet
from gitops.layout import closest
from gitops.manifests import Build, Container, Manifest
from gitops.problems import Problem

ID = "db-connection-budget"
SEVERITY = "error"
CONTROLS: tuple[str, ...] = ()
READS = ("render",)

RESERVED = 3  # superuser_reserved_connections


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.workloads():
        limit = connections.limit(build)
        if any(_unclear(build, manifest) for manifest in build.with_pods()):
            continue  # env-resolves or app-settings
        clients = connections.clients(build, _values(build)) if limit else []
        wanted = sum(client.connections for client in clients)
        if limit and wanted > limit[1] - RESERVED:
            most = max(clients, key=lambda client: client.connections)
            pool = _pool(build, most.manifest)
            where, path = (pool.owner, pool.path) if pool else (most.manifest, ("spec",))
            sums = ", ".join(f"{c.manifest.name} {c.pods} x {c.processes} x {c.pool}" for c in clients)
            message = f"{wanted} connections at the most ({sums}), and PostgreSQL accepts {limit[1] - RESERVED}"
            yield fleet.at(ID, where, path, message, "lower DB_POOL_SIZE or maxReplicas, or raise max_connections")


def _unclear(build: Build, manifest: Manifest) -> bool:
    """Is the size of the pool lost, misspelt or no number?"""
    if manifest.identity in references.holders_of_lost(build):
        return True
    for container in connections.application(manifest):
        held = {name.upper(): found.value for name, found in variables(build, manifest, container).items()}
        for name in connections.DEFAULT_POOL:
            if name not in held and closest(name, held, 0.85):
                return True
            if not re.fullmatch(r"\s*\d+\s*", held.get(name) or "0"):
                return True
    return False


def _values(build: Build) -> connections.Environment:
    def values(manifest: Manifest, container: Container) -> Mapping[str, str | None]:
        return {name: variable.value for name, variable in variables(build, manifest, container).items()}

    return values


def _pool(build: Build, manifest: Manifest) -> Variable | None:
    """The setting that most of the connections come from."""
    return next(
        (
            found
            for container in connections.application(manifest)
            if (found := variables(build, manifest, container).get("DB_POOL_SIZE"))
        ),
        None,
    )
