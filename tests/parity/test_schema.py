"""The schema of the chart's values is closed, describes each once, and agrees with values.yaml and the README."""

import re

import pytest

from chart_cases import REPOSITORY, leaves
from gitops import chart, chart_values, helm
from gitops.errors import GitopsError
from gitops.manifests import dig
from support import ROOT

SCHEMA, DEFAULTS = chart.schema(REPOSITORY), chart.defaults(REPOSITORY)


def test_every_object_is_closed() -> None:
    open_ones = [name for name, held in chart_values.objects(SCHEMA) if held.get("additionalProperties") is not False]
    assert open_ones == []


def test_every_value_is_described_with_its_type_and_an_example() -> None:
    without = [leaf.name for leaf in leaves() if not (leaf.schema.get("description") and leaf.schema.get("examples"))]
    assert without == []
    assert [leaf.name for leaf in leaves() if leaf.type == "any"] == []


def test_defaults_are_those_of_values_yaml() -> None:
    said = {leaf.name: leaf.schema["default"] for leaf in leaves() if "default" in leaf.schema}
    written = {name: dig(DEFAULTS, *name.split(".")) for name in said}
    assert said == written


def test_the_tables_and_the_names_are_renewed() -> None:
    readme, text = chart.text(REPOSITORY, "README.md"), chart.text(REPOSITORY, "values.schema.json")
    assert chart_values.renewed(readme, SCHEMA, DEFAULTS) == readme, "run ./gitops values"
    assert chart_values.named(text) == text, "run ./gitops values"


@pytest.mark.parametrize("version", helm.PINNED)
@pytest.mark.parametrize(
    ("values", "misspelt", "meant"),
    [
        ({"persistance": {}}, "persistance", "postgresql"),
        ({"api": {"replicaCont": 1}}, "replicaCont", "replicaCount"),
        ({"searchWorker": {"autoscaling": {"maxReplica": 1}}}, "maxReplica", "maxReplicas"),
        ({"pybase": {"settings": {"LOGLEVEL": "INFO"}}}, "LOGLEVEL", "LOG_LEVEL"),
    ],
)
def test_misspelt_value_fails_with_the_right_name_in_sight(
    values: dict[str, object], misspelt: str, meant: str, version: int
) -> None:
    with pytest.raises(GitopsError) as caught:
        helm.template(ROOT / REPOSITORY.chart_folder(), values, version=version)
    place = re.escape("/".join(["", *_path(values)]))
    assert re.search(rf"at '{place}': additional properties '{misspelt}' not allowed", str(caught.value))
    assert f"'{meant}'" in str(caught.value)


def _path(values: object) -> list[str]:
    """The keys above the last."""
    [(key, held)] = values.items() if isinstance(values, dict) else []
    return [key, *_path(held)] if isinstance(held, dict) and held else []
