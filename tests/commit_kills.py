"""Whole runs that promote or roll back, killed with git's processes; what is there then, and after a rerun."""

import io
import re
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import system_kills
from gitops import cli, git
from gitops.errors import GitopsError
from promotions import PRODUCTION, PROMOTE, ahead

RUNS = {
    "promote": PROMOTE,
    "promote --commit": (*PROMOTE, "--commit"),
    "promote --branch": (*PROMOTE, "--branch", "release"),
    "promote --push": (*PROMOTE, "--push"),
    "rollback --commit": ("rollback", "production", "--commit"),
}
State = tuple[str, str, str, str, str]  # the versions file: on the disk, index, HEAD, branch release, remote
# What may be new when it is killed, in the order in which it becomes so.
ORDER = {"promote": (0,), "promote --branch": (3,), "promote --push": (4,)}
_LOCK = re.compile(r": (\S+\.lock): another git is at work here, or was killed; .* delete that file")


def place(base: Path, name: str) -> Path:
    """A folder with what the run needs: a checkout `fleet`, and the remote `origin.git` that it is a clone of."""
    folder = base.parent / "place"
    folder.mkdir()
    git.run(folder, "clone", "--quiet", "--bare", str(ahead(base)), "origin.git")
    git.run(folder, "clone", "--quiet", "origin.git", "fleet")
    git.run(folder / "fleet", "remote", "set-url", "origin", "../origin.git")
    for key in ("name", "email"):
        git.run(folder / "fleet", "config", f"user.{key}", "test")
    if name.startswith("rollback"):
        assert _answer(folder, "promote --commit") == (0, "")
    return folder


def wanted(folder: Path, name: str, scratch: Path) -> tuple[int, State, State]:
    """How many steps the run has, a few more or less each time, and the states before and after it."""
    there = Path(shutil.copytree(folder, scratch / "whole", symlinks=True))
    old = state(there)
    code, count = system_kills.run(_action(there, name), there)
    new = state(there)
    shutil.rmtree(there)
    assert code == 0 and new != old
    return count, old, new


def killed(folder: Path, name: str, at: int, old: State, new: State, scratch: Path) -> bool:
    """A run on a copy, killed before step `at`: what is new is the first of ORDER, the rest is old; a rerun completes
    it, after Git's own lock is deleted where its message says so, and nothing is left over. False when it ended
    before."""
    there = Path(shutil.copytree(folder, scratch / "killed", symlinks=True))
    code, _ = system_kills.run(_action(there, name), there, at)
    assert code in (None, 0)
    seen, order = state(there), ORDER.get(name, (0, 1, 2))
    allowed = [_mixed(old, new, order[:count]) for count in range(len(order) + 1)]
    assert seen in (allowed if code is None else [new]), f"{name} killed at {at}"
    if seen != new or name == "promote":
        _again(there, name)
    assert state(there) == new, f"{name} killed at {at}"
    assert not list(there.rglob(".gitops*"))
    git.run(there / "fleet", "fsck", "--strict")
    shutil.rmtree(there)
    return code is None


def state(folder: Path) -> State:
    fleet = folder / "fleet"
    index, head, branch = (_shown(fleet, f"{revision}:{PRODUCTION}") for revision in ("", "HEAD", "release"))
    return (fleet / PRODUCTION).read_text(), index, head, branch, _shown(folder / "origin.git", f"main:{PRODUCTION}")


def _shown(tree: Path, name: str) -> str:
    try:
        return git.run(tree, "show", name)
    except GitopsError:  # not there
        return ""


def _mixed(old: State, new: State, ahead: tuple[int, ...]) -> State:
    first, second, third, fourth, fifth = (new[i] if i in ahead else old[i] for i in range(5))
    return first, second, third, fourth, fifth


def _again(there: Path, name: str) -> None:
    code, said = _answer(there, name)
    while code == 2 and (lock := _LOCK.search(said)):
        Path(there, "fleet", lock[1]).unlink()
        code, said = _answer(there, name)
    assert code == 0, said


def _action(folder: Path, name: str) -> Callable[[], int]:
    verb, *words = RUNS[name]

    def run() -> int:
        with redirect_stdout(io.StringIO()):
            return cli.main([verb, "--repository", str(folder / "fleet"), *words, "--yes"])

    return run


def _answer(folder: Path, name: str) -> tuple[int, str]:
    with redirect_stderr(io.StringIO()) as said:
        return _action(folder, name)(), said.getvalue()
