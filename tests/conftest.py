"""Shared by all tests: the fleet loaded once, fixture trees, and the command line in process."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from gitops import cli, fleet
from gitops.fleet import Fleet
from gitops.layout import Repository

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ROOT / "tests" / "fixtures"


@dataclass(frozen=True)
class Answer:
    """What a command left: exit code and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def repository() -> Repository:
    return Repository(ROOT)


@pytest.fixture(scope="session")
def the_fleet(repository: Repository) -> Fleet:
    """The whole fleet of this repository, rendered and validated against the schemas once per test run."""
    return fleet.load(repository, repository.clusters)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A copy of the small valid fleet of tests/fixtures/base, to change freely."""
    return Path(shutil.copytree(FIXTURES / "base", tmp_path / "fleet"))


@pytest.fixture
def gitops(capfd: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Run the command in process: gitops("validate", folder=base)."""

    def run(*arguments: str, folder: Path = ROOT) -> Answer:
        capfd.readouterr()
        try:
            code = cli.main([*arguments, "--repository", str(folder)])
        except SystemExit as error:  # argparse
            code = int(error.code or 0)
        out, err = capfd.readouterr()
        return Answer(code, out, err)

    return run


def overlay(case: Path, tree: Path) -> dict[str, object]:
    """Lay a fixture case over a copy of the base tree: files of `tree/` are copied, those of `remove` deleted.
    Returns the case's expect.yaml, {} when it has none."""
    expected: dict[str, object] = {}
    if (case / "expect.yaml").is_file():
        expected = yaml.safe_load((case / "expect.yaml").read_text()) or {}
    for path in expected.get("remove", []):  # type: ignore[attr-defined]
        (tree / path).unlink()
    if (case / "tree").is_dir():
        shutil.copytree(case / "tree", tree, dirs_exist_ok=True, symlinks=True)
    return expected
