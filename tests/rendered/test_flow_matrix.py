"""The network flow matrix of the requirements, written out: both directions of every cell, for bundled stores."""

import pytest

from gitops import matrix
from gitops.connectivity import Network, Port, network
from gitops.fleet import Fleet
from gitops.manifests import Build
from gitops.matrix import End

TARGETS = {
    "api": [8000],
    "frontend": [8080],
    "postgresql": [5432],
    "redis": [6379],
    "minio": [9000, 9001],
    "meilisearch": [7700],
    "extraction-worker": [8000],
    "search-worker": [8000],
    "dns": [53],
    "api-server": [443, 6443],
}
ALLOWED = {  # S149-S172, D6, D11; the rest is refused (S146-S148)
    "edge": {"api:8000", "frontend:8080", "minio:9000", "minio:9001"},
    "api": {"postgresql:5432", "redis:6379", "minio:9000", "meilisearch:7700", "dns:53"},
    "frontend": {"api:8000", "dns:53"},
    "extraction-worker": {"postgresql:5432", "redis:6379", "minio:9000", "dns:53", "api-server:443", "api-server:6443"},
    "search-worker": {
        "postgresql:5432", "redis:6379", "meilisearch:7700", "dns:53", "api-server:443", "api-server:6443",
    },
    "postgresql": {"dns:53"},
    "redis": {"dns:53"},
    "minio": {"dns:53"},
    "meilisearch": {"dns:53"},
    "migrate": {"postgresql:5432", "dns:53"},
    "minio-bucket": {"minio:9000", "dns:53"},
    "prometheus": set(),
    "internet": set(),
}  # fmt: skip
CELLS = [
    (source, target, port)
    for source in ALLOWED
    for target, ports in TARGETS.items()
    for port in ports
    if source != target and not (source in ("edge", "prometheus", "internet") and target in ("dns", "api-server"))
]


@pytest.fixture(scope="session")
def ends(the_fleet: Fleet, bundled: Build) -> dict[str, End]:
    return {end.name: end for end in matrix.ends(the_fleet, bundled)}


@pytest.fixture(scope="session")
def policies(bundled: Build) -> Network:
    return network(bundled)


@pytest.mark.parametrize(("source", "target", "port"), CELLS, ids=str)
def test_cell(source: str, target: str, port: int, ends: dict[str, End], policies: Network) -> None:
    wanted = f"{target}:{port}" in ALLOWED[source]
    for protocol in ("TCP", "UDP") if target == "dns" else ("TCP",):
        assert policies.allows(ends[source].peer, ends[target].peer, Port(port, protocol)) is wanted


@pytest.mark.parametrize("source", ["api", "extraction-worker"])
def test_s156_s157_minio_console_lets_in_whom_their_egress_holds_back(
    source: str, ends: dict[str, End], policies: Network
) -> None:
    pair = ends[source].peer, ends["minio"].peer, Port(9001)
    assert (policies.enters(*pair), policies.leaves(*pair)) == (True, False)


def test_every_component_is_a_row(ends: dict[str, End]) -> None:
    assert {end.name for end in ends.values() if end.manifest} == ALLOWED.keys() - {"edge", "prometheus", "internet"}
