"""Who may connect to whom under NetworkPolicies (networking.k8s.io/v1). Pure; knows no workload of this repository.

Semantics: https://kubernetes.io/docs/concepts/services-networking/network-policies/ and the API reference of
NetworkPolicySpec. Replies to an allowed connection and traffic from a pod's own node (probes) always pass; they are
not modelled.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gitops.manifests import Build, Manifest, containers, mapping, selects, sequence

NAME_LABEL = "kubernetes.io/metadata.name"  # the API server sets it on every namespace
INGRESS, EGRESS = "Ingress", "Egress"
PEERS = {INGRESS: "from", EGRESS: "to"}  # the field of a rule


@dataclass(frozen=True)
class Port:
    """A container port; `name` may be ""."""

    number: int
    protocol: str = "TCP"
    name: str = ""


@dataclass(frozen=True)
class Peer:
    """One end of a connection: a pod, or with `address` something outside the cluster, which no policy isolates."""

    name: str
    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[Port, ...] = ()
    address: str = ""


@dataclass(frozen=True)
class Network:
    """The policies of a cluster, and the labels of its namespaces by name."""

    policies: tuple[Manifest, ...]
    namespaces: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _selecting: dict[Any, list[Manifest]] = field(default_factory=dict, compare=False)

    def allows(self, source: Peer, destination: Peer, port: Port) -> bool:
        """Can `source` open a connection? Its egress and the destination's ingress must both allow it."""
        return self.leaves(source, destination, port) and self.enters(source, destination, port)

    def leaves(self, source: Peer, destination: Peer, port: Port) -> bool:
        """Does the egress of `source` allow a connection to `port` of `destination`? A pod always reaches itself."""
        return source == destination or self._allowed(EGRESS, source, destination, destination, port)

    def enters(self, source: Peer, destination: Peer, port: Port) -> bool:
        """Does the ingress of `destination` allow a connection to its `port` from `source`?"""
        return source == destination or self._allowed(INGRESS, destination, source, destination, port)

    def selecting(self, pod: Peer, direction: str) -> list[Manifest]:
        """The policies that isolate the pod in that direction; none = everything is allowed."""
        key = (direction, pod.address, pod.namespace, frozenset(pod.labels.items()))
        if key not in self._selecting:
            self._selecting[key] = [
                policy
                for policy in self.policies
                if not pod.address
                and policy.namespace == pod.namespace
                and selects(mapping(policy.get("spec", "podSelector")), pod.labels)
                and direction in directions(policy)
            ]
        return self._selecting[key]

    def matches(self, policy: Manifest, peer: Mapping[str, Any], other: Peer) -> bool:
        """Is `other` meant by one entry of `from` or `to`? Inside an entry the selectors are ANDed."""
        if "ipBlock" in peer:
            return bool(other.address) and _in_block(mapping(peer["ipBlock"]), other.address)
        pods, spaces = peer.get("podSelector"), peer.get("namespaceSelector")
        if other.address or (pods is None and spaces is None):
            return False
        if spaces is None:
            here = policy.namespace == other.namespace
        else:
            labels = {**self.namespaces.get(other.namespace, {}), NAME_LABEL: other.namespace}
            here = selects(mapping(spaces), labels)
        return here and (pods is None or selects(mapping(pods), other.labels))

    def _allowed(self, direction: str, isolated: Peer, other: Peer, destination: Peer, port: Port) -> bool:
        """Policies add up: one that allows it is enough."""
        policies = self.selecting(isolated, direction)
        return not policies or any(
            self.names(policy, direction, rule, other) and has_port(rule, destination, port)
            for policy in policies
            for rule in rules(policy, direction)
        )

    def names(self, policy: Manifest, direction: str, rule: Mapping[str, Any], other: Peer) -> bool:
        """Is `other` among the peers of a rule? No peers means everyone."""
        peers = sequence(rule.get(PEERS[direction]))
        return not peers or any(self.matches(policy, mapping(peer), other) for peer in peers)


def network(build: Build) -> Network:
    """The policies and namespaces of a build."""
    spaces = {manifest.name: manifest.labels for manifest in build.of_kind("Namespace")}
    return Network(tuple(build.of_kind("NetworkPolicy")), spaces)


def pods(build: Build) -> Iterator[Peer]:
    """One pod of each object that makes pods, those of Jobs and CronJobs too; named Kind/name."""
    for manifest in build.with_pods():
        found = [
            Port(entry["containerPort"], str(entry.get("protocol", "TCP")), str(entry.get("name", "")))
            for container in containers(manifest)
            for entry in map(mapping, sequence(container.spec.get("ports")))
            if isinstance(entry.get("containerPort"), int)
        ]
        labels = {str(key): str(value) for key, value in manifest.pod_labels.items()}
        yield Peer(f"{manifest.kind}/{manifest.name}", manifest.namespace, labels, tuple(found))


def directions(policy: Manifest) -> set[str]:
    """policyTypes, or by default Ingress always and Egress when there is an egress rule."""
    given = {str(entry) for entry in sequence(policy.get("spec", "policyTypes"))}
    return given or {INGRESS, *([EGRESS] if sequence(policy.get("spec", "egress")) else [])}


def rules(policy: Manifest, direction: str) -> Iterable[dict[str, Any]]:
    """The rules of a direction; none allows nothing, an empty one everything."""
    return map(mapping, sequence(policy.get("spec", direction.lower())))


def everyone(rule: Mapping[str, Any], direction: str) -> bool:
    """Does a rule leave its peers open?"""
    return not sequence(rule.get(PEERS[direction]))


def has_port(rule: Mapping[str, Any], destination: Peer, port: Port) -> bool:
    """Is the port among those of a rule? No ports means all."""
    ports = sequence(rule.get("ports"))
    return not ports or any(_port_matches(mapping(entry), destination, port) for entry in ports)


def _port_matches(entry: Mapping[str, Any], destination: Peer, port: Port) -> bool:
    """A name is looked up among the container ports of the destination pod, so it never fits an outside address."""
    if entry.get("protocol", "TCP") != port.protocol:
        return False
    match entry.get("port"):
        case None:
            return True
        case int(first):
            last = entry.get("endPort")
            return first <= port.number <= (last if isinstance(last, int) else first)
        case name:
            named = ((known.number, known.protocol) for known in destination.ports if known.name == name)
            return (port.number, port.protocol) in named


def _in_block(block: Mapping[str, Any], address: str) -> bool:
    """Is the address in `cidr` and in none of `except`? What is not a range holds nothing."""
    inside = [_contains(cidr, address) for cidr in [block.get("cidr"), *sequence(block.get("except"))]]
    return inside[0] and not any(inside[1:])


def _contains(cidr: Any, address: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(str(cidr), strict=False)
    except ValueError:
        return False
