"""`gitops promote` and `rollback` killed before each of their changes of a file, Git's own too: `make proofs`."""

from pathlib import Path

import pytest

from commit_kills import RUNS, killed, place, wanted

AT_LEAST = {
    "promote": 40,
    "promote --branch": 35,
    "promote --commit": 50,
    "promote --push": 80,
    "rollback --commit": 25,
}
assert sum(AT_LEAST.values()) >= 200


@pytest.mark.parametrize("name", RUNS)
def test_a_run_that_is_killed_at_any_step(name: str, base: Path, tmp_path: Path) -> None:
    folder = place(base, name)
    _, old, new = wanted(folder, name, tmp_path)
    step = 1
    while killed(folder, name, step, old, new, tmp_path):
        step += 1
    assert step > AT_LEAST[name]
