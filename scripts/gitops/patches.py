"""Patches as written: their bodies, what they select, and what a merge patch does to lists. Pure."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from gitops import locate, source
from gitops.fleet import Fleet
from gitops.manifests import Manifest, dig, mapping
from gitops.nodes import Node
from gitops.targets import targets

_HASH = re.compile(r"-[a-z0-9]{10}$")  # of the content, which generators append to a name

# Groups that Kustomize has merge keys for; with a dot in the group, anything else is a custom resource.
_BUILT_IN = re.compile(
    r"(?:admissionregistration|apiextensions|apiregistration|certificates|coordination|discovery|events|networking|node"
    r"|rbac\.authorization|resource|scheduling|storage|flowcontrol\.apiserver)\.k8s\.io"
)


def bodies(fleet: Fleet, file: str, entry: Node) -> Iterator[tuple[str, int, Node]]:
    """(file, lines before it, document) of a `patches:` entry, a file's or one written inside."""
    if path := entry.text("path"):
        where = locate.relative(file, path)
        for document in fleet.sources[where].documents if where in fleet.sources else []:
            yield where, 0, document
    elif body := entry.get("patch"):
        for document in _parsed(str(body.value)):
            yield file, body.line, document


@cache
def _parsed(text: str) -> list[Node]:
    return source.parse(text)


def definition(fleet: Fleet, manifest: Manifest) -> Node:
    """The object as its file has it, an empty node for one that is generated."""
    found = fleet.sources.get(manifest.origin)
    for document in found.documents if found else []:
        if document.text("kind") == manifest.kind and document.text("metadata", "name") == manifest.name:
            return document
    return Node({}, 1)


def selected(fleet: Fleet, target: Node, manifest: Manifest) -> bool:
    """Does a target select the object as it was then: before the hash of its name, in the namespace of its file?"""
    plain = manifest.data | {"metadata": mapping(manifest.get("metadata")) | {"name": _HASH.sub("", manifest.name)}}
    if not any(targets(target, candidate) for candidate in (manifest, replace(manifest, data=plain))):
        return False
    wanted = target.text("namespace")
    return not wanted or bool(re.fullmatch(wanted, definition(fleet, manifest).text("metadata", "namespace")))


def is_custom(manifest: Manifest) -> bool:
    group = str(manifest.get("apiVersion")).rpartition("/")[0]
    return "." in group and not _BUILT_IN.fullmatch(group)


def wiped(fleet: Fleet, manifest: Manifest, patch: Node) -> Iterator[tuple[int, tuple[str, ...], str]]:
    """(line, path, first lost entry) of each list of a custom resource that a merge patch replaced whole."""
    before = definition(fleet, manifest)
    for path, line, entries in _lists(patch):
        after = [entry.plain() for entry in entries]
        held = before.get(*path)
        lost = [entry.plain() for entry in (held.items() if held else []) if entry.plain() not in after]
        rendered = dig(manifest.data, *path)
        if lost and isinstance(rendered, list) and len(rendered) == len(after):
            yield line, path, str(lost[0])


def _lists(node: Node, *path: str) -> Iterator[tuple[tuple[str, ...], int, list[Node]]]:
    if isinstance(node.value, dict):
        for key, held in node.value.items():
            if isinstance(held.value, list):
                yield (*path, key), node.key_lines[key], held.value
            else:
                yield from _lists(held, *path, key)
