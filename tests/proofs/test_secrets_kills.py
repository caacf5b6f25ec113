"""gitops secrets killed before and after every write, sync, rename ... of a run; twenty races: `make proofs`."""

from pathlib import Path

import pytest

import kills
from secret_runs import VERBS, action, killed, race, tree


@pytest.mark.parametrize("verb", VERBS)
def test_a_run_that_is_killed_at_any_step(verb: str, tmp_path: Path) -> None:
    count = kills.steps(action(tree(tmp_path / "counted"), *VERBS[verb]))
    assert count >= 100
    old = tree(tmp_path / "fleet")
    assert all(killed(old, verb, step, tmp_path) for step in range(1, count + 1))


def test_twenty_races(tmp_path: Path) -> None:
    old = tree(tmp_path / "fleet")
    assert kills.together(action(old, "seal", "--all", given={})) == [0]
    for _ in range(20):
        race(old, tmp_path)
