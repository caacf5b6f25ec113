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

from collections.abc import Iterator, Mapping

from gitops import connections
from gitops.environment import Variable, variables
from gitops.fleet import Fleet
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
        clients = connections.clients(build, _values(build)) if limit else []
        wanted = sum(client.connections for client in clients)
        if limit and wanted > limit[1] - RESERVED:
            most = max(clients, key=lambda client: client.connections)
            pool = _pool(build, most.manifest)
            where, path = (pool.owner, pool.path) if pool else (most.manifest, ("spec",))
            sums = ", ".join(f"{c.manifest.name} {c.pods} x {c.processes} x {c.pool}" for c in clients)
            message = f"{wanted} connections at the most ({sums}), and PostgreSQL accepts {limit[1] - RESERVED}"
            yield fleet.at(ID, where, path, message, "lower DB_POOL_SIZE or maxReplicas, or raise max_connections")


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
