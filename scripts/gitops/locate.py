"""From a field of a rendered object to the source file and line that a person must edit.

Kustomizations are asked in reverse order, so the one that set the field last answers; then the file that defines the
object. A field that nobody wrote is located at its nearest written parent.
"""

import re
from collections.abc import Mapping
from typing import Any

from gitops import facts, source
from gitops.manifests import Manifest, dig
from gitops.nodes import Key, Node
from gitops.source import SourceFile
from gitops.targets import bare, replaces, targets

IDENTITY = (("apiVersion",), ("kind",), ("metadata", "name"))  # in a patch they say which object, and set nothing
MERGE_KEYS = (
    "name",
    "mountPath",
    "containerPort",
    "key",
    "topologyKey",
    "path",
    "host",
)  # list entries are known by these
Sources = Mapping[str, SourceFile]
Place = tuple[str, int]


def locate(sources: Sources, manifest: Manifest, *path: Key) -> Place:
    """(path, line) of the source that sets the field at `path` of the object."""
    return _changed(sources, manifest, path) or _added(sources, manifest, path) or _definition(sources, manifest, path)


def _changed(sources: Sources, manifest: Manifest, path: tuple[Key, ...]) -> Place | None:
    """Where the field was set last, after the object was defined."""
    for kustomization in reversed(manifest.changed_in if path not in IDENTITY else ()):
        for document in sources[kustomization].documents if kustomization in sources else []:
            place = (
                _patch(sources, kustomization, document, manifest, path)
                or _image(kustomization, document, manifest, path)
                or _replicas(kustomization, document, manifest, path)
                or _fact(sources, kustomization, document, manifest, path)
                or _literal(sources, kustomization, document, manifest, path)
            )
            if place:
                return place
    return None


def _added(sources: Sources, manifest: Manifest, path: tuple[Key, ...]) -> Place | None:
    """Where the list entry that lacks the field was added to the object."""
    file = sources.get(manifest.origin)
    definitions = (document for document in (file.documents if file else []) if _defines(document, manifest))
    written = max((_deepest(document, manifest.data, path)[1] for document in definitions), default=0)
    entries = (path[:end] for end in range(len(path) - 1, written, -1) if isinstance(path[end - 1], int))
    return next((place for entry in entries if (place := _changed(sources, manifest, entry))), None)


def _definition(sources: Sources, manifest: Manifest, path: tuple[Key, ...]) -> Place:
    file = sources.get(manifest.origin)
    for document in file.documents if file else []:
        place = _literal(sources, manifest.origin, document, manifest, path)
        if place:
            return place
        if _defines(document, manifest):
            return manifest.origin, _deepest(document, manifest.data, path)[0]
    return manifest.origin or manifest.build, 1


def _defines(document: Node, manifest: Manifest) -> bool:
    return document.text("kind") == manifest.kind and manifest.name.startswith(document.text("metadata", "name"))


def _deepest(node: Node, rendered: Any, path: tuple[Key, ...]) -> tuple[int, int]:
    """(line, steps taken) of the deepest written node along `path`."""
    line = node.line
    for taken, key in enumerate(path):
        if isinstance(key, str) and isinstance(node.value, dict) and key in node.value:
            line, node = node.key_lines[key], node.value[key]
        elif isinstance(key, int) and (entry := _entry(node, rendered, key)) is not None:
            line, node = entry.line, entry
        else:
            return line, taken
        rendered = dig(rendered, key)
    return line, len(path)


def _entry(node: Node, rendered: Any, index: int) -> Node | None:
    """The list entry that became rendered[index]: the one with the same merge key or scalar value."""
    wanted = dig(rendered, index)
    for entry in node.items():
        if not isinstance(wanted, dict):
            if entry.value == wanted:
                return entry
            continue
        key = next((key for key in MERGE_KEYS if key in wanted), None)
        if key and isinstance(entry.value, dict) and entry.text(key) == str(wanted[key]):
            return entry
    return None if isinstance(wanted, dict) and "name" in wanted else node.get(index)


def _patch(sources: Sources, file: str, document: Node, manifest: Manifest, path: tuple[Key, ...]) -> Place | None:
    for entry in reversed((document.get("patches") or Node([], 1)).items()):
        where, offset, body = file, 0, entry.get("patch")
        if entry.text("path"):
            where = relative(file, entry.text("path"))
            documents = sources[where].documents if where in sources else []
        elif body is not None:
            offset, documents = body.line, source.parse(str(body.value))
        else:
            continue
        for patch in documents:
            line = _patch_line(entry, patch, manifest, path)
            if line:
                return where, line + offset
    return None


