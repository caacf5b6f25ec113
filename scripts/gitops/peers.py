"""What network policies may name beside the workload's own pods: the peers of policies/peers.yaml, as stubs. Pure.

An entry has a `name`, a `provider` (all when left out) and where it is: a `namespace`, with the labels of its `pods`
where a policy names them; a `cidr`; or a `fact` of the cluster that holds a range.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from gitops import facts
from gitops.connectivity import EGRESS, Peer, Port, rules
from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest, dig, mapping, sequence

PUBLIC = "203.0.113.10"  # an address that is nobody's (RFC 5737), for what is anywhere on the internet
POLICY = "peers.yaml"


def declared(fleet: Fleet, build: Build) -> list[tuple[Peer, str]]:
    """The declared peers of the build's cluster, each with its range, "" for pods."""
    cluster = fleet.cluster(build)
    source = fleet.sources.get(fleet.repository.facts_file(cluster.name)) if cluster else None
    known = facts.read(source) if source else {}
    found = []
    for entry in map(mapping, sequence(fleet.table(POLICY).get("peers"))):
        if cluster is None or entry.get("provider", cluster.provider) != cluster.provider:
            continue
        cidr = str(entry.get("cidr") or known.get(str(entry.get("fact")), ""))
        peer = _stub(entry, cidr)
        if peer:
            found.append((peer, cidr))
    return found


def _stub(entry: Mapping[str, Any], cidr: str) -> Peer | None:
    name = str(entry.get("name"))
    if entry.get("namespace"):
        labels = {str(key): str(value) for key, value in mapping(entry.get("pods")).items()}
        return Peer(name, str(entry["namespace"]), labels)
    address = address_in(cidr)
    return Peer(name, address=address) if address else None


def outside(build: Build, known: list[tuple[Peer, str]]) -> list[Peer]:
    """What the build's egress rules reach by range, with the ports they name.

    The name is the declared peer's of the same range; else external-<store> for the policy of an external store, and
    internet for any other.
    """
    names = {cidr: peer.name for peer, cidr in known if cidr}
    found: dict[tuple[str, str], set[Port]] = {}
    for policy in build.of_kind("NetworkPolicy"):
        for rule in rules(policy, EGRESS):
            for cidr in _ranges(rule):
                key = names.get(cidr) or _external(build, policy), address_in(cidr)
                found.setdefault(key, set()).update(_ports(rule))
    return [
        Peer(name, address=address, ports=tuple(sorted(ports, key=repr)))
        for (name, address), ports in found.items()
        if address
    ]


def _external(build: Build, policy: Manifest) -> str:
    store = policy.labels.get("app.kubernetes.io/component", "")
    return f"external-{store}" if lists(build, f"stores/{store}-external") else "internet"


def lists(build: Build, component: str) -> bool:
    """Does the build list that folder of components/?"""
    return any(path.startswith(f"components/{component}/") for path in build.reads)


def _ranges(rule: Mapping[str, Any]) -> Iterator[str]:
    for peer in sequence(rule.get("to")):
        cidr = dig(peer, "ipBlock", "cidr")
        if isinstance(cidr, str):
            yield cidr


def _ports(rule: Mapping[str, Any]) -> Iterator[Port]:
    for entry in map(mapping, sequence(rule.get("ports"))):
        if isinstance(entry.get("port"), int):
            yield Port(entry["port"], str(entry.get("protocol", "TCP")))


def address_in(cidr: str) -> str:
    """An address of a range: a public one where the range has it; "" for what is no range."""
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return ""
    public = ipaddress.ip_address(PUBLIC)
    return PUBLIC if public in network else str(network[min(1, network.num_addresses - 1)])


def component(manifest: Manifest) -> str:
    """What a pod is called in the flow matrix."""
    return str(manifest.pod_labels.get("app.kubernetes.io/component", manifest.name))
