"""The connections that a build's policies allow, compared with those it needs, and the field behind each difference."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

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
from gitops.layout import nearest
from gitops.manifests import Build, Manifest, mapping, selects
from gitops.source import Key, Node

INTERNET = Peer("internet", address=peers.PUBLIC)


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
            yield _extra(net, source, peer, target, port), text
        return
    if row.allowed == flows.INGRESS_ONLY and leaves:
        yield _extra(net, source, peer, target, port), text
    causes = [] if enters or target.manifest is None else [_refused(net, INGRESS, source, target, port, row)]
    if row.allowed == flows.YES and not leaves and source.manifest is not None:
        causes.append(_refused(net, EGRESS, source, target, port, row))
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


def _extra(net: Network, source: End, peer: Peer, target: End, port: Port) -> Cause:
    """Who allows it: a label of the source that a policy grants by, else the policy of the side that is inside."""
    ways = [(EGRESS, source.peer, peer)] if source.manifest else []
    ways += [(INGRESS, peer, source.peer)] if target.manifest else []
    for way, isolated, other in ways:
        for policy in net.selecting(isolated, way):
            for index, rule in enumerate(rules(policy, way)):
                if net.names(policy, way, rule, other) and has_port(rule, peer, port):
                    granted = _granting(policy, source) if way == EGRESS else None
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


def _refused(net: Network, way: str, source: End, target: End, port: Port, row: flows.Flow) -> Cause:
    """Why: a rule for this peer with another port, a label that the source lacks, or no rule at all."""
    mine, other = (source, target) if way == EGRESS else (target, source)
    for policy in net.selecting(mine.peer, way):
        for index, rule in enumerate(rules(policy, way)):
            if net.names(policy, way, rule, other.peer) and not everyone(rule, way):
                path: tuple[Key, ...] = ("spec", way.lower(), index, "ports")
                return Cause(policy, path, f"{way} {REFUSED}", f"allow port {port.number}/{port.protocol}")
    for policy in net.policies:
        for index, rule in enumerate(rules(policy, way)):
            if policy.namespace == mine.peer.namespace and has_port(rule, target.peer, port):
                found = _lacking(net, policy, way, index, source, target)
                if found:
                    return found
    fix = "add the policy, or delete the row"
    if target.manifest is None:
        return Cause(None, (), f"no policy {GRANTS}", fix, row.line)
    side = "out to it" if way == EGRESS else "in"
    message = f"no policy lets clients {side} that policies/flows.csv lists"
    return Cause(target.manifest, ("metadata", "name"), message, fix)


def _lacking(net: Network, policy: Manifest, way: str, index: int, source: End, target: End) -> Cause | None:
    """The label of a client that the source lacks, when the policy would allow it with that label."""
    rule = list(rules(policy, way))[index]
    if way == EGRESS:
        if not net.names(policy, way, rule, target.peer):
            return None
        selector = mapping(policy.get("spec", "podSelector"))
    else:
        if policy not in net.selecting(target.peer, INGRESS):
            return None
        selector = _client_selector(rule)
    labels = mapping(selector.get("matchLabels"))
    missing = [str(key) for key, value in labels.items() if source.peer.labels.get(str(key)) != value]
    if source.manifest is None or not missing or selects(selector, source.peer.labels):
        path: tuple[Key, ...] = ("spec", way.lower(), index, "from")
        return Cause(policy, path, f"{way} {REFUSED}", "name the peer") if way == INGRESS else None
    where = (*(source.manifest.pod_path or ()), "metadata", "labels")
    fix = f'add the label {missing[0]}: "{labels[missing[0]]}" to the pods, or delete the row'
    return Cause(source.manifest, where, f"without the label {missing[0]} a policy {REFUSED}", fix)


def _client_selector(rule: dict[str, object]) -> dict[str, object]:
    """The first selector by a client label among the peers of an ingress rule."""
    entries = rule.get("from")
    for peer in entries if isinstance(entries, list) else []:
        selector = mapping(mapping(peer).get("podSelector"))
        if any(str(key).startswith("pybase.dev/") for key in mapping(selector.get("matchLabels"))):
            return selector
    return {}
