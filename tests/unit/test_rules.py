"""Every rule has a case that raises exactly it, at the stated place, and a legal neighbour that raises nothing."""

from pathlib import Path

import pytest

from gitops import fleet, validation
from gitops.layout import Repository
from gitops.problems import Problem
from gitops.rules import all_rules
from support import FIXTURES, overlay

INVALID = sorted(FIXTURES.glob("invalid/*/*"))
VALID = sorted(FIXTURES.glob("valid/*/*"))


def problems(tree: Path) -> list[Problem]:
    repository = Repository.find(tree)
    return validation.validate(fleet.load(repository, repository.clusters, examples=True))


def name(case: Path) -> str:
    return f"{case.parent.name}/{case.name}"


def test_base_has_no_problem(base: Path) -> None:
    assert problems(base) == []


@pytest.mark.parametrize("case", INVALID, ids=name)
def test_invalid_raises_exactly_its_rule(case: Path, base: Path) -> None:
    expected = overlay(case, base)
    found = [problem for problem in problems(base) if not problem.pending]
    assert [problem.rule for problem in found] == [case.parent.name]
    assert (found[0].path, found[0].line) == (expected["path"], expected["line"])
    assert found[0].object == expected.get("object", "")
    assert str(expected["message"]) in found[0].message
    assert str(expected["fix"]) in found[0].fix


@pytest.mark.parametrize("case", VALID, ids=name)
def test_valid_neighbour_raises_nothing(case: Path, base: Path) -> None:
    overlay(case, base)
    assert [problem for problem in problems(base) if not problem.pending] == []


def test_every_rule_has_both_fixtures_and_every_fixture_a_rule() -> None:
    rules = {rule.id for rule in all_rules()}
    assert {case.parent.name for case in INVALID} == rules
    assert {case.parent.name for case in VALID} == rules


def test_who_yields_to_whom_names_rules() -> None:
    rules = {rule.id for rule in all_rules()}
    for table in (validation.YIELDS, validation.LINE_YIELDS):
        assert {*table, *(name for before in table.values() for name in before)} <= rules


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_manual_page_shows_what_fails_what_passes_and_the_fix(rule) -> None:
    for part in ("Why", "Fails:", "Passes:", "Fix:"):
        assert part in rule.manual
