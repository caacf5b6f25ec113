"""The required flow matrix (requirements, group 6), cell by cell and side by side, written down here once more.

policies/flows.csv is what the validator compares with; this table is the requirements' own.
"""

from itertools import product

import pytest

from gitops.connectivity import Network, Peer, Port, network, pods
from gitops.fleet import Fleet
from gitops.manifests import Build
from gitops.matrix import ends

TARGETS = {  # column -> component, port
    "api": ("api", 8000),
    "frontend": ("frontend", 8080),
    "postgresql": ("postgresql", 5432),
    "redis": ("redis", 6379),
    "minio": ("minio", 9000),
    "console": ("minio", 9001),
    "meilisearch": ("meilisearch", 7700),
}
ALLOWED = {  # row -> columns that say yes
    "edge": {"api", "frontend", "minio", "console"},
    "api": {"postgresql", "redis", "minio", "meilisearch"},
    "frontend": {"api"},
    "extraction-worker": {"postgresql", "redis", "minio"},
    "search-worker": {"postgresql", "redis", "meilisearch"},
    "postgresql": set(),
    "redis": set(),
    "minio": set(),
    "meilisearch": set(),
    "migrate": {"postgresql"},
    "minio-bucket": {"minio"},
    "search-beat": {"redis"},
}
RESOLVERS = {
    "gke": {"169.254.20.10/32", "169.254.169.254/32"},  # NodeLocal DNSCache, Cloud DNS
    "aks": {"169.254.10.11/32"},  # LocalDNS
}
IN_ONLY = {("api", "console"), ("extraction-worker", "console")}  # D6: in yes, out no


def peers(fleet: Fleet, build: Build) -> dict[str, list[Peer]]:
    found: dict[str, list[Peer]] = {}
    for end in ends(fleet, build):
        found.setdefault(end.name, []).append(end.peer)
    return found


def sides(net: Network, source: Peer, target: Peer, port: Port) -> tuple[bool, bool]:
    """(egress, ingress); what is outside the cluster is not ours to isolate."""
    return (not source.namespace or net.leaves(source, target, port)), net.enters(source, target, port)


@pytest.mark.parametrize("row, column", list(product(ALLOWED, TARGETS)))
def test_s146_to_s172_every_cell_in_every_cluster(row: str, column: str, the_fleet: Fleet) -> None:
    component, number = TARGETS[column]
    seen = 0
    for build in the_fleet.workloads():
        net, known = network(build), peers(the_fleet, build)
        for source, target in product(known.get(row, []), known.get(component, [])):
            if row == component:
                continue  # a pod reaches itself; replicas are a cell of their own below
            seen += 1
            leaves, enters = sides(net, source, target, Port(number))
            if column in ALLOWED[row]:
                assert row == "edge" or leaves, f"{build.cluster}: egress of {row} refuses {column}"
                assert enters, f"{build.cluster}: ingress of {column} refuses {row}"
            elif (row, column) in IN_ONLY:
                assert (leaves, enters) == (False, True), build.cluster
            else:
                assert not (leaves and enters), f"{build.cluster}: {row} reaches {column}"
    assert seen or row == component


@pytest.mark.parametrize("protocol", ["UDP", "TCP"])
def test_s163_every_pod_reaches_dns(protocol: str, the_fleet: Fleet) -> None:
    for build in the_fleet.workloads():
        net, known = network(build), peers(the_fleet, build)
        for pod, dns in product(pods(build), known["dns"]):
            assert net.leaves(pod, dns, Port(53, protocol)), f"{build.cluster}: {pod.name}"


def test_s163_the_resolvers_on_the_nodes_of_each_platform(the_fleet: Fleet) -> None:
    provider = {cluster.name: cluster.provider for cluster in the_fleet.clusters}
    for build in the_fleet.workloads():
        policy = build.find("NetworkPolicy", "pybase", "pybase-dns")
        assert policy is not None
        (rule,) = policy.get("spec", "egress")
        addresses = {peer["ipBlock"]["cidr"] for peer in rule["to"] if "ipBlock" in peer}
        assert addresses == RESOLVERS.get(provider[build.cluster], set()), build.cluster
        assert {(port["protocol"], port["port"]) for port in rule["ports"]} == {("UDP", 53), ("TCP", 53)}


@pytest.mark.parametrize("port", [443, 6443])
def test_d11_only_pods_with_a_token_reach_the_api_server(port: int, the_fleet: Fleet) -> None:
    for build in the_fleet.workloads():
        net = network(build)
        mounted = {m.name for m in build.with_pods() if m.pod.get("automountServiceAccountToken")}
        for server in peers(the_fleet, build)["api-server"]:
            reaching = {pod.name.partition("/")[2] for pod in pods(build) if net.leaves(pod, server, Port(port))}
            assert reaching == mounted, build.cluster


def test_s161_s162_workers_accept_nothing(the_fleet: Fleet) -> None:
    ports = [Port(number) for _, number in TARGETS.values()]
    for build in the_fleet.workloads():
        net, everyone = network(build), list(pods(build))
        workers = [pod for pod in everyone if pod.name.endswith("-worker")]
        for worker, other, port in product(workers, everyone, ports):
            assert other.name == worker.name or not net.enters(other, worker, port)


def test_d12_external_stores_are_reached_by_the_pods_of_the_matrix(the_fleet: Fleet) -> None:
    wanted = {"external-postgresql": ("postgresql", 5432), "external-redis": ("redis", 6379)}
    for build in the_fleet.workloads():
        net, known = network(build), peers(the_fleet, build)
        for name, (column, port) in wanted.items():
            for address, row in product(known.get(name, []), ALLOWED):
                for source in (pod for pod in known.get(row, []) if pod.namespace == "pybase"):
                    assert net.leaves(source, address, Port(port)) == (column in ALLOWED[row]), f"{build.cluster} {row}"
