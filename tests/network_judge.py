"""What two other engines (tools/network-policies) say of connections, beside ours, and random policies to ask about.

Asked is what Kubernetes defines. Pods have addresses that no ipBlock holds: whether one reaches pods is up to the
network plugin (both engines say yes, ours no). No pod is asked about itself: its traffic never leaves it, and both
engines apply policies to it.
"""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from gitops import tools
from gitops.connectivity import NAME_LABEL, Network, Peer, Port
from gitops.manifests import Manifest

ENGINES = ("kube-network-policies", "cyclonus")
SPACES = {"one": {"team": "x"}, "two": {"team": "y"}, "three": {}}
NUMBERS = (53, 80, 443, 8000, 9000)
PROTOCOLS = ("TCP", "UDP", "SCTP")
LABELS = {"app": ("a", "b", "c"), "tier": ("front", "back")}
OUTSIDE = tuple(Peer(address, address=address) for address in ("10.0.0.9", "10.0.1.9", "203.0.113.10"))
RANGES = ("0.0.0.0/0", "10.0.0.0/16", "10.0.0.0/24", "10.0.1.9/32", "203.0.113.0/24")


@dataclass(frozen=True)
class Case:
    """A network, the ends in it, and the ports to try."""

    net: Network
    ends: tuple[Peer, ...]
    ports: tuple[Port, ...]

    def probes(self) -> list[tuple[int, int, Port]]:
        """Every ordered pair with a pod in it, on every port."""
        pairs = product(range(len(self.ends)), repeat=2)
        inside = ((a, b) for a, b in pairs if a != b and not (self.ends[a].address and self.ends[b].address))
        return [(a, b, port) for a, b in inside for port in self.ports]


def address(case: Case, index: int) -> str:
    """A pod's is IPv6, so that no range of these policies holds it."""
    return case.ends[index].address or f"fd00::{index + 1:x}"


def ours(case: Case) -> str:
    return "".join(str(int(case.net.allows(case.ends[a], case.ends[b], port))) for a, b, port in case.probes())


def theirs(cases: Iterable[Case]) -> Iterator[dict[str, str]]:
    """engine -> its answers about the probes of a case, as digits."""
    lines = "".join(f"{json.dumps(_asked(case))}\n" for case in cases)
    for line in tools.run("network-policies", text=lines).splitlines():
        yield dict(zip(ENGINES, json.loads(line), strict=True))


def _asked(case: Case) -> dict[str, Any]:
    spaces = {end.namespace: case.net.namespaces.get(end.namespace, {}) for end in case.ends if not end.address}
    return {
        "namespaces": [{"metadata": {"name": name, "labels": dict(labels)}} for name, labels in spaces.items()],
        "pods": [_pod(case, index) for index, end in enumerate(case.ends) if not end.address],
        "policies": [policy.data for policy in case.net.policies],
        "probes": [
            {"from": address(case, a), "to": address(case, b), "port": port.number, "protocol": port.protocol}
            for a, b, port in case.probes()
        ],
    }


def _pod(case: Case, index: int) -> dict[str, Any]:
    end = case.ends[index]
    ports = [{"name": port.name, "containerPort": port.number, "protocol": port.protocol} for port in end.ports]
    return {
        "metadata": {"name": f"pod-{index}", "namespace": end.namespace, "labels": dict(end.labels)},
        "spec": {"containers": [{"name": "c", "ports": ports}]},
        "status": {"podIP": address(case, index)},
    }


