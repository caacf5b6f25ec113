"""gitops promote --push against a remote that others push to as well, that refuses, and that is raced for."""

from functools import partial
from pathlib import Path

import pytest

from gitops import git, release
from gitops.errors import GitopsError
from histories import commit, edit
from kills import together
from promotions import PRODUCTION, PROMOTE, STAGING, ahead, at, state
from support import Gitops


@pytest.fixture
def clones(base: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Two clones of a bare repository."""
    git.run(tmp_path, "clone", "--quiet", "--bare", str(ahead(base)), "origin.git")
    return clone(tmp_path, "one"), clone(tmp_path, "two")


def clone(folder: Path, name: str) -> Path:
    git.run(folder, "clone", "--quiet", "origin.git", name)
    for key in ("name", "email"):
        git.run(folder / name, "config", f"user.{key}", name)
    return folder / name


def test_a_push_is_on_top_of_what_others_pushed(clones: tuple[Path, Path], gitops: Gitops) -> None:
    one, two = clones
    edit(two, "components/workloads/api/service.yaml", "port: 80", "port: 8080")
    commit(two, "theirs")
    git.run(two, "push", "--quiet")
    commit(one, "mine, not pushed")
    before = state(one)
    answer = gitops(*PROMOTE, "--push", "--yes", folder=one)
    assert answer.code == 0, answer.err
    assert "origin/main: pushed" in answer.out and "8080" not in answer.out
    assert state(one) == before
    git.run(two, "pull", "--quiet")
    assert git.run(two, "log", "-2", "--format=%s") == "promote: staging -> production\ntheirs\n"
    assert "newTag: 1.1.0" in at(two, "HEAD")


def test_a_branch_is_pushed_for_a_pull_request(clones: tuple[Path, Path], gitops: Gitops) -> None:
    one, two = clones
    before = state(one)
    assert gitops(*PROMOTE, "--push", "--branch", "release", "--yes", folder=one).code == 0
    assert state(one) == before
    git.run(two, "fetch", "--quiet")
    assert "newTag: 1.1.0" in at(two, "origin/release") and "newTag: 1.0.0" in at(two, "origin/main")
    again = gitops(*PROMOTE, "--push", "--branch", "release", "--yes", folder=two)
    assert again.code == 2 and "--branch release: is at origin already" in again.err


def test_a_remote_that_refuses(clones: tuple[Path, Path], gitops: Gitops) -> None:
    one, _ = clones
    hook = one.parent / "origin.git/hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho protected branch >&2\nexit 1\n")
    hook.chmod(0o755)
    before = state(one)
    answer = gitops(*PROMOTE, "--push", "--yes", folder=one)
    assert answer.code == 2 and "protected branch" in answer.err and state(one) == before
    git.run(one, "remote", "remove", "origin")
    assert gitops(*PROMOTE, "--push", "--yes", folder=one).code == 2


def goal(tree: Path) -> release.Goal:
    return release.goal(tree, "", push=True)


def pushed(tree: Path, start: release.Goal, path: str, old: str, new: str) -> str:
    """Push a change that was made before others pushed theirs."""
    text = at(tree, start.base, path).replace(old, new)
    make = partial(release.make, tree, path=path, text=text, message=f"{new}\n")
    return release.push(tree, start, path, make(start.base), make)


def test_who_comes_second_is_put_on_top(clones: tuple[Path, Path]) -> None:
    one, two = clones
    start = goal(two)
    pushed(one, goal(one), STAGING, "7.4.11-alpine", "7.4.12-alpine")
    pushed(two, start, PRODUCTION, "7.4.11-alpine", "7.4.13-alpine")
    git.run(one, "pull", "--quiet")
    assert git.run(one, "log", "-2", "--format=%s") == "7.4.13-alpine\n7.4.12-alpine\n"
    assert "7.4.12-alpine" in at(one, "HEAD", STAGING) and "7.4.13-alpine" in at(one, "HEAD")


def test_a_conflict_on_the_same_file_aborts(clones: tuple[Path, Path]) -> None:
    one, two = clones
    start, before = goal(two), state(two)
    pushed(one, goal(one), PRODUCTION, "7.4.11-alpine", "7.4.12-alpine")
    with pytest.raises(GitopsError, match=r"\(7.4.12-alpine\) changed it meanwhile; nothing was pushed"):
        pushed(two, start, PRODUCTION, "7.4.11-alpine", "7.4.13-alpine")
    assert state(two) == before
    assert git.run(one.parent / "origin.git", "log", "-1", "--format=%s") == "7.4.12-alpine\n"


def test_a_push_whose_answer_was_lost_is_not_repeated(clones: tuple[Path, Path]) -> None:
    one, two = clones
    start = goal(one)
    commit_id = pushed(one, start, PRODUCTION, "7.4.11-alpine", "7.4.12-alpine")
    pushed(two, goal(two), PRODUCTION, "7.4.12-alpine", "7.4.13-alpine")
    assert release.push(one, start, PRODUCTION, commit_id, lambda tip: "") == commit_id


def test_races_lose_nothing(clones: tuple[Path, Path]) -> None:
    """Two at once, on different files; then eight."""
    others = [clone(clones[0].parent, f"clone{number}") for number in range(6)]
    trees = [*clones, *others]
    paths = [path for path in git.run(trees[0], "ls-files", "components").splitlines() if path.endswith(".yaml")][:8]
    for racers in (trees[:2], trees):
        starts = [goal(tree) for tree in racers]
        runs = [partial(raced, *each) for each in zip(racers, starts, paths, strict=False)]
        assert together(*runs) == [0] * len(racers)
    git.run(trees[0], "pull", "--quiet")
    assert git.run(trees[0], "rev-list", "--count", "HEAD").strip() == "12"
    assert [at(trees[0], "HEAD", path).count("# raced\n") for path in paths] == [2, 2, *[1] * 6]


def raced(tree: Path, start: release.Goal, path: str) -> int:
    pushed(tree, start, path, at(tree, start.base, path), at(tree, start.base, path) + "# raced\n")
    return 0
