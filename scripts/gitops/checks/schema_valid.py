"""An object is not what the Kubernetes API or its CRD takes: unknown field, wrong type, unknown kind or version.

Why: the API server drops an unknown field without a word, so a misspelt limit is no limit; a wrong type fails the sync.
Every object is checked strictly against the schemas of the oldest and the newest Kubernetes a cluster may run, and
against the CRDs of the pinned versions; a kind without a schema is refused too, and deprecated ones have none. Words
of a closed list (`protocol`, `pathType`, `accessModes` ...), quantities and names, which the schemas call text, too.

Fails:

    ports: [{port: 8000, targetport: http}]

Passes:

    ports: [{port: 8000, targetPort: http}]

Fix: use the nearest field, quote the value, or name the served version.
Cannot see: what only the API server knows, for example whether an immutable field was changed.
Source: https://kubernetes.io/docs/reference/using-api/deprecation-guide/
"""

import re
from collections.abc import Iterator

from gitops import schema_values
from gitops.facts import PLACEHOLDER
from gitops.fleet import Fleet
from gitops.kubeconform import NO_SCHEMA, VERSIONS, Failure, steps
from gitops.layout import closest, nearest
from gitops.manifests import Manifest, dig
from gitops.nodes import Key
from gitops.problems import Problem

ID = "schema-valid"
SEVERITY = "error"
CONTROLS = ("ST02", "ST03", "XR11")
READS = ("render", "data")

_UNKNOWN = re.compile(r"additional propert(?:y|ies) (.*) not allowed")
_TYPE = re.compile(r"got (\w+), want (.+)")
_LACKS = re.compile(r"missing propert(?:y|ies) (.*)")


def check(fleet: Fleet) -> Iterator[Problem]:
    refused: dict[tuple[int, str, str], tuple[Failure, list[str]]] = {}
    for failure in fleet.schema_failures:
        key = (id(failure.manifest), failure.pointer, failure.message)
        refused.setdefault(key, (failure, []))[1].append(failure.version)
    misspelt = {key for failure, _ in refused.values() for key in _misspelt(failure)}
    for failure, versions in refused.values():
        only = f" in Kubernetes {versions[0]}" if len(versions) < len(VERSIONS) else ""
        for path, message, fix in _explained(failure, misspelt):
            yield fleet.at(ID, failure.manifest, path, f"{message}{only}", fix)
    for manifest in (manifest for build in fleet.builds for manifest in build.objects):
        for path, message, fix in schema_values.wrong(manifest):
            yield fleet.at(ID, manifest, path, message, fix)


def _misspelt(failure: Failure) -> Iterator[tuple[int, str, str]]:
    """(object, pointer, field) that an unknown field was meant to be: one mistake, not also a missing field."""
    match = _UNKNOWN.search(failure.message)
    for name in re.findall(r"'([^']*)'", match[1]) if match else ():
        if meant := closest(name, failure.known):
            yield id(failure.manifest), failure.pointer, meant


def _explained(failure: Failure, misspelt: set[tuple[int, str, str]]) -> Iterator[tuple[tuple[Key, ...], str, str]]:
    """(path, message, fix) of a refusal, one for each unknown or missing field."""
    manifest, path = failure.manifest, _path(failure.manifest, failure.pointer)
    if failure.message.startswith(NO_SCHEMA):
        yield _unknown_kind(manifest, failure.known)
    elif match := _UNKNOWN.search(failure.message):
        for name in re.findall(r"'([^']*)'", match[1]):
            fix = f"delete the field{nearest(name, failure.known)}"
            yield (*path, name), f"{_dotted(path)}has no field {name}", fix
    elif match := _LACKS.search(failure.message):
        for name in re.findall(r"'([^']*)'", match[1]):
            if (id(manifest), failure.pointer, name) not in misspelt:
                yield path, f"{_dotted(path)}lacks the field {name}", f"write {name}"
    elif match := _TYPE.search(failure.message):
        value, wanted = dig(manifest.data, *path), match[2].replace("null or ", "")
        quote = wanted == "string" and isinstance(value, int | float)
        fix = f'write "{str(value).lower()}"' if quote else f"write a value of type {wanted}"
        yield path, f"{_dotted(path)}is a {match[1]}, not {wanted}", fix
    elif not PLACEHOLDER.search(failure.message):  # no-placeholders
        yield path, f"{_dotted(path)}{failure.message[:200]}", "write what the schema of the kind asks for"


def _unknown_kind(manifest: Manifest, known: tuple[str, ...]) -> tuple[tuple[Key, ...], str, str]:
    """The known words are the versions of the kind, or else all kinds."""
    version = str(manifest.get("apiVersion"))
    if version in known:
        return ("kind",), f"the schema of {manifest.kind} in {version} cannot be used", "derive the schemas again"
    if any(word.partition("/")[2] or re.fullmatch(r"v\d\w*", word) for word in known):
        return ("apiVersion",), f"{manifest.kind} is not served as {version}", f"name {' or '.join(known)}"
    fix = f"correct the kind{nearest(manifest.kind, known)}, or add its schema to schemas/"
    return ("kind",), f"no schema of kind {manifest.kind} in {version}", fix


def _path(manifest: Manifest, pointer: str) -> tuple[Key, ...]:
    """A JSON pointer as a path: its numbers are indices where the object has a list."""
    path: list[Key] = []
    for step in steps(pointer):
        path.append(int(step) if isinstance(dig(manifest.data, *path), list) and step.isdigit() else step)
    return tuple(path)


def _dotted(path: tuple[Key, ...]) -> str:
    return ".".join(str(step) for step in path) + " " if path else ""
