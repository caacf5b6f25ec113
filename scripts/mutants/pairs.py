"""Two faults at once: both have to be said, but for one that the validator's own tables make silent."""

import random
from collections import Counter
from collections.abc import Callable, Sequence

from gitops import validation
from gitops.problems import Problem
from mutants.faults import Site
from mutants.tree import Tree

BOTH, ONE, EXCUSED = "pair: both said", "pair: one is lost", "pair: excluded"
_WHOLE = (validation.UNREADABLE, validation.STRICT, validation.BUILDS)  # what is in such a file or build is not known


def drawn(sites: Sequence[Site], count: int, draw: random.Random) -> list[tuple[Site, Site]]:
    """Random pairs that edit different files."""
    pairs = [(draw.choice(sites), draw.choice(sites)) for _ in range(4 * count)]
    return [(a, b) for a, b in pairs if not a.change.keys() & b.change.keys()][:count]


def excused(one: Site, other: Site) -> bool:
    """May one silence the other? It does when its file or build cannot be read, or the tables put its rule first."""
    rules = (one.fault.rule, other.fault.rule)
    first = {name: {*_WHOLE, *validation.YIELDS.get(name, ()), *validation.LINE_YIELDS.get(name, ())} for name in rules}
    return rules[0] in first[rules[1]] or rules[1] in first[rules[0]]


def run(tree: Tree, pairs: Sequence[tuple[Site, Site]], say: Callable[[str, list[Problem]], None]) -> Counter[str]:
    """What became of the pairs; a lost one is said."""
    counts: Counter[str] = Counter()
    for one, other in pairs:
        if excused(one, other):
            counts[EXCUSED] += 1
            continue
        found, _ = tree.problems(one.change | other.change)
        lost = [site for site in (one, other) if site.fault.rule not in {problem.rule for problem in found}]
        counts[ONE if lost else BOTH] += 1
        if lost:
            say(f"{ONE}: {lost[0].name} beside {one.name if lost[0] is other else other.name}", found)
    return counts
