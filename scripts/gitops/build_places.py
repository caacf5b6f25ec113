"""Where in the sources the text of a failed build points: the kustomization, its line, the object. Pure.

The texts are those of kustomize/api 0.21 (tools/render/go.mod).
"""

import re
from collections.abc import Mapping

from gitops import kustomizations
from gitops.manifests import Build
from gitops.nodes import Node
from gitops.source import SourceFile

_FOLDER = re.compile(r"path '([^']+)'")
_QUOTED = re.compile(
    r"from '([^']+)'|'([^' ]+)'|\"([^\"]+)\"|`([^`\n]+)`"
    r"|name (\S+) does not match|/([a-z0-9.-]+)\.\[noNs]|Unexpected kind: (\w+)|path: (/\S+?):|literal source ([^,\s]+)"
)
_FIELD = re.compile(r"Kustomization\.([\w.]+) of type (\S+)")  # one that is of another type
_NO_OBJECT = re.compile(r"no matches for Id (\w+)\.\S*?/([a-z0-9.-]+)\.(?:\[noNs]|[a-z0-9-]+)[;:]")
GENERATED = re.compile(r'merging from generator .*Kind:"(\w+)".* Name:"([^"]+)"')

Sources = Mapping[str, SourceFile]


def missing_object(error: str) -> tuple[str, str] | None:
    """(kind, name) of the object that a patch did not find."""
    match = _NO_OBJECT.search(error)
    return (match[1], match[2]) if match else None


def innermost(sources: Sources, build: Build) -> tuple[str, str]:
    """The last kustomization on the way to the fault, and what is said about it."""
    file = kustomizations.of_folder(sources, build.folder)
    whole = text = re.sub(r'\\+"', '"', build.error)
    for match in _FOLDER.finditer(whole):
        if inner := kustomizations.of_folder(sources, match[1]):
            file, text = inner, whole[match.end() :]
    return file, text.lstrip("': ").partition(": must build at directory: ")[0]


def place(sources: Sources, file: str, text: str) -> tuple[str, int]:
    """The line of the kustomization, or of a file it lists, that holds a word that Kustomize quotes."""
    if not file or not sources[file].documents:
        return file, 1
    if match := _FIELD.search(text):
        return file, _deepest(sources[file].documents[0], match[1].split("."))
    if "apiVersion for" in text:
        return file, sources[file].documents[0].key_lines.get("apiVersion", 1)
    listed = [entry.path for entry in kustomizations.entries(file, sources[file].documents[0]) if not entry.remote]
    if patch := _patch(sources, listed, missing_object(text)):
        return patch
    for match in _QUOTED.finditer(text):
        word = re.compile(rf"(?<![\w-]){re.escape(next(filter(None, match.groups())))}(?![\w-])")
        for path in (file, *listed):
            for number, line in enumerate(sources[path].text.splitlines() if path in sources else [], 1):
                if word.search(line):
                    return path, number
    return file, 1


def _patch(sources: Sources, listed: list[str], lost: tuple[str, str] | None) -> tuple[str, int] | None:
    """The name in the patch that looks for an object."""
    for path in listed if lost else ():
        for document in sources[path].documents if path in sources else []:
            if (document.text("kind"), document.text("metadata", "name")) == lost and document.get("metadata", "name"):
                metadata = document.get("metadata")
                return path, metadata.key_lines["name"] if metadata else document.line
    return None


def _deepest(node: Node, path: list[str]) -> int:
    """The line of the last written step of a path."""
    line = node.line
    for step in path:
        line = node.key_lines.get(step, line)
        held = node.get(int(step) if step.isdigit() else step)
        if held is None:
            break
        node, line = held, held.line if step.isdigit() else line
    return line
