"""Several files in one step: a kill at any moment leaves the old or the new ones, and runs at once lose nothing."""

import os
import resource
import shutil
from pathlib import Path

import pytest

import kills
from gitops import exchange
from gitops.errors import GitopsError
from gitops.layout import Repository

CLUSTER = "clusters/bare-metal-production-fra1"
PEM = f"{CLUSTER}/facts/x.pem"
A, B, C = (f"{CLUSTER}/workload/sealed/{name}.yaml" for name in "abc")
OLD = {PEM: "old", A: "old", B: None, C: "old"}
NEW = dict.fromkeys(OLD, "new")


@pytest.fixture
def repository(base: Path) -> Repository:
    for path in (PEM, A, C):
        (base / path).write_text("old")
    return Repository(base)


def write(repository: Repository, old: dict[str, str | None], new: dict[str, str]) -> None:
    with exchange.alone(repository):
        exchange.write(repository, Path(CLUSTER).name, old, new)


def held(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.glob("**/*")) if path.is_file()}


def visible(root: Path) -> dict[str, bytes]:
    """What Git and people see: not the copy that a killed run leaves."""
    return {path: data for path, data in held(root).items() if not path.startswith(exchange.COPY)}


def test_a_kill_at_any_step_leaves_the_old_files_or_the_new_ones(repository: Repository) -> None:
    root = repository.root
    before = visible(root)
    after = {**before, **{path: text.encode() for path, text in NEW.items()}}
    count = kills.steps(lambda: write(repository, OLD, NEW))
    assert held(root) == dict(sorted(after.items()))
    assert count >= 180
    seen = set()
    for step in range(1, count + 1):
        if (root / B).exists():
            write(repository, NEW, {path: text for path, text in OLD.items() if text})
            (root / B).unlink()
            assert held(root) == before
        assert kills.killed(lambda: write(repository, OLD, NEW), step)
        now = visible(root)
        assert now in (before, after), step
        seen.add(now == after)
    assert seen == {False, True}


def test_runs_at_once_lose_nothing(repository: Repository) -> None:
    def add(number: int) -> None:
        with exchange.alone(repository):
            text = (repository.root / A).read_text()
            exchange.write(repository, Path(CLUSTER).name, {A: text}, {A: f"{text}{number}\n"})

    for _ in range(20):
        (repository.root / A).write_text("")
        children = []
        for number in range(4):
            if not (child := os.fork()):
                add(number)
                os._exit(0)
            children.append(child)
        assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
        assert sorted((repository.root / A).read_text().splitlines()) == ["0", "1", "2", "3"]


def test_only_the_folder_of_the_files_is_exchanged(repository: Repository) -> None:
    sealed, cluster = (repository.root / A).parent.stat().st_ino, (repository.root / CLUSTER).stat().st_ino
    write(repository, {A: "old", B: None}, {A: "new", B: "new"})
    assert (repository.root / CLUSTER).stat().st_ino == cluster
    assert (repository.root / A).parent.stat().st_ino != sealed


def test_a_folder_that_is_not_there_is_made(repository: Repository) -> None:
    new = f"{CLUSTER}/workload/other/c.yaml"
    write(repository, {new: None}, {new: "new"})
    assert (repository.root / new).read_text() == "new"


@pytest.mark.parametrize("link", [A, f"{CLUSTER}/workload/sealed"])
def test_a_symbolic_link_is_refused(link: str, repository: Repository, tmp_path: Path) -> None:
    target = (repository.root / link).rename(tmp_path / "elsewhere")
    (repository.root / link).symlink_to(target)
    before = held(tmp_path)
    with pytest.raises(GitopsError, match=rf"{A}: {link} is a symbolic link; put the file itself there"):
        write(repository, {A: "old"}, {A: "new"})
    assert held(tmp_path) == before


def test_a_full_disk_is_one_line_and_leaves_everything_as_it_was(repository: Repository) -> None:
    def limited(size: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        with pytest.raises(GitopsError, match=rf"^{CLUSTER}[^\n]*: cannot be changed: [^\n]*File too large; nothing"):
            write(repository, OLD, NEW | {A: "new" * 1000})

    before = held(repository.root)
    for size in (0, 2000):
        kills.steps(lambda size=size: limited(size))
        assert held(repository.root) == before


WHOLE = {f"clusters/new/{part}/kustomization.yaml": part.encode() for part in ("apps", "facts", "workload")}


@pytest.mark.parametrize("there", [False, True], ids=["add", "remove"])
def test_a_kill_at_any_step_leaves_the_whole_folder_or_none(there: bool, tmp_path: Path) -> None:
    repository = Repository(tmp_path)

    def add() -> None:
        exchange.add(repository, "new", {path: text.decode() for path, text in WHOLE.items()})

    def act() -> None:
        with exchange.alone(repository):
            exchange.remove(repository, "new") if there else add()

    def reset() -> None:
        (tmp_path / "clusters").mkdir(exist_ok=True)
        shutil.rmtree(tmp_path / "clusters/new", ignore_errors=True)
        with exchange.alone(repository):
            assert not list(tmp_path.glob(f"{exchange.COPY}*"))
            if there:
                add()

    reset()
    seen = []
    for step in range(1, kills.steps(act) + 1):
        reset()
        assert kills.killed(act, step)
        seen.append(visible(tmp_path))
    assert [state for state in seen if state not in ({}, WHOLE)] == []
    assert {} in seen and WHOLE in seen
