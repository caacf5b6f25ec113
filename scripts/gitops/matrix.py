"""The connections that a build's policies allow, compared with those it needs."""

from collections.abc import Iterator
from dataclasses import replace

from gitops import flows, peers
from gitops.connectivity import (
    EGRESS,
    INGRESS,
    Network,
    Peer,
    Port,
    everyone,
    has_port,
    network,
    pods,
    rules,
)
from gitops.fleet import Fleet
from gitops.flow_causes import GRANTS, Cause, End, extra, refused
from gitops.layout import nearest
from gitops.manifests import Build
from gitops.nodes import Node

INTERNET = Peer("internet", address=peers.PUBLIC)


def ends(fleet: Fleet, build: Build) -> list[End]:
    """The pods of the build, then the ends outside."""
    inside = [End(peers.component(m), peer, m) for m, peer in zip(build.with_pods(), pods(build), strict=True)]
    known = peers.declared(fleet, build)
    stubs = {(stub.name, stub.address, stub.namespace): stub for stub in [INTERNET, *_in_use(build, known)]}
    for stub in peers.outside(build, known):
        stubs[stub.name, stub.address, stub.namespace] = stub
    return [*inside, *(End(stub.name, stub) for stub in stubs.values())]


def _in_use(build: Build, known: list[tuple[Peer, str]]) -> list[Peer]:
    """The declared peers; of several with one name, as the edges of a platform, those that a policy names."""
    net = network(build)
    named = [
        stub
        for stub, _ in known
        for policy in net.policies
        for way in (INGRESS, EGRESS)
        if any(not everyone(rule, way) and net.names(policy, way, rule, stub) for rule in rules(policy, way))
    ]
    return [stub for stub, _ in known if stub in named or stub.name not in {other.name for other in named}]


def unknown(fleet: Fleet, table: list[flows.Flow]) -> Iterator[flows.Malformed]:
    """Rows with an end that is no component of the sources and nothing outside."""
    labels = ("metadata", "labels", "app.kubernetes.io/component")
    names = {document.text(*labels) for source in fleet.sources.values() for document in source.documents} - {""}
    declared = fleet.policy(peers.POLICY)
    outside = {node.text("name") for node in ((declared and declared.get("peers")) or Node([], 1)).items()}
    names |= outside | {INTERNET.name, "*"}
    for flow in table:
        for name in (flow.source, flow.destination):
            if name.removeprefix("external-") not in names:
                yield flows.Malformed(flow.line, f"{name} is no component and no declared peer{nearest(name, names)}")


def differences(fleet: Fleet, build: Build, table: list[flows.Flow]) -> Iterator[tuple[Cause, str]]:
    """(what is behind it, "source -> target:port") of every connection that is not as the table wants it."""
    net, known = network(build), ends(fleet, build)
    components = [end.name for end in known if end.manifest]
    wanted = flows.wanted(table, components, lambda folder: peers.lists(build, folder))
    everywhere = {port for end in known if end.manifest for port in end.peer.ports}
    for source in known:
        for target in known:
            if source.manifest is None and target.manifest is None:
                continue
            for port in sorted(_ports(target, everywhere, table), key=repr):
                yield from _cell(net, known, wanted, source, target, port)


def connections(fleet: Fleet, build: Build, table: list[flows.Flow]) -> set[tuple[str, str, str]]:
    """(source, target, port) of every connection that the build's policies allow, replicas of one workload left out."""
    net, known = network(build), ends(fleet, build)
    everywhere = {port for end in known if end.manifest for port in end.peer.ports}
    return {
        (source.name, target.name, f"{port.number}{'' if port.protocol == 'TCP' else '/' + port.protocol}")
        for source in known
        for target in known
        if source is not target and (source.manifest or target.manifest)
        for port in _ports(target, everywhere, table)
        if net.allows(source.peer, target.peer, port)
    }


def _ports(target: End, everywhere: set[Port], table: list[flows.Flow]) -> set[Port]:
    """The ports to try: a pod is tried on the ports of all pods, an end outside on those that anything names for it."""
    listed = {flow.port for flow in table if flow.destination == target.name}
    found = {*listed, *target.peer.ports, *(everywhere if target.manifest else ())}
    if target.name.startswith("external-") and target.peer.ports:
        found = set(target.peer.ports)
    return {Port(port.number, port.protocol) for port in found}


def _cell(
    net: Network, known: list[End], wanted: dict[flows.Key, flows.Flow], source: End, target: End, port: Port
) -> Iterator[tuple[Cause, str]]:
    peer = target.peer
    if source is target:
        peer = replace(peer, name=f"another {peer.name}")  # a pod always reaches itself, but not its replica
    leaves, enters = net.leaves(source.peer, peer, port), net.enters(source.peer, peer, port)
    row = wanted.get(flows.key(source.name, target.name, port))
    text = f"{source.name} -> {target.name}:{port.number}{'' if port.protocol == 'TCP' else '/' + port.protocol}"
    if row is None:
        if leaves and enters and not _overlaps(net, known, wanted, source, target, port):
            moved = any(key[:2] == (source.name, target.name) for key in wanted)
            yield extra(net, source, peer, target, port, moved), text
        return
    if row.allowed == flows.INGRESS_ONLY and leaves:
        yield extra(net, source, peer, target, port, moved=False), text
    causes = [] if enters or target.manifest is None else [refused(net, INGRESS, source, target, port, row)]
    if row.allowed == flows.YES and not leaves and source.manifest is not None:
        causes.append(refused(net, EGRESS, source, target, port, row))
    if len(set(map(repr, causes))) > 1:  # neither side knows of it: the row is what is new
        causes = [Cause(None, (), f"no policy {GRANTS}", "add the policies, or delete the row", row.line)]
    for cause in causes[:1]:
        yield cause, text


def _overlaps(
    net: Network, known: list[End], wanted: dict[flows.Key, flows.Flow], source: End, target: End, port: Port
) -> bool:
    """Does every rule that allows it for the end outside also name one for which it is wanted? Their ranges overlap,
    and a policy cannot tell such ends apart."""
    if target.peer.address:
        way, mine, other = EGRESS, source.peer, target.peer
        alike = [end.peer for end in known if flows.key(source.name, end.name, port) in wanted]
    elif source.peer.address:
        way, mine, other = INGRESS, target.peer, source.peer
        alike = [end.peer for end in known if flows.key(end.name, target.name, port) in wanted]
    else:
        return False
    return all(
        any(net.names(policy, way, rule, peer) for peer in alike)
        for policy in net.selecting(mine, way)
        for rule in rules(policy, way)
        if net.names(policy, way, rule, other) and has_port(rule, target.peer, port)
    )
