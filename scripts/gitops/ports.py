"""Container ports, and the fields that name one: probes, Services and network policies. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from gitops import peers
from gitops.connectivity import EGRESS, INGRESS, PEERS, Network, Peer, network, pods, rules
from gitops.fleet import Fleet
from gitops.manifests import Build, Container, Manifest, containers, dig, mapping, selects, sequence
from gitops.nodes import Key
from gitops.selection import TASKS, owners, selected, service_selector

Path = tuple[Key, ...]
PROBES = (
    ("livenessProbe",),
    ("readinessProbe",),
    ("startupProbe",),
    ("lifecycle", "postStart"),
    ("lifecycle", "preStop"),
)
HANDLERS = ("httpGet", "tcpSocket", "grpc")


@dataclass(frozen=True)
class Declared:
    """An entry of a container's `ports`, at `path` of the object."""

    manifest: Manifest
    path: Path
    number: int
    protocol: str
    name: str


@dataclass(frozen=True)
class Reference:
    """A field that names a container port by name or number (to `last` for a range); `what` it is called."""

    manifest: Manifest
    path: Path
    what: str
    value: int | str
    protocol: str
    declared: tuple[Declared, ...]
    pods: tuple[Manifest, ...]
    last: int = 0

    @property
    def written(self) -> str:
        return f"{self.value}{f'-{self.last}' if self.last else ''}"

    def fits(self, port: Declared, *, protocol: bool = True) -> bool:
        """Is it that port? Without `protocol`: but for the protocol."""
        if protocol and port.protocol != self.protocol:
            return False
        if isinstance(self.value, int):
            return self.value <= port.number <= (self.last or self.value)
        return port.name == self.value


def declared(manifest: Manifest, only: Container | None = None) -> list[Declared]:
    """The ports that an object's containers declare, or one of them."""
    return [
        Declared(
            manifest, (*container.path, "ports", index), number, _text(entry, "protocol", "TCP"), _text(entry, "name")
        )
        for container in containers(manifest)
        if only is None or container.path == only.path
        for index, entry in enumerate(map(mapping, sequence(container.spec.get("ports"))))
        if (number := _number(entry.get("containerPort")))
    ]


def _number(value: Any) -> int:
    """A port; one in quotes is schema-valid's business."""
    return int(value) if re.fullmatch(r"\d{1,5}", str(value)) else 0


def of_probes(build: Build) -> Iterator[Reference]:
    """Ports of probes and of lifecycle hooks. A name is looked up in the own container, a number in the whole pod."""
    for manifest in build.with_pods():
        for container in containers(manifest):
            for where in PROBES:
                for handler in HANDLERS:
                    value = dig(container.spec, *where, handler, "port")
                    if _is_port(value):
                        known = declared(manifest, container if isinstance(value, str) else None)
                        path = (*container.path, *where, handler, "port")
                        yield Reference(manifest, path, f"{where[-1]} port", value, "TCP", tuple(known), (manifest,))


def serving(build: Build, service: Manifest) -> list[Manifest]:
    """The workloads that a Service is for: those of its own labels among the selected, else one of the two."""
    selector = service_selector(service)
    found = selected(build, service.namespace, selector) if selector else []
    own = owners(build, service) if selector else []
    both = [manifest for manifest in found if manifest in own] or own or found
    return [manifest for manifest in both if manifest.kind not in TASKS] or both


def of_services(build: Build) -> Iterator[Reference]:
    """targetPort, by default the port itself."""
    for service in build.of_kind("Service"):
        targets = serving(build, service)
        known = tuple(port for manifest in targets for port in declared(manifest))
        for index, entry in enumerate(map(mapping, sequence(service.get("spec", "ports")))):
            field = "targetPort" if _is_port(entry.get("targetPort")) else "port"
            value = entry.get(field)
            if targets and _is_port(value):
                path, protocol = ("spec", "ports", index, field), _text(entry, "protocol", "TCP")
                yield Reference(service, path, field, value, protocol, known, tuple(targets))


def of_policies(fleet: Fleet, build: Build) -> Iterator[Reference]:
    """Ports of ingress rules, and of egress rules towards pods of the build alone."""
    net, known = network(build), [peer for peer, _ in peers.declared(fleet, build)]
    inside = list(zip(build.with_pods(), pods(build), strict=True))
    for policy in build.of_kind("NetworkPolicy"):
        near = [(manifest, pod) for manifest, pod in inside if pod.namespace == policy.namespace]
        chosen = mapping(policy.get("spec", "podSelector"))
        others = any(selects(chosen, stub.labels) and stub.namespace == policy.namespace for stub in known)
        picked = [] if others else [manifest for manifest, pod in near if selects(chosen, pod.labels)]
        for index, rule in enumerate(rules(policy, INGRESS)):
            yield from _of_rule(policy, ("spec", "ingress", index), "ingress port", rule, picked)
        for index, rule in enumerate(rules(policy, EGRESS)):
            reached = _reached(net, policy, rule, inside, known)
            yield from _of_rule(policy, ("spec", "egress", index), "egress port", rule, reached)


def _reached(
    net: Network, policy: Manifest, rule: Mapping[str, Any], inside: Iterable[tuple[Manifest, Peer]], known: list[Peer]
) -> list[Manifest]:
    """The workloads that an egress rule leads to; [] when it leads elsewhere too."""
    listed = [mapping(peer) for peer in sequence(rule.get(PEERS[EGRESS]))]
    if any("ipBlock" in peer or any(net.matches(policy, peer, stub) for stub in known) for peer in listed):
        return []
    return [manifest for manifest, pod in inside if any(net.matches(policy, peer, pod) for peer in listed)]


def _of_rule(
    policy: Manifest, path: Path, what: str, rule: Mapping[str, Any], targets: list[Manifest]
) -> Iterator[Reference]:
    known = tuple(port for manifest in targets for port in declared(manifest))
    for index, entry in enumerate(map(mapping, sequence(rule.get("ports")))):
        value, last = entry.get("port"), entry.get("endPort")
        if targets and _is_port(value):
            end = last if isinstance(last, int) else 0
            where, protocol = (*path, "ports", index, "port"), _text(entry, "protocol", "TCP")
            yield Reference(policy, where, what, value, protocol, known, tuple(targets), end)


def _is_port(value: Any) -> TypeGuard[int | str]:
    return isinstance(value, int | str) and not isinstance(value, bool) and value != ""


def _text(entry: Mapping[str, Any], key: str, default: str = "") -> str:
    return str(entry.get(key) or default)
