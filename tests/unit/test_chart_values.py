"""The tables of the chart's values, and the names that Helm shows for a misspelt one."""

import pytest

from gitops import chart_values
from gitops.errors import GitopsError

SCHEMA = {
    "$defs": {
        "resources": {"type": "object", "description": "Shared.", "properties": {"cpu": {"type": "string"}}},
    },
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "What it is called.", "examples": ["shop"]},
        "api": {
            "type": "object",
            "description": "The API.",
            "properties": {
                "level": {"enum": ["a", "b"], "description": "One | two."},
                "size": {"type": ["integer", "null"], "description": "How many."},
                "resources": {"$ref": "#/$defs/resources", "properties": {"cpu": {"description": "Cores."}}},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}, "description": "More."},
            },
        },
    },
}
VALUES = {"name": "pybase", "api": {"level": "a", "size": 2, "resources": {"cpu": "1"}}}


def test_leaves_are_every_value_in_order() -> None:
    found = chart_values.leaves(SCHEMA)
    assert [leaf.name for leaf in found] == ["name", "api.level", "api.size", "api.resources.cpu", "api.labels"]
    assert [leaf.type for leaf in found] == ["string", "`a`, `b`", "integer or null", "string", "object"]


def test_what_stands_beside_a_reference_goes_before_it() -> None:
    leaf = next(leaf for leaf in chart_values.leaves(SCHEMA) if leaf.name == "api.resources.cpu")
    assert leaf.schema == {"type": "string", "description": "Cores."}


def test_page_gets_a_table_for_each_section() -> None:
    page = "# Chart\n<!-- values: begin -->\nold\n<!-- values: end -->\nrest\n"
    assert chart_values.renewed(page, SCHEMA, VALUES) == (
        "# Chart\n<!-- values: begin -->\n\n"
        "### General\n\n"
        "| Value | Type | Default | Meaning |\n| --- | --- | --- | --- |\n"
        "| `name` | string | `pybase` | What it is called. Example: `shop` |\n\n"
        "### api\n\nThe API.\n\n"
        "| Value | Type | Default | Meaning |\n| --- | --- | --- | --- |\n"
        "| `api.level` | `a`, `b` | `a` | One \\| two. |\n"
        "| `api.size` | integer or null | `2` | How many. |\n"
        "| `api.resources.cpu` | string | `1` | Cores. |\n"
        "| `api.labels` | object | `{}` | More. |\n"
        "\n<!-- values: end -->\nrest\n"
    )


def test_page_without_marks_is_refused() -> None:
    with pytest.raises(GitopsError, match="values: begin"):
        chart_values.renewed("# Chart\n", SCHEMA, VALUES)


CLOSED = """{
  "additionalProperties": false,
  "properties": {
    "labels": {"additionalProperties": {"type": "string"}},
    "api": {"properties": {"b": {}, "a": {"additionalProperties": false}}, "additionalProperties": false}
  }
}
"""


def test_names_are_listed_in_every_closed_object_and_the_rest_stays() -> None:
    named = chart_values.named(CLOSED)
    expected = CLOSED.replace("false,", 'false, "propertyNames": {"enum": ["labels", "api"]},', 1)
    expected = expected.replace(
        '"a": {"additionalProperties": false}', '"a": {"additionalProperties": false, "propertyNames": {"enum": []}}'
    )
    assert named == expected.replace("false}\n", 'false, "propertyNames": {"enum": ["b", "a"]}}\n')
    assert chart_values.named(named) == named


def test_objects_are_all_that_have_to_be_closed() -> None:
    names = [name for name, _ in chart_values.objects(SCHEMA)]
    assert names == ["", "api", "api.resources", "resources"]


def test_missing_definition_is_named() -> None:
    with pytest.raises(GitopsError, match=r"#/\$defs/x is not there"):
        chart_values.leaves({"properties": {"a": {"$ref": "#/$defs/x"}}})
