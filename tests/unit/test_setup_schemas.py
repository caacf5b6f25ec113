"""Deriving the schemas (scripts/schemas): closed where they may be, refused when they are not as pinned."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas import checksums, modules
from schemas.custom_resources import close
from schemas.modules import Module, SourceError
from support import ROOT

TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("definition", "schema"),
    [
        ({"type": "object", "properties": {"a": TEXT}, "description": "text"},
         {"type": "object", "properties": {"a": TEXT}, "additionalProperties": False}),
        ({"type": "object", "properties": {"a": TEXT}, "x-kubernetes-preserve-unknown-fields": True},
         {"type": "object", "properties": {"a": TEXT}}),
        ({"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, TEXT]}, {"type": ["integer", "string"]}),
        ({"type": "string", "nullable": True, "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"type": "integer", "format": "int32"}, {"type": "integer"}),
        ({"anyOf": [{"type": "object", "properties": {"a": TEXT}}]},
         {"anyOf": [{"type": "object", "properties": {"a": TEXT}}]}),
        ({"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "default": "b"}}},
         {"type": "object", "properties": {"a": TEXT}, "additionalProperties": False}),
        ({"type": "object", "properties": {"default": TEXT}},
         {"type": "object", "properties": {"default": TEXT}, "additionalProperties": False}),
    ],
    ids=["closed", "open", "int-or-string", "nullable", "format", "alternatives", "defaulted", "field-named-default"],
)  # fmt: skip
def test_close(definition: dict[str, Any], schema: dict[str, Any]) -> None:
    assert close(definition) == schema


def test_tampered_schema_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}\n")
    expected = checksums.listing(tmp_path)
    checksums.compare(tmp_path, expected)
    (tmp_path / "a.json").write_text('{"additionalProperties":true}\n')
    with pytest.raises(SourceError, match=r"1 schemas differ from schemas/checksums.txt, a.json first"):
        checksums.compare(tmp_path, expected)


def test_missing_schema_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"b\.json first"):
        checksums.compare(tmp_path, "00  b.json\n")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"Dir": ".", "Sum": "h1:other"}, "example.com/m@v1.0.0: its hash is h1:other, not h1:pinned"),
        ({"Error": "403 Forbidden"}, "example.com/m@v1.0.0: cannot be downloaded: 403 Forbidden"),
        ({"Dir": ".", "Sum": "h1:pinned"}, "example.com/m@v1.0.0: has no folder nowhere"),
    ],
)
def test_module_that_is_not_as_pinned_is_refused(
    entry: dict[str, str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = json.dumps({"Path": "example.com/m", "Version": "v1.0.0", **entry}, indent=1)
    compiler = tmp_path / "go"
    compiler.write_text(f"#!/bin/sh\ncat <<'END'\n{answer}\nEND\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("GO", str(compiler))
    with pytest.raises(SourceError) as raised:
        modules.download([Module("example.com/m", "v1.0.0", "nowhere", "h1:pinned")], tmp_path)
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize("path", sorted((ROOT / "schemas").glob("*/*.json")), ids=lambda path: path.stem)
def test_hand_written_schema_is_closed_and_named_for_what_it_describes(path: Path) -> None:
    schema = json.loads(path.read_text())
    group_version = schema["properties"]["apiVersion"]["enum"][0]
    kind = schema["properties"]["kind"]["enum"][0]
    assert path.relative_to(ROOT / "schemas").as_posix() == (
        f"{group_version.split('/')[0]}/{kind.lower()}_{group_version.split('/')[1]}.json"
    )
    assert open_objects(schema) == []
    assert "$comment" in schema  # where its fields come from


def open_objects(schema: Any) -> list[Any]:
    """The parts of `schema` that are objects of any field."""
    if isinstance(schema, list):
        return [found for item in schema for found in open_objects(item)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if schema.get("type") == "object" and "additionalProperties" not in schema else []
    return own + [found for item in schema.values() for found in open_objects(item)]
