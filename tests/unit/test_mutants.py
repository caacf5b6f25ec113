"""Every fault of tests/faults at one place of a copy of the tree, drawn with a seed: GITOPS_SEED repeats a run."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops.rules import all_rules
from mutants import faults, judge
from mutants.__main__ import FAULTS, line, memory, run
from mutants.tree import Tree
from support import ROOT

SEED = int(os.environ.get("GITOPS_SEED") or random.randrange(1 << 32))
EVERY = [*faults.read(FAULTS), *faults.read(FAULTS / "benign")]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    made = Tree(ROOT, Path(memory() or tmp_path_factory.getbasetemp()) / f"gitops-mutants-{os.getpid()}")
    yield made
    assert made.same()
    made.close()


@pytest.mark.parametrize("fault", EVERY, ids=lambda fault: f"{fault.rule or 'benign'}: {fault.title}")
def test_fault_is_found(fault: faults.Fault, tree: Tree) -> None:
    fits = [site for site in faults.sites(fault, tree.texts) if tree.reaches(site)]
    site = random.Random(f"{SEED} {fault.title}").choice(fits)
    word, found = run(tree, site)
    said = "\n".join([f"{site.name}: {word}; GITOPS_SEED={SEED}", *map(line, found)])
    assert word in (judge.KILLED, judge.CLEAN), said


def test_every_rule_has_a_fault() -> None:
    assert {fault.rule for fault in EVERY} - {""} <= {rule.id for rule in all_rules()}
