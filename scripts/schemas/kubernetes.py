"""Schemas of Kubernetes' own kinds, from the strict ones in the package kubernetes-validate (only its data is used)."""

import importlib.util
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from schemas.modules import SourceError

METADATA = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


def schemas(version: str, kinds: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(file name, stand-alone schema) of each kind, such as `deployment-apps-v1`, in a version such as `1.37`."""
    for kind in kinds:
        path = _folder(version) / f"{kind}.json"
        if not path.is_file():
            raise SourceError(f"schemas/sources.yaml: Kubernetes {version} has no kind {kind}")
        yield path.name, _inline(json.loads(path.read_text()), _definitions(version))


def object_metadata(version: str) -> Any:
    """The schema of `metadata`, which custom resources leave to Kubernetes."""
    return _inline({"$ref": METADATA}, _definitions(version))


def _folder(version: str) -> Path:
    package = importlib.util.find_spec("kubernetes_validate")
    if package is None or not package.submodule_search_locations:
        raise SourceError("kubernetes-validate is not installed; requirements.txt pins it")
    return Path(package.submodule_search_locations[0], "kubernetes-json-schema", f"v{version}.0-local-strict")


@cache
def _definitions(version: str) -> dict[str, Any]:
    definitions: dict[str, Any] = json.loads((_folder(version) / "_definitions.json").read_text())["$defs"]
    return definitions


def _inline(node: Any, definitions: dict[str, Any], inside: tuple[str, ...] = ()) -> Any:
    """`node` with references replaced by what they refer to, and without descriptions."""
    if isinstance(node, list):
        return [_inline(item, definitions, inside) for item in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        name = node["$ref"].rsplit("/", 1)[-1]
        if name in inside:  # JSONSchemaProps holds itself: anything goes from the second level on
            return {}
        rest = {key: value for key, value in node.items() if key != "$ref"}
        return _inline({**definitions[name], **rest}, definitions, (*inside, name))
    return {
        key: _inline(value, definitions, inside)
        for key, value in node.items()
        if key != "$id" and not (key == "description" and isinstance(value, str))
    }
