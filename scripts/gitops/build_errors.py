"""From what Kustomize says about a failed build to the file, the line and the remedy. Pure.

The texts are those of kustomize/api 0.21 (tools/render/go.mod); one that is not known here is passed on as it is.
"""

import re

from gitops import facts, kustomizations
from gitops.build_causes import CAUSES, Explanation
from gitops.build_places import GENERATED, Sources, innermost, missing_object, place
from gitops.layout import nearest
from gitops.manifests import Build

FIELDS = (
    *kustomizations.FOLDER_FIELDS, *kustomizations.FILE_FIELDS,
    *kustomizations.ENTRY_FIELDS, *kustomizations.GENERATORS,
    "apiVersion", "kind", "metadata", "namespace", "namePrefix", "nameSuffix", "labels", "commonLabels",
    "commonAnnotations", "images", "replicas", "vars", "generatorOptions", "helmCharts", "helmGlobals", "openapi",
    "buildMetadata", "sortOptions",
)  # fmt: skip
_GENERATOR_FIELDS = (
    "name", "behavior", "literals", "files", "envs", "options", "disableNameSuffixHash", "annotations", "immutable",
)  # fmt: skip

_WRAPPING = re.compile(r"^(?:accumulating (?:resources|components): |accumulateDirectory: \"?|accumulation err=')+")
_MAX_MESSAGE = 300


def explain(sources: Sources, build: Build) -> Explanation:
    """What is wrong in a build that failed, and where: the innermost kustomization that Kustomize names."""
    file, text = innermost(sources, build)
    for cause in CAUSES:
        if known := cause(sources, build, text):
            return known
    path, line = place(sources, file, text)
    return path or build.folder, line, f"does not build: {_readable(text)}", _fix(sources, text)


def _readable(text: str) -> str:
    if (match := GENERATED.search(text)) and "does not exist" in text:
        return f"{match[1]} {match[2]}, which a generator merges into, does not exist"
    if match:
        return f"{match[1]} {match[2]}, which a generator makes, is there already"
    message = _WRAPPING.sub("", text).replace(".[noNs]", "").replace(".[noVer].[noGrp]", "").strip("' ")
    if message.count('"') % 2:  # the end of a text that Kustomize quoted whole
        message = message.removesuffix('"')
    return message[:_MAX_MESSAGE]


def _fix(sources: Sources, text: str) -> str:
    if lost := missing_object(text):
        names = kustomizations.names(sources, [lost[0]])
        known = "" if lost[1] in names else nearest(lost[1], names)
        return f"name an object that is there{known}, or list the Component that adds it first"
    if match := re.search(r"resource with name (\S+) does not match", text):
        known = nearest(match[1], kustomizations.names(sources, ["Deployment", "StatefulSet"]))
        return f"name a Deployment or StatefulSet that is there{known}"
    if match := re.search(r'unknown field "(\w+)"', text):
        return f"delete the field{nearest(match[1], (*FIELDS, *_GENERATOR_FIELDS))}"
    if match := re.search(r"fieldPath `data\.([\w-]+)` is missing", text):
        return (
            f"correct the fieldPath{nearest(match[1], {key for path in sources for key in facts.read(sources[path])})}"
        )
    for words, fix in (
        ("cannot unmarshal number", "quote the value"),
        ("of type []", "write a list"),
        ("of type string", "write plain text; a literal is key=value"),
        ("of type types.Patch", "write path: FILE"),
        ("already registered id", "delete one of the two"),
        ("illegally repeats the key", "delete one of the two"),
        ("can not use behavior", "list the Component once, or write behavior: merge"),
        ("invalid literal source", "write key=value"),
        ("missing Resource metadata", "write apiVersion, kind and metadata.name"),
        ("Unexpected kind", "write add, remove, replace, move, copy or test"),
        ("missing path", "write a path that every selected object has"),
        ("Unable to remove nonexistent key", "write a path that every selected object has"),
        ("must specify a target for JSON patch", "write target: with kind and name"),
        ("nothing selected by", "name an object that is there, or list the Component that brings it first"),
        ("kustomization.yaml is empty", "list what belongs to the folder, or delete it"),
        ("unable to find field", "write a fieldPath that every selected object has"),
        ("Failed to read kustomization file", "Component goes with v1alpha1, Kustomization with v1beta1"),
        ("merging from generator", "list the Component that generates it first"),
        ("out of bounds for value", "list what completes the value first"),
    ):
        if words in text:
            return fix
    return "correct the named line; `kubectl kustomize` of the cluster's folder says the same"