def random_case(seed: int) -> Case:
    """8 pods in 3 namespaces, 3 ends outside, up to 8 policies, 5 ports. NotIn is used only for keys that every pod
    has: cyclonus takes a pod without the key as not selected, against the API of Kubernetes."""
    dice = random.Random(seed)
    pods = []
    for index in range(8):
        labels = {key: dice.choice(values) for key, values in LABELS.items() if key == "app" or dice.random() < 0.7}
        numbers = dice.sample(NUMBERS, dice.randint(1, 3))
        ports = [Port(n, dice.choice(PROTOCOLS), dice.choice([f"p{n}", f"web{at}"])) for at, n in enumerate(numbers)]
        pods.append(Peer(f"pod-{index}", dice.choice(list(SPACES)), labels, tuple(ports)))
    policies = tuple(_policy(dice, number) for number in range(dice.randint(1, 8)))
    ports = tuple(Port(number, dice.choice(PROTOCOLS)) for number in NUMBERS)
    return Case(Network(policies, SPACES), (*pods, *OUTSIDE), ports)


def _policy(dice: random.Random, number: int) -> Manifest:
    spec: dict[str, Any] = {"podSelector": _selector(dice)}
    if dice.random() < 0.7:
        spec["policyTypes"] = dice.choice([["Ingress"], ["Egress"], ["Ingress", "Egress"]])
    for way, field in (("ingress", "from"), ("egress", "to")):
        if dice.random() < 0.7:
            spec[way] = [_rule(dice, field) for _ in range(dice.randint(0, 3))]
    metadata = {"name": f"policy-{number}", "namespace": dice.choice(list(SPACES))}
    return Manifest({"kind": "NetworkPolicy", "metadata": metadata, "spec": spec})


def _rule(dice: random.Random, field: str) -> dict[str, Any]:
    rule: dict[str, Any] = {}
    if dice.random() < 0.8:
        rule[field] = [_peer(dice) for _ in range(dice.randint(0, 3))]
    if dice.random() < 0.7:
        rule["ports"] = [_port(dice) for _ in range(dice.randint(0, 3))]
    return rule


def _peer(dice: random.Random) -> dict[str, Any]:
    kind = dice.choice(["pods", "spaces", "both", "range"])
    if kind == "range":
        inside = {"0.0.0.0/0": ["10.0.0.0/16"], "10.0.0.0/16": ["10.0.1.0/24"]}
        cidr = dice.choice(RANGES)
        return {
            "ipBlock": {"cidr": cidr, **({"except": inside[cidr]} if cidr in inside and dice.random() < 0.5 else {})}
        }
    found = {"podSelector": _selector(dice)} if kind in ("pods", "both") else {}
    return {**found, **({"namespaceSelector": _spaces(dice)} if kind in ("spaces", "both") else {})}


def _port(dice: random.Random) -> dict[str, Any]:
    entry: dict[str, Any] = {"protocol": dice.choice(PROTOCOLS)} if dice.random() < 0.7 else {}
    match dice.choice(["none", "number", "range", "name"]):
        case "number":
            entry["port"] = dice.choice(NUMBERS)
        case "range":
            entry |= {"port": dice.choice(NUMBERS[:3]), "endPort": dice.choice(NUMBERS[2:])}
        case "name":
            entry["port"] = dice.choice([*(f"p{number}" for number in NUMBERS), "web0", "web1"])
    return entry


def _selector(dice: random.Random) -> dict[str, Any]:
    key = dice.choice(list(LABELS))
    values = dice.sample(LABELS[key], dice.randint(1, 2))
    return dice.choice(
        [
            {},
            {"matchLabels": {key: values[0]}},
            {"matchExpressions": [{"key": key, "operator": "In", "values": values}]},
            {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": [dice.choice(LABELS["app"])]}]},
            {"matchExpressions": [{"key": key, "operator": dice.choice(["Exists", "DoesNotExist"])}]},
            {"matchLabels": {"app": "a"}, "matchExpressions": [{"key": "tier", "operator": "Exists"}]},
        ]
    )


def _spaces(dice: random.Random) -> dict[str, Any]:
    return dice.choice(
        [
            {},
            {"matchLabels": {NAME_LABEL: dice.choice(list(SPACES))}},
            {"matchLabels": {"team": dice.choice("xy")}},
            {"matchExpressions": [{"key": NAME_LABEL, "operator": "NotIn", "values": [dice.choice(list(SPACES))]}]},
            {"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]},
        ]
    )
