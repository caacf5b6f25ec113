"""Schemas of custom resources, from the CustomResourceDefinitions in a folder; a misspelt field fails them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

Schema = dict[str, Any]

PROSE = {"description", "example", "externalDocs", "default", "title", "nullable"}
NAMED_SCHEMAS = ("properties", "patternProperties", "definitions", "dependencies")
ALTERNATIVES = ("allOf", "anyOf", "oneOf")
# OpenAPI formats that say how a number or string is stored, which JSON schema does not check.
STORAGE_FORMATS = {"int32", "int64", "double", "float", "byte", "password"}


class _Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]
    """Reads a bare `=` as text: PyYAML cannot, and prometheus-operator's CRDs have one in a list of operators."""


_Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: node.value)


def schemas(folder: Path, metadata: Schema) -> Iterator[tuple[str, Schema]]:
    """(file name as kubeconform's template wants it, schema) of every version of every definition below `folder`."""
    for _, definition in definitions(folder):
        yield from _versions(definition["spec"], metadata)


def definitions(folder: Path) -> Iterator[tuple[str, Schema]]:
    """(file name, definition) of every CustomResourceDefinition below `folder`."""
    for path in sorted(file for file in folder.rglob("*") if file.suffix in {".yaml", ".yml"}):
        for document in yaml.load_all(path.read_text(), _Loader):
            if isinstance(document, dict) and document.get("kind") == "CustomResourceDefinition":
                yield f"{document['metadata']['name']}.yaml", document


def _versions(spec: Schema, metadata: Schema) -> Iterator[tuple[str, Schema]]:
    group, kind = spec["group"], spec["names"]["kind"]
    for version in spec["versions"]:
        body = version.get("schema", {}).get("openAPIV3Schema")
        if not body:
            continue
        schema = close(body)
        schema.setdefault("properties", {}).update(
            apiVersion={"enum": [f"{group}/{version['name']}"]}, kind={"enum": [kind]}, metadata=metadata
        )
        schema["type"] = "object"
        if not body.get("x-kubernetes-preserve-unknown-fields"):
            schema["additionalProperties"] = False
        schema["required"] = sorted({*schema.get("required", ()), "apiVersion", "kind", "metadata"})
        yield f"{group}/{kind.lower()}_{version['name']}.json", schema


def close(schema: Any, whole: bool = True) -> Any:
    """`schema` as plain JSON schema that refuses unknown fields.

    whole: this names every field of the object. Not so inside anyOf and the like, each of which names some only.
    """
    if not isinstance(schema, dict):
        return schema
    closed: Schema = {
        key: value for key, value in schema.items() if key not in PROSE and not key.startswith("x-kubernetes-")
    }
    for key in NAMED_SCHEMAS:
        if key in closed:
            closed[key] = {name: close(value, whole) for name, value in closed[key].items()}
    for key in ALTERNATIVES:
        if key in closed:
            closed[key] = [close(value, whole=False) for value in closed[key]]
    for key in ("items", "additionalProperties"):
        if key in closed:
            closed[key] = close(closed[key], whole)
    if "not" in closed:
        closed["not"] = close(closed["not"], whole=False)
    if closed.get("format") in STORAGE_FORMATS:
        del closed["format"]
    return _nullable(schema, _sealed(schema, _int_or_string(schema, _required(schema, closed)), whole))


def _required(source: Schema, closed: Schema) -> Schema:
    """Without required fields that have a default: the API server fills those in first. No empty list: kubeconform
    would refuse the whole schema."""
    filled = {name for name, value in source.get("properties", {}).items() if "default" in value}
    required = [name for name in closed.get("required", ()) if name not in filled]
    rest = {key: value for key, value in closed.items() if key != "required"}
    return rest | {"required": required} if required else rest


def _int_or_string(source: Schema, closed: Schema) -> Schema:
    if source.get("x-kubernetes-int-or-string") or source.get("format") == "int-or-string":
        return {key: closed[key] for key in closed if key not in {"format", "anyOf"}} | {"type": ["integer", "string"]}
    return closed


def _sealed(source: Schema, closed: Schema, whole: bool) -> Schema:
    """Without unknown fields, where the definition lists all fields and does not ask to keep others."""
    if source.get("x-kubernetes-embedded-resource"):
        return {"type": "object"} | closed
    listed = "properties" in closed and "additionalProperties" not in closed and closed.get("type") == "object"
    if whole and listed and not source.get("x-kubernetes-preserve-unknown-fields"):
        return closed | {"additionalProperties": False}
    return closed


def _nullable(source: Schema, closed: Schema) -> Schema:
    if source.get("nullable") and isinstance(closed.get("type"), str):
        closed = closed | {"type": [closed["type"], "null"]}
        if "enum" in closed:
            closed["enum"] = [*closed["enum"], None]
    return closed
