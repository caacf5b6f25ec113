"""The connections that a change makes possible, or impossible. Pure."""

from collections.abc import Iterable

from gitops import flows, matrix
from gitops.comparison import Comparison, Pair
from gitops.connectivity import network, pods
from gitops.fleet import Fleet
from gitops.manifests import Build
from gitops.review.places import Line, Places, grouped
from gitops.risk.case import Connection


def moved(comparison: Comparison, pair: Pair) -> tuple[frozenset[Connection], frozenset[Connection]]:
    """(gained, lost) in a build that is on both sides; nothing when neither pods nor policies change."""
    if pair.old is None or pair.new is None or pair.broken or pair.part == "apps":
        return frozenset(), frozenset()
    if _shape(pair.old) == _shape(pair.new):
        return frozenset(), frozenset()
    before, after = _allowed(comparison.old, pair.old), _allowed(comparison.new, pair.new)
    return frozenset(after - before), frozenset(before - after)


def lines(found: Iterable[tuple[Iterable[Connection], str]]) -> tuple[Line, ...]:
    """From (connections, place): sources, targets and ports that are alike together, with the places."""
    ports: dict[tuple[str, str, Places], list[str]] = {}
    each = grouped((connection, place) for connections, place in found for connection in connections)
    for (source, target, port), places in sorted(each, key=_by_number):
        ports.setdefault((source, target, places), []).append(port)
    targets: dict[tuple[str, str, Places], list[str]] = {}
    for (source, target, places), several in ports.items():
        targets.setdefault((source, ", ".join(several), places), []).append(target)
    sources: dict[tuple[str, str, Places], list[str]] = {}
    for (source, numbers, places), several in targets.items():
        sources.setdefault((", ".join(several), numbers, places), []).append(source)
    return tuple(
        Line(f"{', '.join(names)} -> {to}", "", numbers, places) for (to, numbers, places), names in sources.items()
    )


def _by_number(found: tuple[Connection, Places]) -> tuple[str, str, int, str]:
    (source, target, port), _ = found
    return source, target, int(port.partition("/")[0]), port


def _allowed(side: Fleet, build: Build) -> set[Connection]:
    file = side.sources.get(side.repository.policy_file(flows.FILE))
    rows = flows.parse(file.text) if file else []
    return matrix.connections(side, build, [row for row in rows if isinstance(row, flows.Flow)])


def _shape(build: Build) -> object:
    """Everything that connections depend on."""
    found = network(build)
    return [policy.data for policy in found.policies], found.namespaces, list(pods(build))
