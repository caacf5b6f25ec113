"""D18: at the autoscalers' maximum the pools together stay below what the bundled PostgreSQL accepts."""

import pytest

from gitops import connections, environment
from gitops.layout import Repository
from gitops.manifests import Build, Container, Manifest
from support import ROOT

RESERVED = 3  # superuser_reserved_connections, PostgreSQL's default
CLUSTERS = [cluster.name for cluster in Repository(ROOT).clusters]


def budget(build: Build) -> dict[str, int]:
    def variables(manifest: Manifest, container: Container) -> dict[str, str | None]:
        return {v.name: v.value for v in environment.variables(build, manifest, container).values()}

    return {c.manifest.name: c.connections for c in connections.clients(build, variables)}


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_d18_connections_fit(cluster: str, workloads: dict[str, Build]) -> None:
    build = workloads[cluster]
    limit = connections.limit(build)
    assert limit is None or sum(budget(build).values()) <= limit[1] - RESERVED


def test_d18_figures_of_production(bundled: Build) -> None:
    assert budget(bundled) == {"pybase-api": 40, "pybase-extraction-worker": 64, "pybase-search-worker": 96}
    limit = connections.limit(bundled)
    assert limit is not None and limit[1] == 250
