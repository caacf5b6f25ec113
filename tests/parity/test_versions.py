"""Helm 3 and Helm 4 render the same text and lint strictly, whatever the values."""

import pytest

from chart_cases import CHART, REPOSITORY, Case, examples, flags, stores
from gitops import helm, kubeconform
from support import ROOT


@pytest.mark.parametrize("case", [*examples(), *stores(), *flags()], ids=lambda case: case.name)
def test_both_render_the_same(case: Case) -> None:
    files, kubernetes = [ROOT / REPOSITORY.example_file(case.example)], f"--kube-version={kubeconform.VERSIONS[-1]}"
    three, four = (helm.text(CHART, case.values, kubernetes, files=files, version=version) for version in (3, 4))
    assert [part.strip() for part in three.split("---\n")] == [part.strip() for part in four.split("---\n")]
    assert "%!" not in four  # what a format verb prints for the wrong type


@pytest.mark.parametrize("version", helm.PINNED)
@pytest.mark.parametrize("case", list(examples()), ids=lambda case: case.name)
def test_both_lint_strictly(case: Case, version: int) -> None:
    helm.lint(CHART, {}, files=[ROOT / REPOSITORY.example_file(case.example)], version=version)


@pytest.mark.parametrize("version", helm.PINNED)
def test_default_values_lint_and_render(version: int) -> None:
    helm.lint(CHART, {}, version=version)
    assert helm.template(CHART, {}, version=version)
