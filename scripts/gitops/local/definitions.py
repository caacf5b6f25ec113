"""The CustomResourceDefinitions that a cluster's builds need, so that this machine's API server takes their objects.

Those that set-up derived the schemas from, whole; and for kinds whose projects publish none, one made of the schema in
schemas/.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from gitops import tools
from gitops.layout import Repository
from gitops.manifests import CLUSTER_SCOPED, Build

Object = dict[str, Any]
OWN = ("argoproj.io", "bitnami.com")  # the platform brings these itself
GATEWAY = "gateway.networking.k8s.io"  # the one group of the fleet that looks built in and is not


def needed(repository: Repository, builds: Iterable[Build]) -> list[Object]:
    """A definition for each custom kind of the builds."""
    used = set()
    for build in builds:
        for manifest in build.objects:
            group = str(manifest.get("apiVersion")).rpartition("/")[0]
            if (group == GATEWAY or ("." in group and not group.endswith(".k8s.io"))) and group not in OWN:
                used.add((group, manifest.kind))
    found = [definition for definition in _published() if _of(definition) in used]
    there = {_of(definition) for definition in found}
    return [*found, *_written(repository, used - there)]


def _of(definition: Object) -> tuple[str, str]:
    return definition["spec"]["group"], definition["spec"]["names"]["kind"]


def _published() -> Iterator[Object]:
    for path in sorted((tools.schemas() / "definitions").glob("*.yaml")):
        yield json.loads(path.read_text())


def _written(repository: Repository, kinds: set[tuple[str, str]]) -> Iterator[Object]:
    for group, kind in sorted(kinds):
        versions = {}
        for path in sorted(Path(repository.root, "schemas", group).glob(f"{kind.lower()}_*.json")):
            versions[path.stem.rpartition("_")[2]] = open_schema(json.loads(path.read_text()))
        if versions:
            yield _definition(group, kind, versions)


def _definition(group: str, kind: str, versions: dict[str, Object]) -> Object:
    plural = _plural(kind.lower())
    names = {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"}
    served = [
        {
            "name": version, "served": True, "storage": index == 0, "schema": {"openAPIV3Schema": schema},
            "subresources": {"status": {}},
        }
        for index, (version, schema) in enumerate(versions.items())
    ]  # fmt: skip
    scope = "Cluster" if kind in CLUSTER_SCOPED else "Namespaced"
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{plural}.{group}",
            "annotations": {"api-approved.kubernetes.io": "unapproved, a stand-in for tests"},
        },
        "spec": {"group": group, "names": names, "scope": scope, "versions": served},
    }


def open_schema(schema: Any) -> Any:
    """A JSON schema as a structural one (apiextensions.k8s.io/v1), which is closed by itself and types everything."""
    if isinstance(schema, list):
        return [open_schema(value) for value in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: open_schema(value) for key, value in schema.items() if key not in ("$comment", "$schema")}
    if kept.get("additionalProperties") is False:
        del kept["additionalProperties"]
    if "enum" in kept and "type" not in kept:
        kept["type"] = "string"
    if kept.get("type") == ["integer", "string"]:
        del kept["type"]
        kept["x-kubernetes-int-or-string"] = True
    properties = kept.get("properties")
    if isinstance(properties, dict) and "apiVersion" in properties and "metadata" in properties:  # the object itself
        own = {key: value for key, value in properties.items() if key not in ("apiVersion", "kind", "metadata")}
        required = [name for name in kept.get("required", []) if name in own]
        kept = {"type": "object", "properties": own} | ({"required": required} if required else {})
    return kept


def _plural(word: str) -> str:
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
