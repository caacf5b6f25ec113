"""The rules of Pod Security and the library that clusters run (tools/pod-security) say the same about every pod."""

import shutil
from pathlib import Path

import pytest
import yaml

from gitops import render
from gitops.checks import (
    namespace_pod_security,
)
from gitops.fleet import Fleet
from gitops.layout import Repository
from gitops.manifests import Build, containers
from pod_security_judge import GROUP, refused
from support import FIXTURES, ROOT, overlay

SCENARIOS = sorted((FIXTURES / "scenarios").iterdir())
CASES = sorted(case for rule in GROUP for kind in ("invalid", "valid") for case in FIXTURES.glob(f"{kind}/{rule.ID}/*"))
STRICTER = {  # what we refuse and the library admits: the group, a user left to the image, a writable root
    "run-as-non-root/extra-group-0",
    "run-as-non-root/gid-0",
    "run-as-non-root/group-0-of-volumes",
    "run-as-non-root/uid-left-to-the-image",
    "init-container-security/writable-root",
}


@pytest.fixture(scope="module")
def everything(the_fleet: Fleet, repository: Repository) -> list[Build]:
    """The builds of every cluster, and the scenarios."""
    return [*the_fleet.builds, *render.render(repository, [path.relative_to(ROOT).as_posix() for path in SCENARIOS])]


def test_every_pod_is_admitted(everything: list[Build]) -> None:
    pods = [manifest for build in everything for manifest in build.with_pods()]
    assert len(pods) > 100
    assert [(m.build, m.identity, said) for m, said in zip(pods, refused(pods), strict=True) if said] == []


def test_every_declared_path_and_level_is_used(everything: list[Build]) -> None:
    policy = yaml.safe_load((ROOT / "policies/pod-security.yaml").read_text())
    pods = [(m, c) for build in everything for m in build.with_pods() for c in containers(m) if not c.init]
    names = {c.name for _, c in pods} | {f"{m.pod_labels['app.kubernetes.io/component']}/{c.name}" for m, c in pods}
    assert set(policy["writable"]) - names == set()
    assert {c.name for _, c in pods} - set(policy["writable"]) == set()
    made = {m.get("spec", "destination", "namespace") for build in everything for m in build.of_kind("Application")}
    assert set(policy["namespaces"]) - made == set()
    assert set(policy["namespaces"].values()) <= set(namespace_pod_security.LEVELS)


@pytest.fixture(scope="module")
def fixtures(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Build]:
    """The workload build of every case."""
    root = tmp_path_factory.mktemp("cases")
    leaf = "clusters/bare-metal-production-fra1/workload"
    for number, case in enumerate(CASES):
        overlay(case, Path(shutil.copytree(FIXTURES / "base", root / str(number))))
    builds = render.render(Repository(root), [f"{number}/{leaf}" for number in range(len(CASES))])
    return dict(zip(CASES, builds, strict=True))


@pytest.mark.parametrize("case", CASES, ids=lambda case: "/".join(case.parts[-3:]))
def test_library_agrees_with_the_fixture(case: Path, fixtures: dict[Path, Build]) -> None:
    build = fixtures[case]
    assert build.error == ""
    admits = case.parts[-3] == "valid" or "/".join(case.parts[-2:]) in STRICTER
    assert any(refused(build.with_pods())) == (not admits)
