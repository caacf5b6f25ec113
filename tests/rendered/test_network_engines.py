"""Our engine of NetworkPolicies, kube-network-policies and cyclonus say the same of every connection."""

import pytest

from gitops.connectivity import Network, Peer, Port, network
from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest
from gitops.matrix import ends
from network_judge import ENGINES, SPACES, Case, ours, random_case, theirs

HTTP = Port(80)


def test_every_cluster(the_fleet: Fleet, workloads: dict[str, Build]) -> None:
    cases = {}
    for cluster, build in workloads.items():
        known = tuple(end.peer for end in ends(the_fleet, build))
        ports = {Port(port.number, port.protocol) for peer in known for port in peer.ports}
        cases[cluster] = Case(network(build), known, (Port(53), Port(53, "UDP"), Port(443), *ports))
    for (cluster, case), answers in zip(cases.items(), theirs(cases.values()), strict=True):
        assert answers == dict.fromkeys(ENGINES, ours(case)), cluster
        assert {"0", "1"} == set(ours(case))


def test_random_policies() -> None:
    cases = [random_case(seed) for seed in range(2000)]
    for seed, (case, answers) in enumerate(zip(cases, theirs(cases), strict=True)):
        assert answers == dict.fromkeys(ENGINES, ours(case)), f"seed {seed}"
    said = "".join(map(ours, cases[:100]))
    assert 0.2 < said.count("1") / len(said) < 0.8


A, B = Peer("a", "one", {"app": "a"}, (HTTP,)), Peer("b", "one", {}, (HTTP,))


@pytest.mark.parametrize(
    "selector",
    [{"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["a"]}]}, {"matchLabels": {"app": ""}}],
    ids=["NotIn", "empty value"],
)
def test_cyclonus_reads_a_missing_label_otherwise(selector: dict[str, object]) -> None:
    """The API: NotIn selects objects without the key, a value of "" only those that have it. b has no label."""
    spec = {"podSelector": selector, "policyTypes": ["Ingress"]}
    policy = Manifest({"kind": "NetworkPolicy", "metadata": {"name": "p", "namespace": "one"}, "spec": spec})
    case = Case(Network((policy,), SPACES), (A, B), (HTTP,))
    (answers,) = theirs([case])
    assert answers[ENGINES[0]] == ours(case)
    assert answers[ENGINES[1]] != ours(case)
