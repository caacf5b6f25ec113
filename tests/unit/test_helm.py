"""Both pinned helms, on a chart of one object."""

from pathlib import Path

import pytest

from gitops import helm
from gitops.errors import GitopsError


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    files = {
        "Chart.yaml": "apiVersion: v2\nname: pybase\nversion: 0.1.0\nicon: https://example.com/icon.svg\n",
        "values.yaml": "size: 1\nlabel: a\n",
        "templates/config.yaml": "kind: ConfigMap\nmetadata: {name: a}\n"
        "data: {kubernetes: {{ .Capabilities.KubeVersion.Minor | quote }}, size: {{ .Values.size | quote }}}\n",
        "templates/tests/pod.yaml": 'kind: Pod\nmetadata: {name: t, annotations: {"helm.sh/hook": test}}\n',
        "values.schema.json": '{"additionalProperties": false, "properties": {"size": {}, "label": {}}}',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("version", helm.PINNED)
def test_template_gives_objects_without_the_tests(version: int, chart: Path) -> None:
    file = chart / "values-2.yaml"
    file.write_text("size: 2\n")
    [found] = helm.template(chart, {"label": "b"}, files=[file], version=version, kube_version="1.34")
    assert (found.identity, found.get("data")) == ("ConfigMap/pybase/a", {"kubernetes": "34", "size": "2"})


@pytest.mark.parametrize("version", helm.PINNED)
def test_a_value_that_the_schema_does_not_know_fails(version: int, chart: Path) -> None:
    for call in (helm.template, helm.lint):
        with pytest.raises(GitopsError, match="additional properties 'sise' not allowed"):
            call(chart, {"sise": 1}, version=version)


def test_lint_is_strict(chart: Path) -> None:
    helm.lint(chart, {})
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: pybase\nversion: '1'\ncolour: red\n")
    with pytest.raises(GitopsError, match=r"^helm lint: \[WARNING\] Chart.yaml: .* unknown field .colour"):
        helm.lint(chart, {})
