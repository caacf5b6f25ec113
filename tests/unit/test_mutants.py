"""A fault of every rule, benign edits and pairs in a copy of the tree, drawn with a seed: GITOPS_SEED repeats a run."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops.rules import all_rules
from mutants import judge, pairs
from mutants.__main__ import every, line, memory, places, run
from mutants.tree import Tree
from support import ROOT, Gitops

SEED = int(os.environ.get("GITOPS_SEED") or 1)
DRAW = random.Random(SEED)
FAULTS = [fault for fault in every() if fault.rule]
BENIGN = [fault for fault in every() if not fault.rule]
RULES = sorted({fault.rule for fault in FAULTS})
SAMPLE = [*(DRAW.choice([f for f in FAULTS if f.rule == rule]) for rule in RULES), *DRAW.sample(BENIGN, 6)]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    made = Tree(ROOT, Path(memory() or tmp_path_factory.getbasetemp()) / f"gitops-mutants-{os.getpid()}", few=True)
    yield made
    same = made.same()
    made.close()
    assert same


@pytest.mark.parametrize("fault", SAMPLE, ids=lambda fault: f"{fault.rule or 'benign'}: {fault.title}")
def test_fault_is_found_and_a_benign_edit_is_not(fault, tree: Tree) -> None:
    site = random.Random(SEED).choice(places(fault, tree))
    word, found = run(tree, site)
    assert word in (judge.KILLED, judge.CLEAN), "\n".join([f"GITOPS_SEED={SEED} {site.name}", *map(line, found)])


def test_two_faults_are_both_said(tree: Tree) -> None:
    draw = random.Random(SEED)
    sites = [draw.choice(places(fault, tree)) for fault in draw.sample(FAULTS, 20)]
    lost: list[str] = []
    pairs.run(tree, pairs.drawn(sites, 4, draw), lambda title, found: lost.append(title))
    assert lost == [], f"GITOPS_SEED={SEED}"


LAYERS = {  # one fault of each, in another format
    "text": "yaml-strict: a boolean of YAML 1.1",
    "github": "kustomize-builds: a listed file that is not there",
    "json": "schema-valid: a port as text",
    "sarif": "network-peer: a peer that is not there",
    "junit": "app-settings: a setting with a slip",
}


@pytest.mark.parametrize(("form", "name"), LAYERS.items())
def test_the_command_line_says_it_too(form: str, name: str, tree: Tree, gitops: Gitops) -> None:
    fault = next(fault for fault in FAULTS if f"{fault.rule}: {fault.title}" == name)
    site = random.Random(SEED).choice(places(fault, tree))
    with tree.changed(site.change):
        answer = gitops("validate", "--format", form, folder=tree.repository.root)
    assert answer.code == 1
    assert fault.rule in answer.out
    assert site.path in answer.out


def test_place_language_and_folder_make_no_difference(tree: Tree, gitops: Gitops) -> None:
    """A copy elsewhere, started from another folder in the language C, says what this process says."""
    fault = next(fault for fault in FAULTS if fault.rule == "host-access")
    command = [sys.executable, "-P", "-m", "gitops", "validate", "--repository", str(tree.repository.root)]
    with tree.changed(places(fault, tree)[0].change):
        here = gitops("validate", folder=tree.repository.root)
        env = os.environ | {"LC_ALL": "C", "LANG": "C"}
        there = subprocess.run(command, cwd="/", env=env, capture_output=True, text=True, check=False)
    assert (there.returncode, there.stdout) == (here.code, here.out)


def test_every_fault_names_a_rule_and_fits_somewhere(tree: Tree) -> None:
    assert set(RULES) <= {rule.id for rule in all_rules()}
    assert [fault.title for fault in every() if not places(fault, tree)] == []
