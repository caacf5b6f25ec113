"""gitops promote killed at a sample of its steps (all of them: `make proofs`), and what a killed run leaves."""

from pathlib import Path

import pytest

from commit_kills import killed, place, wanted
from gitops import git
from promotions import PRODUCTION, PROMOTE, ahead, state
from support import Gitops


@pytest.mark.parametrize(("name", "samples"), [("promote --commit", 8), ("promote --push", 6)])
def test_a_killed_run_leaves_the_old_or_the_new_and_a_rerun_completes(
    name: str, samples: int, base: Path, tmp_path: Path
) -> None:
    folder = place(base, name)
    count, old, new = wanted(folder, name, tmp_path)
    for step in range(count, 0, -(count // samples + 1)):
        killed(folder, name, step, old, new, tmp_path)


@pytest.mark.parametrize("lock", ["index.lock", "HEAD.lock", "refs/heads/main.lock"])
def test_a_lock_that_a_killed_git_left(lock: str, base: Path, gitops: Gitops) -> None:
    checkout = ahead(base)
    before = state(checkout)
    (checkout / ".git" / lock).touch()
    answer = gitops(*PROMOTE, "--commit", "--yes", folder=checkout)
    assert answer.code == 2 and f"{lock}: another git is at work here, or was killed; when none" in answer.err
    (checkout / ".git" / lock).unlink()
    assert state(checkout) == before
    assert gitops(*PROMOTE, "--commit", "--yes", folder=checkout).code == 0


def test_what_was_written_is_committed_by_the_next_run(base: Path, gitops: Gitops) -> None:
    checkout = ahead(base)
    left = (checkout / PRODUCTION).with_name(".gitops.kustomization.yaml.x")
    left.touch()
    assert gitops(*PROMOTE, "--yes", folder=checkout).code == 0
    assert gitops(*PROMOTE, "--yes", "--commit", folder=checkout).code == 0
    assert git.run(checkout, "status", "--porcelain") == "" and not left.exists()
    assert git.run(checkout, "rev-list", "--count", "HEAD").strip() == "3"
