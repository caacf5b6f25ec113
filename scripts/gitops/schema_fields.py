"""What the schema files know, for a message that names the right word: fields at a place, served versions of a kind."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from gitops.manifests import Manifest, mapping, sequence

_WORD = re.compile(r"[a-z0-9.-]{1,253}")  # what a kind, a group or a version is made of; others are no file names


def file_of(folders: tuple[Path, Path, Path], manifest: Manifest) -> Path | None:
    """The schema of an object's kind and version: in the Kubernetes folder, else in one of the CRD folders."""
    group, _, version = str(manifest.get("apiVersion")).rpartition("/")
    kind = manifest.kind.lower()
    if not all(_WORD.fullmatch(word) for word in (group or kind, version, kind)):
        return None
    built_in, *custom = folders
    # kubeconform's KindSuffix: the first word of the group, then the version.
    suffix = f"-{group.partition('.')[0]}-{version}" if group else f"-{version}"
    files = (built_in / f"{kind}{suffix}.json", *(folder / group / f"{kind}_{version}.json" for folder in custom))
    return next((file for file in files if file.is_file()), None)


def fields(file: Path, pointer: list[str]) -> list[str]:
    """The fields that an object may have at a JSON pointer."""
    places = [_read(file)]
    for step in pointer:
        places = [below for place in places for below in _below(place, step)]
    return sorted({name for place in places for part in _parts(place) for name in mapping(part.get("properties"))})


def served(folders: tuple[Path, Path, Path], kind: str) -> list[str]:
    """The API versions in which a kind is served."""
    built_in, *custom = folders
    name = kind.lower()
    if not _WORD.fullmatch(name):
        return []
    files = [*built_in.glob(f"{name}-*.json"), *(file for folder in custom for file in folder.glob(f"*/{name}_*.json"))]
    return sorted({version for file in files for version in _versions(file)})


def kinds(folders: tuple[Path, Path, Path]) -> list[str]:
    """The kinds that have a schema."""
    built_in, *custom = folders
    files = [*built_in.glob("*.json"), *(file for folder in custom for file in folder.glob("*/*.json"))]
    return sorted({str(kind) for file in files for kind in sequence(_property(file, "kind").get("enum")) if kind})


def _versions(file: Path) -> list[str]:
    return [str(version) for version in sequence(_property(file, "apiVersion").get("enum")) if version]


def _property(file: Path, name: str) -> dict[str, Any]:
    return mapping(mapping(_read(file).get("properties")).get(name))


@cache
def _read(file: Path) -> dict[str, Any]:
    return mapping(json.loads(file.read_bytes()))


def _parts(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for combination in ("allOf", "anyOf", "oneOf"):
        for part in sequence(schema.get(combination)):
            yield from _parts(mapping(part))


def _below(schema: dict[str, Any], step: str) -> Iterator[dict[str, Any]]:
    for part in _parts(schema):
        if step in mapping(part.get("properties")):
            yield mapping(part["properties"][step])
        elif step.isdigit() and isinstance(part.get("items"), dict):
            yield part["items"]
        elif isinstance(part.get("additionalProperties"), dict):
            yield part["additionalProperties"]
