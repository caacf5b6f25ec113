"""Promotions that push at the same time, by two and by eight: `make proofs`."""

from functools import partial
from pathlib import Path

import pytest

import kills
from gitops import git, release
from gitops.errors import GitopsError
from histories import commit, repository

ENVIRONMENTS = tuple(f"e{number}" for number in range(8))


def versions(environment: str) -> str:
    return f"environments/{environment}/versions/kustomization.yaml"


@pytest.fixture
def clones(base: Path, tmp_path: Path) -> list[Path]:
    """Eight clones of a bare repository with a versions file for each."""
    repository(base)
    for environment in ENVIRONMENTS:
        (base / versions(environment)).parent.mkdir(parents=True)
        (base / versions(environment)).write_text("images:\n  - name: pybase\n    newTag: 1.0.0\n")
    commit(base, "eight environments")
    git.run(tmp_path, "clone", "--quiet", "--bare", str(base), "origin.git")
    for environment in ENVIRONMENTS:
        git.run(tmp_path, "clone", "--quiet", "origin.git", environment)
        git.run(tmp_path / environment, "config", "user.name", environment)
        git.run(tmp_path / environment, "config", "user.email", environment)
    return [tmp_path / environment for environment in ENVIRONMENTS]


def promoted(tree: Path, start: release.Goal, path: str, line: str) -> int:
    """Push one more line in the file; 0 when it arrived, 3 when another was first with the same file."""
    text = git.run(tree, "show", f"{start.base}:{path}") + line
    make = partial(release.make, tree, path=path, text=text, message=line)
    try:
        release.push(tree, start, path, make(start.base), make)
    except GitopsError as error:
        return 3 if "changed it meanwhile" in str(error) else 4
    return 0


def race(trees: list[Path], paths: list[str], number: int) -> list[int]:
    starts = [release.goal(tree, "", push=True) for tree in trees]
    lines = [f"# {number} by {tree.name}\n" for tree in trees]
    return kills.together(*(partial(promoted, *each) for each in zip(trees, starts, paths, lines, strict=True)))


def arrived(tree: Path, path: str) -> int:
    tip = release.goal(tree, "", push=True).base
    return git.run(tree, "show", f"{tip}:{path}").count("# ")


def test_two_hundred_races_of_two(clones: list[Path]) -> None:
    """Half of them on two files, where both arrive, half on the same, where one does, and the other says so."""
    first, second = versions("e0"), versions("e1")
    for number in range(100):
        assert race(clones[:2], [first, second], number) == [0, 0]
    assert (arrived(clones[0], first), arrived(clones[0], second)) == (100, 100)
    for number in range(100):
        assert sorted(race(clones[:2], [first, first], 100 + number)) == [0, 3]
    assert arrived(clones[0], first) == 200


def test_twenty_races_of_eight(clones: list[Path]) -> None:
    paths = [versions(environment) for environment in ENVIRONMENTS]
    for number in range(20):
        assert race(clones, paths, number) == [0] * 8
    assert [arrived(clones[0], path) for path in paths] == [20] * 8
