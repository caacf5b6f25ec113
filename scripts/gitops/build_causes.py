"""Mistakes that fail a build far from where they were made: what the build says, and who has to change what. Pure.

Each function gives None when the text is not its own.
"""

import difflib
import re
from collections.abc import Callable

from gitops import facts, images, kustomizations
from gitops.build_places import GENERATED, Sources, innermost, missing_object, place
from gitops.layout import closest
from gitops.manifests import Build

_NO_SOURCE = re.compile(r"nothing selected by (\w+)\.\S*?/([a-z0-9.-]+)\.(?:\[noNs]|[a-z0-9-]+):")

Explanation = tuple[str, int, str, str]  # path, line, message, fix


def _missing_fact(sources: Sources, build: Build, text: str) -> Explanation | None:
    """A replacement copies a fact that the cluster does not have; a misspelt one is the wiring's mistake."""
    match = re.search(r"fieldPath `data\.([\w-]+)` is missing", text)
    file = f"clusters/{build.cluster}/facts/kustomization.yaml"
    if "/fleet-facts" in text:
        file = "components/fleet-facts/kustomization.yaml"
    if not match or file not in sources:
        return None
    key = match[1]
    placeholder = f"CLUSTER_{key.upper().replace('-', '_')}"
    known = {fact for path in sources if kustomizations.is_kustomization(path) for fact in facts.read(sources[path])}
    used = key in known or any(placeholder in source.text for source in sources.values())
    if not used and difflib.get_close_matches(key, known, n=1, cutoff=0.8):
        return None
    own = facts.read(sources[file])
    line = facts.line_of(sources[file], next(iter(difflib.get_close_matches(key, own, n=1, cutoff=0.8)), ""))
    return file, line, f"the fact {key} is missing, so it does not build", f"write {key}=..."


def _missing_tag(sources: Sources, build: Build, text: str) -> Explanation | None:
    """A replacement looks for the tag of an image that has none (components/app-version)."""
    match = re.search(r"index \d+ is out of bounds for value (\S+?)\"?$", text)
    if not match:
        return None
    entries = [
        (file, entry)
        for file in sorted(kustomizations.reach(sources, build.folder))
        if file in sources and kustomizations.is_kustomization(file)
        for document in sources[file].documents[:1]
        for entry in kustomizations.listed(document, "images")
    ]
    written = {
        name for source in sources.values() for document in source.documents for name in images.written(document)
    }
    for file, entry in entries:
        if match[1] in (entry.text("newName"), entry.text("name")):
            return file, entry.line, f"image {match[1]} has no tag, so it does not build", "add newTag"
    for file, entry in entries:
        if entry.text("name") not in written and match[1] in written:
            message = f"{entry.text('name')} is no image, and {match[1]} has no tag, so it does not build"
            return file, entry.line, message, f"name it {match[1]}"
    leaf = kustomizations.of_folder(sources, build.folder)
    if match[1] not in written or not leaf:
        return None
    line = sources[leaf].documents[0].key_lines.get("components", 1)
    return leaf, line, f"image {match[1]} has no tag, so it does not build", "list the environment's versions first"


def _included_twice(sources: Sources, build: Build, text: str) -> Explanation | None:
    """Two entries of the build's own list bring the same Component, one of them on its way."""
    leaf = kustomizations.of_folder(sources, build.folder)
    if not leaf or not ("already registered id" in text or (GENERATED.search(text) and "exists" in text)):
        return None
    file, _ = innermost(sources, build)
    bringing = [e for e in _entries(sources, leaf) if file in kustomizations.reach(sources, e.path)]
    if len(bringing) < 2:
        return None
    own = next((entry for entry in bringing if entry.path == kustomizations.folder_of(file)), bringing[-1])
    other = next(entry for entry in bringing if entry is not own)
    message = f"{own.written} is in {other.written} already, so it does not build"
    return leaf, own.line, message, "delete this entry"


def _misnamed(sources: Sources, build: Build, text: str) -> Explanation | None:
    """A ConfigMap that others of the build know by another name: its generator is misspelt, or they are."""
    match = _NO_SOURCE.search(text) or (GENERATED.search(text) if "does not exist" in text else None)
    lost = (match[1], match[2]) if match else missing_object(text)
    if not lost or lost[0] != "ConfigMap":
        return None
    made = {
        entry.text("name"): (file, entry.line)
        for file in sorted(kustomizations.reach(sources, build.folder))
        if file in sources and kustomizations.is_kustomization(file)
        for document in sources[file].documents[:1]
        for entry in kustomizations.listed(document, "configMapGenerator")
        if entry.text("behavior") in ("", "create")
    }
    name = closest(lost[1], made, 0.8)
    if not name or name == lost[1]:
        return None
    if _mentions(sources, lost[1]) > _mentions(sources, name):
        file, line = made[name]
        return file, line, f"ConfigMap {name} is {lost[1]} elsewhere, so it does not build", f"name it {lost[1]}"
    path, line = place(sources, innermost(sources, build)[0], f"'{lost[1]}'")
    return path, line, f"there is no ConfigMap {lost[1]}, so it does not build", f"name it {name}"


def _mentions(sources: Sources, name: str) -> int:
    word = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
    return sum(bool(word.search(source.text)) for source in sources.values())


def _entries(sources: Sources, file: str) -> list[kustomizations.Entry]:
    return [e for document in sources[file].documents[:1] for e in kustomizations.entries(file, document)]


def _missing_component(sources: Sources, build: Build, text: str) -> Explanation | None:
    """The build's own list has a Component that patches an object, and the one that brings it not, or only later."""
    lost = missing_object(text)
    leaf = kustomizations.of_folder(sources, build.folder)
    bringing = {
        file
        for file, document in kustomizations.documents(sources)
        for entry in kustomizations.entries(file, document)
        if entry.field == "resources" and entry.path in sources
        for held in sources[entry.path].documents
        if (held.text("kind"), held.text("metadata", "name")) == lost
    }
    patching, _ = innermost(sources, build)
    if not leaf or not bringing or patching == leaf:
        return None
    entry = _listing(sources, leaf, patching, bringing)
    if entry is None:
        return None
    message = f"{kustomizations.folder_of(patching)} changes {lost[0]} {lost[1]}" if lost else ""
    fix = f"list {kustomizations.folder_of(min(bringing))} before it, or delete the entry"
    return entry.file, entry.line, f"{message}, which is not there yet, so it does not build", fix


def _listing(sources: Sources, file: str, patching: str, bringing: set[str]) -> kustomizations.Entry | None:
    """The entry that brings the patch, in the build's own list or its environment's; None when that one or one before
    it brings what is patched."""
    entries = _entries(sources, file)
    reach = [kustomizations.reach(sources, entry.path) for entry in entries]
    at = next((index for index, files in enumerate(reach) if patching in files), None)
    if at is None or any(bringing & files for files in reach[: at + 1]):
        return None
    inner = kustomizations.of_folder(sources, entries[at].path)
    if entries[at].field != "resources" or inner == patching:
        return entries[at]
    return _listing(sources, inner, patching, bringing)


CAUSES: tuple[Callable[[Sources, Build, str], Explanation | None], ...] = (
    _missing_fact,
    _missing_tag,
    _included_twice,
    _misnamed,
    _missing_component,
)
