"""The chart is packaged, by both helms and by the steps of the release workflow."""

import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from chart_cases import CHART
from gitops import helm
from support import ROOT

VERSION = yaml.safe_load((CHART / "Chart.yaml").read_text())["version"]
JOB: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/chart.yaml").read_text())["jobs"]["publish"]


def step(name: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a step's script as a runner does, with the pinned Helm 4."""
    script = next(str(each["run"]) for each in JOB["steps"] if each.get("name") == name)
    path = f"{Path(helm.pinned(4)).parent}:{os.environ['PATH']}"
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    known = {"PATH": path, "HOME": str(folder), **environment}
    return subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copytree(CHART, tmp_path / "charts/pybase")
    return tmp_path


@pytest.mark.parametrize("version", helm.PINNED)
def test_package_renders_what_the_folder_renders(version: int, tmp_path: Path) -> None:
    command = [helm.pinned(version), "package", str(CHART), f"--destination={tmp_path}"]
    subprocess.run(command, check=True, capture_output=True)
    package = tmp_path / f"pybase-{VERSION}.tgz"
    assert helm.text(package, {}, version=version) == helm.text(CHART, {}, version=version)
    with tarfile.open(package) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    files = {path.relative_to(CHART).as_posix() for path in CHART.rglob("*") if path.is_file()}
    assert names == files


def test_tag_of_the_version_makes_its_package(checkout: Path) -> None:
    done = step("package", checkout, TAG=f"pybase-{VERSION}")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (checkout / "package").iterdir()] == [f"pybase-{VERSION}.tgz"]


def test_tag_of_another_version_is_refused(checkout: Path) -> None:
    done = step("package", checkout, TAG="pybase-99.0.0")
    assert done.returncode == 1
    assert f"the tag is pybase-99.0.0 and the chart's version {VERSION}" in done.stderr
    assert not (checkout / "package").exists()


def test_provenance_names_the_commit(tmp_path: Path) -> None:
    values = {"SOURCE": "https://github.com/o/r", "COMMIT": "c" * 40, "REF": "refs/tags/t", "RUN": "r", "WORKFLOW": "w"}
    assert step("provenance", tmp_path, **values).returncode == 0
    found = json.loads((tmp_path / "provenance.json").read_text())
    assert found["buildDefinition"]["resolvedDependencies"][0]["digest"] == {"gitCommit": "c" * 40}


def test_workflow_has_the_pinned_helm_and_no_more_rights_than_it_needs() -> None:
    setup = next(each for each in JOB["steps"] if "setup-helm" in each.get("uses", ""))
    assert (
        subprocess.run(
            [helm.pinned(4), "version", "--template={{.Version}}"], capture_output=True, text=True, check=True
        ).stdout
        == setup["with"]["version"]
    )
    assert JOB["permissions"] == {"contents": "read", "packages": "write", "id-token": "write"}
