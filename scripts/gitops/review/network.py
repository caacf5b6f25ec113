"""The connections that a change makes possible, or impossible. Pure."""

from collections.abc import Iterable

from gitops import flows, matrix
from gitops.comparison import Comparison, Pair
from gitops.connectivity import network, pods
from gitops.fleet import Fleet
from gitops.manifests import Build
from gitops.review.places import Line, grouped
from gitops.risk.case import Connection


def moved(comparison: Comparison, pair: Pair) -> tuple[frozenset[Connection], frozenset[Connection]]:
    """(gained, lost) in a build; nothing when neither pods nor policies change."""
    if pair.broken or pair.part == "apps" or _shape(pair.old) == _shape(pair.new):
        return frozenset(), frozenset()
    before, after = _allowed(comparison.old, pair.old), _allowed(comparison.new, pair.new)
    return frozenset(after - before), frozenset(before - after)


def lines(found: Iterable[tuple[Iterable[Connection], str]]) -> tuple[Line, ...]:
    """From (connections, place): the ports of each source and target together, with the places."""
    each = grouped((key, place) for connections, place in found for key in _by_ports(connections))
    return tuple(Line(f"{key[0]} -> {key[1]}", "", ", ".join(key[2]), places) for key, places in sorted(each))


def _allowed(side: Fleet, build: Build | None) -> set[Connection]:
    if build is None:
        return set()
    file = side.sources.get(side.repository.policy_file(flows.FILE))
    rows = flows.parse(file.text) if file else []
    return matrix.connections(side, build, [row for row in rows if isinstance(row, flows.Flow)])


def _shape(build: Build | None) -> object:
    """Everything that connections depend on."""
    if build is None:
        return None
    found = network(build)
    policies = sorted(repr((policy.identity, policy.get("spec"))) for policy in found.policies)
    return repr((policies, sorted(found.namespaces.items()), sorted(map(repr, pods(build)))))


def _by_ports(found: Iterable[Connection]) -> list[tuple[str, str, tuple[str, ...]]]:
    held: dict[tuple[str, str], list[str]] = {}
    for source, target, port in sorted(found, key=lambda each: (each[:2], int(each[2].split("/")[0]))):
        held.setdefault((source, target), []).append(port)
    return [(source, target, tuple(ports)) for (source, target), ports in held.items()]
