"""NetworkPolicy semantics, one numbered rule a test. Pods: a and b in namespace one, c in namespace two."""

from typing import Any

import pytest

from gitops.connectivity import EGRESS, INGRESS, Network, Peer, Port, network, pods
from gitops.manifests import Build, Manifest

HTTP = Port(8000, "TCP", "http")
DNS = Port(53, "UDP")
A = Peer("a", "one", {"app": "a", "tier": "front"}, (HTTP,))
B = Peer("b", "one", {"app": "b"}, (HTTP,))
C = Peer("c", "two", {"app": "c"}, (Port(8000, "TCP", "web"),))
OUTSIDE = Peer("outside", address="10.1.2.3")


def policy(namespace: str = "one", **spec: Any) -> Manifest:
    metadata = {"name": "p", "namespace": namespace}
    return Manifest({"kind": "NetworkPolicy", "metadata": metadata, "spec": {"podSelector": {}, **spec}})


def allowed(*policies: Manifest, source: Peer = A, to: Peer = B, port: Port = HTTP) -> bool:
    return Network(policies, {"two": {"team": "x"}}).allows(source, to, port)


def ingress(*peers: dict[str, Any], **rule: Any) -> Manifest:
    return policy(ingress=[{"from": list(peers), **rule}])


DENY = policy(policyTypes=[INGRESS, EGRESS])
DENY_IN = policy(policyTypes=[INGRESS])
SPACE_TWO = {"matchLabels": {"kubernetes.io/metadata.name": "two"}}


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        ([], True),
        ([policy("two", policyTypes=[INGRESS])], True),
        ([policy(podSelector={"matchLabels": {"app": "a"}}, policyTypes=[INGRESS])], True),
        ([policy(podSelector={"matchLabels": {"app": "b"}}, policyTypes=[INGRESS])], False),
        ([DENY_IN, ingress({"podSelector": {}})], True),
    ],
)
def test_1_isolation_by_a_selecting_policy_and_policies_add_up(policies: list[Manifest], expected: bool) -> None:
    assert allowed(*policies) is expected


@pytest.mark.parametrize(("extra", "expected"), [([INGRESS], False), ([EGRESS], False), ([INGRESS, EGRESS], True)])
def test_2_both_sides_must_allow(extra: list[str], expected: bool) -> None:
    open_sides = policy(policyTypes=extra, **{side.lower(): [{}] for side in extra})
    assert allowed(DENY, open_sides) is expected


@pytest.mark.parametrize(
    ("spec", "to", "expected"),
    [
        ({}, B, False),
        ({}, OUTSIDE, True),
        ({"egress": []}, OUTSIDE, True),
        ({"egress": [{"ports": [{"port": 1}]}]}, OUTSIDE, False),
        ({"policyTypes": [EGRESS]}, OUTSIDE, False),
        ({"policyTypes": [INGRESS], "egress": [{"ports": [{"port": 1}]}]}, OUTSIDE, True),
    ],
)
def test_3_policy_types_default_to_ingress_and_egress_only_with_rules(
    spec: dict[str, Any], to: Peer, expected: bool
) -> None:
    assert allowed(policy(**spec), to=to) is expected


@pytest.mark.parametrize(
    ("rules", "expected"),
    [([], False), ([{}], True), ([{"from": []}], True), ([{"ports": []}], True), ([{"from": [{}]}], False)],
)
def test_4_empty_rule_allows_all_and_no_rule_nothing(rules: list[dict[str, Any]], expected: bool) -> None:
    assert allowed(policy(ingress=rules)) is expected


