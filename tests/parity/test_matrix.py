"""The rules of `gitops validate` on what the chart renders, with many values: as if each case were a cluster."""

from dataclasses import replace

import pytest

from chart_cases import REPOSITORY, STORES, Case, examples, flags, stores
from gitops import chart, fleet, kubeconform, render, validation
from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest
from gitops.problems import Problem

OTHERS = ("patch-has-effect", "job-hook")  # look for the effect of kustomizations, for hooks of Argo CD
CASES = [*examples(), *stores(), *flags()]
# What a switch gives up, and the rules that say so.
GIVEN_UP = {
    "api.podDisruptionBudget.enabled: false": {"disruption-budget"},
    "extractionWorker.podDisruptionBudget.enabled: false": {"disruption-budget"},
    "frontend.podDisruptionBudget.enabled: false": {"disruption-budget"},
    "searchWorker.podDisruptionBudget.enabled: false": {"disruption-budget"},
    "api.enabled: false": {"host-resolves", "network-peer"},  # what the frontend asks
    "frontend.enabled: false": {"network-peer"},  # what asks the API
    "gateway.create: false": {"route-backend"},  # the Gateway is another's
    "networkPolicy.enabled: false": {"network-default-deny"},
    "opt-ins": {"volume-source"},  # a StorageClass that the fleet does not know
    "rbac.create: false": {"service-account-token"},  # the bindings are another's
    "sharedUploads.enabled: true": {"volume-source"},
}


@pytest.fixture(scope="module")
def found(the_fleet: Fleet) -> dict[str, list[Problem]]:
    """case -> its problems; what only a live cluster must have does not count."""
    problems = [p for p in validation.validate(as_fleet(the_fleet)) if not p.pending and p.rule not in OTHERS]
    return {case.name: [problem for problem in problems if case.name in problem.builds] for case in CASES}


def as_fleet(whole: Fleet) -> Fleet:
    """The fleet with a planned cluster for each case, of which nothing is known but the chart's render."""
    known = {cluster.name: cluster for cluster in whole.clusters}
    kustomizations = render.render(REPOSITORY, [REPOSITORY.scenario_folder(name) for name in REPOSITORY.scenarios])
    reads = dict(zip(REPOSITORY.scenarios, (build.reads for build in kustomizations), strict=True))
    builds = [_build(case, reads[case.example]) for case in CASES]
    written = fleet.read(REPOSITORY, {case.facts for case in CASES})
    facts = {REPOSITORY.facts_file(case.name): written[case.facts] for case in CASES}
    clusters = [replace(known[case.cluster], name=case.name, live=False) for case in CASES]
    failures = kubeconform.validate(REPOSITORY, builds)
    return replace(whole, clusters=clusters, sources=whole.sources | facts, builds=builds, schema_failures=failures)


def _build(case: Case, reads: frozenset[str]) -> Build:
    """`reads` are those of the example's kustomization: rules read from them which components a build lists."""
    folder = REPOSITORY.chart_folder()
    file, newest = REPOSITORY.example_file(case.example), kubeconform.VERSIONS[-1]
    objects = chart.render(REPOSITORY, file, case.values, kube_version=newest)
    placed = [Manifest(manifest.data, f"{folder}/{manifest.origin}", build=case.name) for manifest in objects]
    others = {path for path in reads if not path.startswith(tuple(f"components/stores/{store}" for store in STORES))}
    listed = {f"components/{component}/kustomization.yaml" for component in case.components}
    return Build(case.name, case.name, "chart", placed, frozenset(others | listed))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_it_renders_passes_every_rule(case: Case, found: dict[str, list[Problem]]) -> None:
    unexpected = [problem for problem in found[case.name] if problem.rule not in GIVEN_UP.get(case.name, ())]
    assert unexpected == []


@pytest.mark.parametrize("name", GIVEN_UP)
def test_what_a_switch_gives_up_is_said(name: str, found: dict[str, list[Problem]]) -> None:
    assert {problem.rule for problem in found[name]} == GIVEN_UP[name]


def test_problems_name_the_template(found: dict[str, list[Problem]]) -> None:
    [problem] = found["api.podDisruptionBudget.enabled: false"]
    assert problem.path == "charts/pybase/templates/api/deployment.yaml"
