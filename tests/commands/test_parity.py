"""gitops parity: equal, different, and what is in the way, with a chart of one Deployment."""

from pathlib import Path

import pytest

from support import Gitops

SCENARIO = {
    "kustomization.yaml": """
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: pybase
resources: [pod.yaml]
components: [../../../../environments/production/versions]
""",
    "pod.yaml": """
apiVersion: v1
kind: Pod
metadata: {name: one}
spec:
  containers: [{name: api, image: pybase}]
""",
}
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: pybase\nversion: 0.1.0\n",
    "values.yaml": "name: one\nimage: {repository: ghcr.io/pybase/pybase, tag: '', digest: ''}\n",
    "examples/one.yaml": "name: one\n",
    "templates/pod.yaml": """
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Values.name }}
  labels: {app.kubernetes.io/managed-by: Helm}
spec:
  containers:
    - name: api
      image: {{ with .Values.image }}{{ .repository }}:{{ .tag }}@{{ .digest }}{{ end }}
""",
}


@pytest.fixture
def tree(base: Path) -> Path:
    """A fleet with a chart and one scenario, which are equal."""
    for folder, files in (("tests/parity/scenarios/one", SCENARIO), ("charts/pybase", CHART)):
        for name, text in files.items():
            file = base / folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text.lstrip())
    return base


@pytest.mark.parametrize("version", ["3", "4"])
def test_equal_renders(version: str, gitops: Gitops, tree: Path) -> None:
    answer = gitops("parity", "--helm", version, folder=tree)
    assert (answer.code, answer.out) == (0, "one: no objects different\n")


def test_a_difference_is_the_object_and_its_lines(gitops: Gitops, tree: Path) -> None:
    template = tree / "charts/pybase/templates/pod.yaml"
    template.write_text(template.read_text().replace("name: api", "name: web"))
    answer = gitops("parity", "one", folder=tree)
    assert answer.code == 1
    assert answer.out.startswith("one: Pod/pybase/one\n--- Kustomize\n+++ chart\n")
    assert "-    name: api\n+    name: web\n" in answer.out
    assert answer.out.endswith("one: 1 object different\n")


def test_promotion_of_production_changes_both(gitops: Gitops, tree: Path) -> None:
    versions = tree / "environments/production/versions/kustomization.yaml"
    versions.write_text(versions.read_text().replace("newTag: 1.0.0", "newTag: 2.0.0"))
    assert gitops("parity", folder=tree).code == 0


def test_misspelt_scenario_gets_the_nearest(gitops: Gitops, tree: Path) -> None:
    answer = gitops("parity", "on", folder=tree)
    assert (answer.code, answer.err) == (
        2,
        "gitops parity: on: no such scenario, did you mean one?; see tests/parity/scenarios\n",
    )


def test_missing_example_is_named(gitops: Gitops, tree: Path) -> None:
    (tree / "charts/pybase/examples/one.yaml").unlink()
    answer = gitops("parity", folder=tree)
    assert answer.code == 2
    assert answer.err.startswith("gitops parity: charts/pybase/examples/one.yaml: no such file; ")


def test_template_that_fails_is_what_helm_says(gitops: Gitops, tree: Path) -> None:
    (tree / "charts/pybase/templates/pod.yaml").write_text('{{ fail "choose a store" }}')
    answer = gitops("parity", folder=tree)
    assert answer.code == 2
    assert "choose a store" in answer.err


def test_scenario_that_does_not_build_is_named(gitops: Gitops, tree: Path) -> None:
    (tree / "tests/parity/scenarios/one/pod.yaml").unlink()
    answer = gitops("parity", folder=tree)
    assert answer.code == 2
    assert answer.err.startswith("gitops parity: tests/parity/scenarios/one: does not build: ")
