"""`make mutants`: every fault of tests/faults at every place, and the table of what became of them.

python -m mutants [--one] [--seed N] [RULE ...]     --one: one place of each fault, drawn with the seed
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from gitops.problems import Problem
from mutants import faults, judge
from mutants.faults import Fault, Site
from mutants.tree import Tree

ROOT = Path(__file__).resolve().parents[2]
FAULTS = ROOT / "tests" / "faults"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="mutants", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("rules", nargs="*", metavar="RULE")
    parser.add_argument("--one", action="store_true", help="one place of each fault")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args(arguments)
    print(f"seed {options.seed}", flush=True)
    wanted = [f for f in (*faults.read(FAULTS), *faults.read(FAULTS / "benign")) if _chosen(f, options.rules)]
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gitops-mutants-", dir=memory()) as folder:
        tree = Tree(ROOT, Path(folder))
        counts: Counter[str] = Counter()
        for site in every(wanted, tree, random.Random(options.seed) if options.one else None):
            word, found = run(tree, site)
            counts[word] += 1
            if word not in (judge.KILLED, judge.CLEAN):
                print(f"{word}: {site.name}", *(f"    {line(problem)}" for problem in found), sep="\n", flush=True)
        restored = tree.same()
    print(f"{len(wanted)} faults, {time.monotonic() - started:.0f} s")
    print(*(f"{word:<20}{count:>6}" for word, count in sorted(counts.items())), sep="\n")
    if not restored:
        print("the copy is not what it was before")
    return 0 if restored and set(counts) <= {judge.KILLED, judge.CLEAN} else 1


def _chosen(fault: Fault, rules: list[str]) -> bool:
    return not rules or (fault.rule or "benign") in rules


def memory() -> str | None:
    """A folder in memory where there is one."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def every(wanted: Iterable[Fault], tree: Tree, draw: random.Random | None) -> Iterator[Site]:
    for fault in wanted:
        fits = [site for site in faults.sites(fault, tree.texts) if tree.reaches(site)]
        if not fits:
            print(f"fits nowhere: {fault.rule or 'benign'}: {fault.title}")
        yield from [draw.choice(fits)] if draw and fits else fits


def run(tree: Tree, site: Site) -> tuple[str, list[Problem]]:
    unchanged = all(tree.texts.get(path) == text for path, text in site.change.items())
    found, rendered = tree.problems(site.change)
    return judge.verdict(site, found, rendered, unchanged), found


def line(problem: Problem) -> str:
    return f"{problem.path}:{problem.line}: {problem.object}: {problem.message}; {problem.fix} ({problem.rule})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
