"""Shared by all tests: the fleet loaded once, fixture trees, and the command line in process."""

import shutil
from pathlib import Path

import pytest

from gitops import cli, fleet
from gitops.fleet import Fleet
from gitops.layout import Repository
from gitops.manifests import Build
from support import FIXTURES, ROOT, Answer, Gitops


@pytest.fixture(scope="session")
def repository() -> Repository:
    return Repository(ROOT)


@pytest.fixture(scope="session")
def the_fleet(repository: Repository) -> Fleet:
    """The whole fleet of this repository, rendered and validated against the schemas once per test run."""
    return fleet.load(repository, repository.clusters)


@pytest.fixture(scope="session")
def apps(the_fleet: Fleet) -> dict[str, Build]:
    """cluster -> its apps build."""
    return {build.cluster: build for build in the_fleet.builds if build.part == "apps"}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A copy of the small valid fleet of tests/fixtures/base, to change freely."""
    return Path(shutil.copytree(FIXTURES / "base", tmp_path / "fleet"))


@pytest.fixture
def gitops(capfd: pytest.CaptureFixture[str]) -> Gitops:
    """Run the command in process: gitops("validate", folder=base)."""

    def run(*arguments: str, folder: Path = ROOT) -> Answer:
        capfd.readouterr()
        try:
            code = cli.main([*arguments[:1], "--repository", str(folder), *arguments[1:]])
        except SystemExit as error:  # argparse
            code = int(error.code or 0)
        out, err = capfd.readouterr()
        return Answer(code, out, err)

    return run
