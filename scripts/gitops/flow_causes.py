"""The field behind a connection that policies allow or refuse against the flow matrix: what a person has to edit."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gitops import flows
from gitops.connectivity import EGRESS, INGRESS, Network, Peer, Port, everyone, has_port, rules
from gitops.manifests import Manifest, mapping, selects, sequence
from gitops.nodes import Key


@dataclass(frozen=True)
class End:
    """One end of connections, by its name in the table; `manifest` is None for an end outside the workload."""

    name: str
    peer: Peer
    manifest: Manifest | None = None


@dataclass(frozen=True)
class Cause:
    """The field behind a difference, or with `manifest` None the `line` of the table."""

    manifest: Manifest | None
    path: tuple[Key, ...]
    message: str
    fix: str
    line: int = 0


ALLOWED = "allows what policies/flows.csv does not list"
REFUSED = "refuses what policies/flows.csv lists"
GRANTS = "allows what policies/flows.csv lists"
EXTRA_FIX = "remove it, or add the row in the same commit"


def extra(net: Network, source: End, peer: Peer, target: End, port: Port, moved: bool) -> Cause:
    """Who allows it: a label of the source that a policy grants by, else the policy of the side that is inside.
    `moved`: the table lists the two with another port, so the policy has the wrong one, whoever has the label."""
    ways = [(EGRESS, source.peer, peer)] if source.manifest else []
    ways += [(INGRESS, peer, source.peer)] if target.manifest else []
    for way, isolated, other in ways:
        for policy in net.selecting(isolated, way):
            for index, rule in enumerate(rules(policy, way)):
                if net.names(policy, way, rule, other) and has_port(rule, peer, port):
                    granted = _granting(policy, source) if way == EGRESS and not moved else None
                    if granted and source.manifest:
                        labels = (*(source.manifest.pod_path or ()), "metadata", "labels", granted)
                        return Cause(source.manifest, labels, f"label {granted} {ALLOWED}", EXTRA_FIX)
                    return Cause(policy, ("spec", way.lower(), index), f"a rule {ALLOWED}", EXTRA_FIX)
    inside = source.manifest or target.manifest
    return Cause(inside, ("metadata", "name"), f"no policy selects its pods, and that {ALLOWED}", "add a policy")


def _granting(policy: Manifest, end: End) -> str | None:
    """The label by which the policy chooses its pods, when it is one that grants: pybase.dev/..."""
    labels = mapping(mapping(policy.get("spec", "podSelector")).get("matchLabels"))
    return next((str(key) for key in labels if str(key).startswith("pybase.dev/") and key in end.peer.labels), None)


def refused(net: Network, way: str, source: End, target: End, port: Port, row: flows.Flow) -> Cause:
    """Why one side refuses a wanted connection: a label that the source lacks, a rule for this peer with another port,
    a rule for this port with another peer, or no rule at all."""
    found = _label(net, way, source, target, port) or _port(net, way, source, target, port)
    found = found or (_peer(net, target, port) if way == INGRESS else None)
    fix = "add the policy, or delete the row"
    if found or target.manifest is None:
        return found or Cause(None, (), f"no policy {GRANTS}", fix, row.line)
    side = "out to it" if way == EGRESS else "in"
    message = f"no policy lets clients {side} that policies/flows.csv lists"
    return Cause(target.manifest, ("metadata", "name"), message, fix)


def _label(net: Network, way: str, source: End, target: End, port: Port) -> Cause | None:
    """A policy would allow it if the source carried the label by which the policy knows clients."""
    for policy, rule in _rules(net, way, target, port):
        for selector in _clients(net, way, policy, rule, target):
            labels = mapping(selector.get("matchLabels"))
            missing = [str(key) for key, value in labels.items() if source.peer.labels.get(str(key)) != value]
            if source.manifest and missing and not selects(selector, source.peer.labels):
                where = (*(source.manifest.pod_path or ()), "metadata", "labels")
                fix = f'add the label {missing[0]}: "{labels[missing[0]]}" to the pods, or delete the row'
                return Cause(source.manifest, where, f"without the label {missing[0]} a policy {REFUSED}", fix)
    return None


def _rules(net: Network, way: str, target: End, port: Port) -> Iterator[tuple[Manifest, dict[str, Any]]]:
    """The rules of a direction that have the port."""
    for policy in net.policies:
        for rule in rules(policy, way):
            if has_port(rule, target.peer, port):
                yield policy, rule


def _clients(net: Network, way: str, policy: Manifest, rule: dict[str, Any], target: End) -> Iterator[dict[str, Any]]:
    """The selectors that grant a way to the target by a label pybase.dev/...: of the policy, or among its peers."""
    if way == EGRESS:
        found = [policy.get("spec", "podSelector")] if net.names(policy, way, rule, target.peer) else []
    else:
        peers = sequence(rule.get("from")) if policy in net.selecting(target.peer, way) else []
        found = [mapping(peer).get("podSelector") for peer in peers]
    for selector in map(mapping, found):
        if any(str(key).startswith("pybase.dev/") for key in mapping(selector.get("matchLabels"))):
            yield selector


def _port(net: Network, way: str, source: End, target: End, port: Port) -> Cause | None:
    mine, other = (source, target) if way == EGRESS else (target, source)
    for policy in net.selecting(mine.peer, way):
        for index, rule in enumerate(rules(policy, way)):
            if net.names(policy, way, rule, other.peer) and not everyone(rule, way):
                path: tuple[Key, ...] = ("spec", way.lower(), index, "ports")
                return Cause(policy, path, f"{way} {REFUSED}", f"allow port {port.number}/{port.protocol}")
    return None


def _peer(net: Network, target: End, port: Port) -> Cause | None:
    for policy in net.selecting(target.peer, INGRESS):
        for index, rule in enumerate(rules(policy, INGRESS)):
            if has_port(rule, target.peer, port):
                path: tuple[Key, ...] = ("spec", "ingress", index, "from")
                return Cause(policy, path, f"{INGRESS} {REFUSED}", "name the peer")
    return None
