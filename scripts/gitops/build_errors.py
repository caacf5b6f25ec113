"""From what Kustomize says about a failed build to the file, the line and the remedy. Pure.

The texts are those of kustomize/api 0.21 (tools/render/go.mod); one that is not known here is passed on as it is.
"""

import re
from collections.abc import Mapping

from gitops import facts, kustomizations
from gitops.layout import nearest
from gitops.manifests import Build
from gitops.source import SourceFile

FIELDS = (
    *kustomizations.FOLDER_FIELDS, *kustomizations.FILE_FIELDS,
    *kustomizations.ENTRY_FIELDS, *kustomizations.GENERATORS,
    "apiVersion", "kind", "metadata", "namespace", "namePrefix", "nameSuffix", "labels", "commonLabels",
    "commonAnnotations", "images", "replicas", "vars", "generatorOptions", "helmCharts", "helmGlobals", "openapi",
    "buildMetadata", "sortOptions",
)  # fmt: skip

_FOLDER = re.compile(r"path '([^']+)'")
_WRAPPING = re.compile(r"^(?:accumulating (?:resources|components): |accumulateDirectory: \"?|accumulation err=')+")
_QUOTED = re.compile(
    r"from '([^']+)'|'([^' ]+)'|\"([^\"]+)\"|`([^`\n]+)`"
    r"|name (\S+) does not match|\.(\w+) of type|/([a-z0-9.-]+)\.\[noNs]"
)
_MAX_MESSAGE = 300


def explain(sources: Mapping[str, SourceFile], build: Build) -> tuple[str, int, str, str]:
    """(path, line, message, fix) of a build that failed: the innermost kustomization that Kustomize names."""
    file = kustomizations.of_folder(sources, build.folder)
    whole = text = build.error.replace('\\"', '"')
    for match in _FOLDER.finditer(whole):
        if inner := kustomizations.of_folder(sources, match[1]):
            file, text = inner, whole[match.end() :]
    text = text.lstrip("': ").partition(": must build at directory: ")[0]
    path, line = _place(sources, file, text)
    message = _WRAPPING.sub("", text).replace(".[noNs]", "").replace(".[noVer].[noGrp]", "").strip("' ")
    if message.count('"') % 2:  # the end of a text that Kustomize quoted whole
        message = message.removesuffix('"')
    return path or build.folder, line, f"does not build: {message[:_MAX_MESSAGE]}", _fix(sources, text)


def _place(sources: Mapping[str, SourceFile], file: str, text: str) -> tuple[str, int]:
    """The line of the kustomization, or of a file it lists, that holds a word that Kustomize quotes."""
    if not file or not sources[file].documents:
        return file, 1
    listed = [entry.path for entry in kustomizations.entries(file, sources[file].documents[0]) if not entry.remote]
    for match in _QUOTED.finditer(text):
        word = re.compile(rf"(?<![\w-]){re.escape(next(filter(None, match.groups())))}(?![\w-])")
        for path in (file, *listed):
            for number, line in enumerate(sources[path].text.splitlines() if path in sources else [], 1):
                if word.search(line):
                    return path, number
    return file, 1


def _fix(sources: Mapping[str, SourceFile], text: str) -> str:
    if match := re.search(r"no matches for Id (\w+)\.\S*?/([a-z0-9.-]+)\.\[", text):
        known = nearest(match[2], kustomizations.names(sources, [match[1]]))
        return f"name an object that is there{known}, or list the Component that adds it first"
    if match := re.search(r"resource with name (\S+) does not match", text):
        known = nearest(match[1], kustomizations.names(sources, ["Deployment", "StatefulSet"]))
        return f"name a Deployment or StatefulSet that is there{known}"
    if match := re.search(r'unknown field "(\w+)"', text):
        return f"delete the field{nearest(match[1], FIELDS)}"
    if match := re.search(r"fieldPath `data\.([\w-]+)` is missing", text):
        known = nearest(match[1], {key for path in sources for key in facts.read(sources[path])})
        return f"add the fact {match[1]} to the cluster's facts/kustomization.yaml, or correct the fieldPath{known}"
    for words, fix in (
        ("cannot unmarshal number", "quote the value"),
        ("already registered id", "delete one of the two"),
        ("kustomization.yaml is empty", "list what belongs to the folder, or delete it"),
        ("unable to find field", "write a fieldPath that every selected object has"),
        ("Failed to read kustomization file", "Component goes with v1alpha1, Kustomization with v1beta1"),
    ):
        if words in text:
            return fix
    return "correct the named line; `kubectl kustomize` of the cluster's folder says the same"
