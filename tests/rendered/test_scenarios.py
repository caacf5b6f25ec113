"""Components that no cluster lists are built and validated too, by the leaves of tests/fixtures/scenarios."""

import shutil
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


def as_fleet(name: str, builds: dict[str, Build], whole: Fleet) -> Fleet:
    """The fleet with the scenario's builds (`<name>-apps`: the other part) in place of its cluster's."""
    repository, mates = whole.repository, {name, f"{name}-apps"} & builds.keys()
    files = [path.relative_to(ROOT).as_posix() for mate in mates for path in Path(ROOT, folder(mate)).rglob("*.yaml")]
    sources = whole.sources | {path: source.read(ROOT / path, path, ROOT) for path in files}
    parts = {"apps" if mate.endswith("apps") else "workload": builds[mate] for mate in mates}
    own = [
        composition.traced(sources, replace(build, cluster=AS_CLUSTER[name], part=part))
        for part, build in parts.items()
    ]
    clusters = [cluster for cluster in whole.clusters if cluster.name == AS_CLUSTER[name]]
    other = [build for build in whole.builds if build.cluster == AS_CLUSTER[name] and build.part not in parts]
    failures = kubeconform.validate(repository, own)
    return fleet.Fleet(repository, clusters, [*whole.files, *files], sources, [*other, *own], failures)


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario_has_no_problem(name: str, builds: dict[str, Build], the_fleet: Fleet) -> None:
    assert builds[name].error == ""
    problems = validation.validate(as_fleet(name, builds, the_fleet))
    assert [problem for problem in problems if not problem.pending] == []


def test_every_component_is_built_somewhere(builds: dict[str, Build], the_fleet: Fleet, repository: Repository) -> None:
    read = {path for build in (*the_fleet.builds, *builds.values()) for path in build.reads}
    components = {path for path in the_fleet.files if Path(path).name == "kustomization.yaml"}
    assert components - read == set()


OPT_IN = ("export-worker", "maintenance-worker", "report-worker", "search-beat")


@pytest.mark.parametrize("name", OPT_IN)
def test_d17_an_opt_in_workload_in_a_cluster_s_list_has_the_whole_environment(name: str, tmp_path: Path) -> None:
    for folder in ("components", "environments", "clusters"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    leaf = "clusters/gke-production-us-central1/workload"
    listed = tmp_path / leaf / "kustomization.yaml"
    text = listed.read_text()
    first = "  - ../../../components/stores/postgresql-external\n"
    listed.write_text(text.replace(first, f"  - ../../../components/workloads/{name}\n{first}"))
    (build,) = render.render(Repository(tmp_path), [leaf])
    added = [m for m in build.of_kind("Deployment") if m.name.endswith((name, "-beat"))]
    assert added
    for container in (container for manifest in added for container in manifest.pod["containers"]):
        assert {"SECRET_KEY", "DATABASE_URL", "PYTHONPATH"} <= {entry["name"] for entry in container["env"]}
        assert container["envFrom"][0]["configMapRef"]["name"].startswith("pybase-config-")
