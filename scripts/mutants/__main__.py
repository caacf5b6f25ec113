"""Every fault of tests/faults at every place, pairs of them, and the table of what became of them: `make mutants`."""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from gitops.problems import Problem
from mutants import faults, judge, pairs
from mutants.faults import Fault, Site
from mutants.tree import Tree

ROOT = Path(__file__).resolve().parents[2]
FAULTS = ROOT / "tests" / "faults"
PAIRS = 300
GOOD = (judge.KILLED, judge.CLEAN, pairs.BOTH, pairs.EXCUSED)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="mutants", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("rules", nargs="*", metavar="RULE", help='only the faults of these rules, "benign" among them')
    parser.add_argument("--one", action="store_true", help="one place of each fault in a few clusters, no pairs")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="of what is drawn")
    options = parser.parse_args(arguments)
    print(f"seed {options.seed}", flush=True)
    draw = random.Random(options.seed)
    wanted = [f for f in every() if not options.rules or (f.rule or "benign") in options.rules]
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gitops-mutants-", dir=memory()) as folder:
        tree = Tree(ROOT, Path(folder), few=options.one)
        found = {fault: places(fault, tree) for fault in wanted}
        sites = [site for fits in found.values() for site in ([draw.choice(fits)] if options.one and fits else fits)]
        print(f"{len(sites)} mutants", flush=True)
        counts = Counter(_judged(tree, sites))
        counts["fits nowhere"] += sum(not fits for fits in found.values())
        faulty = [site for site in sites if site.fault.rule]
        if faulty and not options.one:
            counts += pairs.run(tree, pairs.drawn(faulty, PAIRS, draw), show)
        same = tree.same()
    print(f"{len(wanted)} faults and edits, {len(sites)} mutants, {time.monotonic() - started:.0f} s")
    print(*(f"{word:<20}{count:>6}" for word, count in sorted(counts.items()) if count), sep="\n")
    if not same:
        print("the copy of the tree is not what it was before")
    return 0 if same and all(word in GOOD for word, count in counts.items() if count) else 1


def every() -> list[Fault]:
    """Faults and benign edits."""
    return [*faults.read(FAULTS), *faults.read(FAULTS / "benign")]


def memory() -> str | None:
    """A folder in memory where there is one."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def places(fault: Fault, tree: Tree) -> list[Site]:
    """Where the fault can be made and its rule can see it."""
    return [site for site in faults.sites(fault, tree.texts) if tree.reaches(site)]


def run(tree: Tree, site: Site) -> tuple[str, list[Problem]]:
    """What became of one mutant, and what the validator found."""
    unchanged = all(tree.texts.get(path) == text for path, text in site.change.items())
    found, rendered = tree.problems(site.change)
    return judge.verdict(site, found, rendered, unchanged), found


def show(title: str, found: list[Problem]) -> None:
    print(title, *(f"    {line(problem)}" for problem in found), sep="\n", flush=True)


def line(problem: Problem) -> str:
    return f"{problem.path}:{problem.line}: {problem.object}: {problem.message}; {problem.fix} ({problem.rule})"


def _judged(tree: Tree, sites: list[Site]) -> Iterator[str]:
    for site in sites:
        word, found = run(tree, site)
        yield word
        if word not in GOOD:
            show(f"{word}: {site.name}", found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
