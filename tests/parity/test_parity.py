"""The chart renders what the clusters run: each example equals a kustomization, with Helm 3 and Helm 4."""

import pytest

from gitops.layout import Repository
from support import ROOT, Gitops

SCENARIOS = (
    "aks",
    "all-bundled",
    "all-external",
    "bare-metal",
    "eks",
    "eks-gateway",
    "gateway",
    "gke",
    "gke-ingress",
    "ingress",
    "opt-ins",
)


def test_no_scenario_is_left_out() -> None:
    assert tuple(Repository(ROOT).scenarios) == SCENARIOS


@pytest.mark.parametrize("version", ["3", "4"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_chart_equals_the_components(scenario: str, version: str, gitops: Gitops) -> None:
    answer = gitops("parity", scenario, "--helm", version)
    assert (answer.code, answer.err) == (0, ""), answer.out + answer.err
