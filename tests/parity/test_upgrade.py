"""An upgrade of the chart changes no field that the API server does not let anyone change."""

import shutil
import tarfile
from pathlib import Path

import pytest

from chart_cases import CHART, EXAMPLES
from gitops import helm
from gitops.manifests import Manifest
from gitops.risk import immutable
from support import ROOT

RELEASED = ROOT / "tests/parity/released"  # the package of the last release, whose installations an upgrade starts from
PER_RELEASE = "Job"  # made anew by every release: a hook of `helm upgrade`


def rendered(chart: Path, example: str) -> dict[str, Manifest]:
    """identity -> object, with the chart's own example; what each release deletes and makes anew is left out."""
    found = helm.template(chart, {}, files=[chart / f"examples/{example}.yaml"])
    return {manifest.identity: manifest for manifest in found if manifest.kind != PER_RELEASE}


def changes(old: dict[str, Manifest], new: dict[str, Manifest]) -> dict[str, list[str]]:
    found = {name: immutable.changed(old[name], new[name]) for name in old.keys() & new.keys()}
    return {name: fields for name, fields in found.items() if fields}


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This chart as its next version, of the next PyBase."""
    folder = Path(shutil.copytree(CHART, tmp_path_factory.mktemp("newer") / "pybase"))
    text = (
        (folder / "Chart.yaml")
        .read_text()
        .replace("\nversion: ", "\nversion: 9")
        .replace("appVersion: ", "appVersion: 9")
    )
    (folder / "Chart.yaml").write_text(text)
    return folder


@pytest.mark.parametrize("example", EXAMPLES)
def test_nothing_immutable_depends_on_the_version(example: str, newer: Path) -> None:
    old, new = rendered(CHART, example), rendered(newer, example)
    assert old.keys() == new.keys()
    assert any(old[name].data != new[name].data for name in old)
    assert changes(old, new) == {}


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    [package] = RELEASED.glob("pybase-*.tgz")
    folder = tmp_path_factory.mktemp("released")
    with tarfile.open(package) as archive:
        archive.extractall(folder, filter="data")
    return folder / "pybase"


@pytest.mark.parametrize("example", EXAMPLES)
def test_nothing_immutable_differs_from_the_last_release(example: str, released: Path) -> None:
    if (released / f"examples/{example}.yaml").exists():  # a new example upgrades nobody
        assert changes(rendered(released, example), rendered(CHART, example)) == {}


def test_a_changed_selector_would_be_seen(released: Path) -> None:
    old = rendered(released, "all-bundled")
    new = {name: Manifest({**manifest.data, "spec": {}}) for name, manifest in old.items()}
    assert changes(old, new)["Deployment/pybase/pybase-api"] == ["spec.selector"]