@pytest.mark.parametrize(
    ("peers", "source", "expected"),
    [
        ([{"podSelector": {}}], A, True),
        ([{"podSelector": {}}], C, False),
        ([{"namespaceSelector": {}}], C, True),
        ([{"namespaceSelector": SPACE_TWO, "podSelector": {"matchLabels": {"app": "c"}}}], C, True),
        ([{"namespaceSelector": SPACE_TWO, "podSelector": {"matchLabels": {"app": "a"}}}], C, False),
        ([{"namespaceSelector": SPACE_TWO}, {"podSelector": {"matchLabels": {"app": "a"}}}], A, True),
    ],
)
def test_5_selectors_are_anded_in_a_peer_and_peers_ored(
    peers: list[dict[str, Any]], source: Peer, expected: bool
) -> None:
    assert allowed(ingress(*peers), source=source) is expected


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["a", "z"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["a"]}]}, False),
        ({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, False),
        ({"matchLabels": {"app": "a"}, "matchExpressions": [{"key": "x", "operator": "Exists"}]}, False),
    ],
)
def test_6_labels_and_expressions_are_anded(selector: dict[str, Any], expected: bool) -> None:
    assert allowed(ingress({"podSelector": selector})) is expected


@pytest.mark.parametrize(("label", "expected"), [("team", True), ("kubernetes.io/metadata.name", True), ("x", False)])
def test_6_namespaces_carry_their_name(label: str, expected: bool) -> None:
    peer = {"namespaceSelector": {"matchExpressions": [{"key": label, "operator": "Exists"}]}}
    assert allowed(ingress(peer), source=C) is expected


@pytest.mark.parametrize(
    ("entry", "port", "expected"),
    [
        ({"port": 8000}, HTTP, True),
        ({"port": 8000, "protocol": "UDP"}, HTTP, False),
        ({"protocol": "UDP"}, DNS, True),
        ({"port": 7000, "endPort": 8000}, HTTP, True),
        ({"port": 7000, "endPort": 7999}, HTTP, False),
        ({"port": "http"}, HTTP, True),
        ({"port": "http"}, Port(8001), False),
        ({"port": "web"}, HTTP, False),
    ],
)
def test_7_ports(entry: dict[str, Any], port: Port, expected: bool) -> None:
    assert allowed(ingress(ports=[entry]), port=port) is expected


def test_7_named_ports_resolve_on_the_destination_not_on_the_isolated_pod() -> None:
    out = policy(policyTypes=[EGRESS], egress=[{"ports": [{"port": "web"}]}])
    assert allowed(out, to=C)
    assert not allowed(out, to=B)


@pytest.mark.parametrize(
    ("block", "to", "expected"),
    [
        ({"cidr": "10.0.0.0/8"}, OUTSIDE, True),
        ({"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}, OUTSIDE, False),
        ({"cidr": "0.0.0.0/0"}, B, False),
        ({"cidr": "::/0"}, OUTSIDE, False),
        ({"cidr": "not a range"}, OUTSIDE, False),
    ],
)
def test_8_ip_blocks_mean_addresses_outside(block: dict[str, Any], to: Peer, expected: bool) -> None:
    assert allowed(policy(policyTypes=[EGRESS], egress=[{"to": [{"ipBlock": block}]}]), to=to) is expected


def test_9_a_pod_reaches_itself_but_not_its_replica() -> None:
    assert allowed(DENY, to=A)
    assert not allowed(DENY, to=Peer("another a", A.namespace, A.labels, A.ports))


def test_10_pods_of_jobs_count_and_a_build_gives_policies_and_namespaces() -> None:
    container = {
        "image": "i",
        "name": "x",
        "ports": [{"name": "http", "containerPort": 8000}, {"containerPort": "wrong"}],
    }
    template = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [container]}}
    metadata = {"name": "m", "namespace": "one"}
    job = Manifest({"kind": "Job", "metadata": metadata, "spec": {"template": template}})
    build = Build(
        "clusters/x/workload", objects=[job, DENY, Manifest({"kind": "Namespace", "metadata": {"name": "one"}})]
    )
    assert list(pods(build)) == [Peer("Job/m", "one", {"app": "a"}, (HTTP,))]
    assert network(build) == Network((DENY,), {"one": {}})


def test_11_a_field_of_the_other_direction_never_allows() -> None:
    assert not allowed(policy(policyTypes=[INGRESS], egress=[{"from": [{"podSelector": {}}]}]))
