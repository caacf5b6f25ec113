"""gitops secrets: no value is anywhere but in the ciphertext, a kill leaves no half, two runs at once lose nothing.

These are few of the kills and races; `make e2e` tries them all.
"""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

import kills
import watched
from bootstrap import cache
from secret_runs import CANARY, VERBS, action, killed, race, tree

KILLS = 4


def git(folder: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@example.com", *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    return tree(tmp_path / "fleet")


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All that a run may write to: a home and a folder for temporary files of its own, beside the tree."""
    monkeypatch.setenv("GITOPS_CACHE", str(cache.folder()))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    for name in ("home", "tmp"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.mark.parametrize("verb", VERBS)
def test_a_value_is_nowhere_but_in_the_ciphertext(verb: str, fleet: Path, scratch: Path) -> None:
    git(fleet, "init", "--quiet")
    said = watched.run(action(fleet, *VERBS[verb]), scratch)
    assert said.code == 0, said.printed
    git(fleet, "add", "--all")
    git(fleet, "commit", "--quiet", "--message=x")
    objects = git(fleet, "cat-file", "--batch-all-objects", "--batch", "--unordered")
    assert b"encryptedData" in objects
    assert any(b"kubeseal" in started for started in said.started)
    assert [text for text in (said.printed, objects, *said.started) if watched.finds(CANARY, text)] == []
    assert watched.holding(CANARY, scratch) == []
    assert [path for path in said.written if not path.startswith((str(fleet), os.devnull))] == []


def test_the_watch_sees_what_leaks(fleet: Path, scratch: Path) -> None:
    def leak() -> int:
        subprocess.run(["true", CANARY], check=True)
        subprocess.run(["sleep", "0.2"], env={"X": CANARY}, check=True)
        (scratch / "home" / "x").write_text(CANARY.encode().hex())
        print(CANARY)
        return 0

    said = watched.run(leak, scratch)
    assert watched.finds(CANARY, said.printed)
    assert len([text for text in said.started if watched.finds(CANARY, text)]) >= 3
    assert watched.holding(CANARY, scratch) == [scratch / "home" / "x"]
    assert str(scratch / "home" / "x") in said.written


@pytest.mark.parametrize("verb", VERBS)
def test_a_killed_run_leaves_the_old_tree_or_the_new_one(verb: str, fleet: Path, scratch: Path) -> None:
    count = kills.steps(action(tree(scratch / "counted"), *VERBS[verb]))
    steps = range(1, count + 1, count // KILLS)
    assert all(killed(fleet, verb, step, scratch) for step in steps)


def test_two_runs_at_once_lose_nothing(fleet: Path, scratch: Path) -> None:
    assert kills.together(action(fleet, "seal", "--all", given={})) == [0]
    for _ in range(2):
        race(fleet, scratch)
