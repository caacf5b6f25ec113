"""What a reviewer is told, made from two revisions: each thing once, with the clusters it reaches. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gitops.comparison import Comparison, Pair, broken
from gitops.review import gate, network, versions
from gitops.review.hunks import Hunk, hunks
from gitops.review.places import Line, Places, grouped
from gitops.risk import HIGH, LOW, MEDIUM, Case, Flag, flags, restarts

LEVELS = (HIGH, MEDIUM, LOW)


@dataclass(frozen=True)
class Review:
    """`fleet`: environment -> all its clusters; `places` those that change, clusters or folders, of which `come` and
    `gone` are whole ones: what runs in these is in `hunks` only. `counts` of objects by status, `files` of changed
    files. `faults`: why the change does not pass, a sentence each. `risks` by level, with their places. `unread`:
    changed files that no build reads. `notes`: builds that cannot be compared."""

    base: str
    head: str
    fleet: Mapping[str, Places]
    files: int
    places: Places
    counts: Mapping[str, int]
    faults: tuple[str, ...]
    risks: tuple[tuple[Flag, Places], ...]
    images: tuple[Line, ...]
    sizes: tuple[Line, ...]
    gained: tuple[Line, ...]
    lost: tuple[Line, ...]
    restarts: tuple[Line, ...]
    hunks: tuple[Hunk, ...]
    come: Places
    gone: Places
    unread: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def risk(self) -> str:
        """The highest level of a flag, "none" without one."""
        found = {flag.level for flag, _ in self.risks}
        return next((level for level in LEVELS if level in found), "none")

    @property
    def environments(self) -> Places:
        """Those with a cluster that changes."""
        return tuple(name for name, clusters in self.fleet.items() if set(clusters) & set(self.places))


def review(comparison: Comparison) -> Review:
    """Everything there is to say of a change."""
    pairs = comparison.pairs
    connections = [(network.moved(comparison, pair), pair) for pair in pairs]
    cases = [Case(pair, comparison, gained) for (gained, _), pair in connections if not pair.broken]
    risks = grouped((flag, case.pair.place) for case in cases for flag in flags(case))
    risks.sort(key=lambda found: (LEVELS.index(found[0].level), found[0].id, found[0].object))
    differing = [pair for pair in pairs if pair.objects]
    staying = [pair for pair in pairs if pair.old and pair.new]
    changed = {
        name: _places(pair.place for pair in differing if pair.environment == name) for name in _environments(differing)
    }
    again = grouped((found, case.pair.place) for case in cases for found in restarts.restarted(case))
    return Review(
        base=comparison.base,
        head=comparison.head,
        fleet=_fleet(comparison),
        files=len(comparison.changed),
        places=_places(pair.place for pair in differing),
        counts=Counter(difference.status for pair in pairs for difference in pair.objects),
        faults=tuple(gate.faults(comparison, risks, changed)),
        risks=tuple(risks),
        images=tuple(versions.moved(staying)),
        sizes=tuple(versions.sized(staying)),
        gained=network.lines((gained, pair.place) for (gained, _), pair in connections),
        lost=network.lines((lost, pair.place) for (_, lost), pair in connections),
        restarts=tuple(
            Line(name, "", "only a new hash" if hashed else "its pods change", places)
            for (name, hashed), places in again
        ),
        hunks=tuple(hunks((pair.place, difference) for pair in pairs for difference in pair.objects)),
        come=_places(pair.place for pair in pairs if pair.old is None),
        gone=_places(pair.place for pair in pairs if pair.new is None),
        unread=comparison.unread,
        notes=tuple(broken(comparison)),
    )


def _places(names: Iterable[str]) -> Places:
    return tuple(dict.fromkeys(names))


def _environments(pairs: list[Pair]) -> list[str]:
    return sorted({pair.environment for pair in pairs} - {""})


def _fleet(comparison: Comparison) -> dict[str, Places]:
    clusters = {c.name: c.environment for side in (comparison.old, comparison.new) for c in side.clusters}
    found: dict[str, list[str]] = {}
    for name, environment in sorted(clusters.items()):
        found.setdefault(environment, []).append(name)
    return {environment: tuple(names) for environment, names in sorted(found.items())}