def _patch_line(entry: Node, patch: Node, manifest: Manifest, path: tuple[Key, ...]) -> int:
    """The line in a patch that writes the field, 0 if it does not."""
    if isinstance(patch.value, list):
        pointer = tuple(str(key) for key in path)
        for operation in reversed(patch.items()):
            parts = tuple(p.replace("~1", "/").replace("~0", "~") for p in operation.text("path").split("/")[1:])
            if targets(entry.get("target"), manifest) and parts and _covers(operation, parts, pointer, manifest, path):
                return operation.line
        return 0
    if entry.get("target") is None:
        name = patch.text("metadata", "name")
        if patch.text("kind") != manifest.kind or name not in (manifest.name, bare(manifest)):
            return 0
    elif not targets(entry.get("target"), manifest):
        return 0
    line, taken = _deepest(patch, manifest.data, path)
    return line if taken == len(path) else 0


def _covers(
    operation: Node, parts: tuple[str, ...], pointer: tuple[str, ...], manifest: Manifest, path: tuple[Key, ...]
) -> bool:
    """Does a JSON patch operation write the field? `-` appends: the entry is known by its value."""
    if parts[-1] == "-" and parts[:-1] == pointer[: len(parts) - 1]:
        value = operation.get("value")
        return value is not None and dig(manifest.data, *path[: len(parts)]) == value.plain()
    return parts == pointer[: len(parts)]


def _image(file: str, document: Node, manifest: Manifest, path: tuple[Key, ...]) -> Place | None:
    """The `images:` entry behind an image; PyBase's registry is a placeholder, so the last segment decides, with the
    tag and digest that the entry sets."""
    if path[-1:] != ("image",):
        return None
    image = str(manifest.get(*path))
    repository = image.partition("@")[0].rsplit(":", 1)[0]
    for entry in reversed((document.get("images") or Node([], 1)).items()):
        name = entry.text("newName") or entry.text("name")
        same = all(entry.text(field) in image for field in ("newTag", "digest"))
        if same and name.rsplit("/", 1)[-1] == repository.rsplit("/", 1)[-1]:
            return file, entry.line
    return None


def _replicas(file: str, document: Node, manifest: Manifest, path: tuple[Key, ...]) -> Place | None:
    """The `replicas:` entry of the object's name."""
    if path != ("spec", "replicas"):
        return None
    entries = (document.get("replicas") or Node([], 1)).items()
    return next(((file, entry.line) for entry in reversed(entries) if entry.text("name") == manifest.name), None)


def _fact(sources: Sources, file: str, document: Node, manifest: Manifest, path: tuple[Key, ...]) -> Place | None:
    """The fact that a replacement copied whole into the field."""
    for entry in reversed((document.get("replacements") or Node([], 1)).items()):
        listed = sources.get(relative(file, entry.text("path"))) if entry.text("path") else None
        for replacement in listed.documents if listed else [entry]:
            if not replaces(replacement, manifest, path):
                continue
            key = replacement.text("source", "fieldPath").removeprefix("data.")
            place = _fact_place(sources, manifest, replacement.text("source", "name"), key)
            if place:
                return place
    return None


def _fact_place(sources: Sources, manifest: Manifest, name: str, key: str) -> Place | None:
    cluster = manifest.build.rpartition("/")[0]
    for file in (f"{cluster}/facts/kustomization.yaml", f"components/{name}/kustomization.yaml"):
        if file in sources and key in facts.read(sources[file]):
            return file, facts.line_of(sources[file], key)
    return None


def _literal(sources: Sources, file: str, document: Node, manifest: Manifest, path: tuple[Key, ...]) -> Place | None:
    """The literal of a generator, or the generator itself, behind a datum of a generated ConfigMap."""
    if manifest.kind != "ConfigMap":
        return None
    for entry in (document.get("configMapGenerator") or Node([], 1)).items():
        if not re.fullmatch(re.escape(entry.text("name")) + r"(-[a-z0-9]{10})?", manifest.name):
            continue
        place = _datum(sources, file, entry, str(path[-1])) if path[:1] == ("data",) else None
        if place or file == manifest.origin:
            return place or (file, entry.line)
    return None


def _datum(sources: Sources, file: str, generator: Node, key: str) -> Place | None:
    """The literal, the line of an `.env` file or the whole file that a generator makes the datum `key` of."""
    for literal in (generator.get("literals") or Node([], 1)).items():
        if str(literal.value).partition("=")[0] == key:
            return file, literal.line
    for env in (generator.get("envs") or Node([], 1)).items():
        where = relative(file, str(env.value))
        for number, text in enumerate(sources[where].text.splitlines() if where in sources else [], 1):
            if text.partition("=")[0] == key:
                return where, number
    for whole in (generator.get("files") or Node([], 1)).items():
        name, _, path = str(whole.value).rpartition("=")
        if (name or path.rsplit("/", 1)[-1]) == key:
            return relative(file, path), 1
    return None


def relative(file: str, path: str) -> str:
    """`path` as written in `file`, relative to the repository root."""
    steps: list[str] = file.split("/")[:-1]
    for step in path.split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step not in (".", ""):
            steps.append(step)
    return "/".join(steps)
