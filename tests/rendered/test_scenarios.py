"""Components that no cluster lists are built and validated too, by the leaves of tests/fixtures/scenarios."""

from dataclasses import replace
from pathlib import Path

import pytest

from gitops import composition, fleet, kubeconform, render, source, validation
from gitops.fleet import Fleet
from gitops.layout import Repository
from gitops.manifests import Build
from support import FIXTURES, ROOT

SCENARIOS = sorted(path.name for path in (FIXTURES / "scenarios").iterdir())
AS_CLUSTER = {  # the cluster whose facts, environment and platform the scenario has
    "aks-ingress": "aks-staging-westeurope",
    "all-external": "eks-production-us-east-1",
    "eks-gateway": "eks-staging-us-east-1",
    "eks-gateway-apps": "eks-staging-us-east-1",
    "every-feature": "bare-metal-production-fra1",
    "gke-ingress": "gke-staging-us-central1",
    "opt-in-apps": "bare-metal-production-fra1",
}


def folder(name: str) -> str:
    return (FIXTURES / "scenarios" / name).relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def builds(repository: Repository) -> dict[str, Build]:
    rendered = render.render(repository, [folder(name) for name in SCENARIOS])
    return dict(zip(SCENARIOS, rendered, strict=True))


def as_fleet(name: str, build: Build, whole: Fleet) -> Fleet:
    """The fleet with the scenario's build in place of its cluster's build of the same part."""
    repository = whole.repository
    files = [path.relative_to(ROOT).as_posix() for path in (FIXTURES / "scenarios" / name).rglob("*.yaml")]
    sources = whole.sources | {path: source.read(ROOT / path, path, ROOT) for path in files}
    part = "apps" if name.endswith("apps") else "workload"
    build = composition.traced(sources, replace(build, cluster=AS_CLUSTER[name], part=part))
    clusters = [cluster for cluster in whole.clusters if cluster.name == AS_CLUSTER[name]]
    other = [b for b in whole.builds if b.cluster == AS_CLUSTER[name] and b.part != part]
    failures = kubeconform.validate(repository, [build])
    return fleet.Fleet(repository, clusters, [*whole.files, *files], sources, [*other, build], failures)


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario_has_no_problem(name: str, builds: dict[str, Build], the_fleet: Fleet) -> None:
    assert builds[name].error == ""
    problems = validation.validate(as_fleet(name, builds[name], the_fleet))
    assert [problem for problem in problems if not problem.pending] == []


def test_every_component_is_built_somewhere(builds: dict[str, Build], the_fleet: Fleet, repository: Repository) -> None:
    read = {path for build in (*the_fleet.builds, *builds.values()) for path in build.reads}
    components = {path for path in the_fleet.files if Path(path).name == "kustomization.yaml"}
    assert components - read == set()
