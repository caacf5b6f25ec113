"""What patches and replacements select, and which fields a replacement's paths mean, as Kustomize reads them. Pure."""

import re
from collections.abc import Mapping

from gitops.manifests import Manifest
from gitops.nodes import Key, Node


def targets(target: Node | None, manifest: Manifest) -> bool:
    """Does a patch or replacement target select the object? Names are anchored regular expressions, as in Kustomize."""
    if target is None:
        return False
    group, _, version = str(manifest.get("apiVersion")).rpartition("/")
    fields = {"kind": manifest.kind, "group": group, "version": version, "name": manifest.name}
    for key, value in fields.items():
        wanted = target.text(key)
        if wanted and not re.fullmatch(wanted, value) and not (key == "name" and re.fullmatch(wanted, bare(manifest))):
            return False
    return all(
        _labels_match(target.text(key), labels)
        for key, labels in (("labelSelector", manifest.labels), ("annotationSelector", manifest.annotations))
    )


def _labels_match(selector: str, labels: Mapping[str, str]) -> bool:
    for term in filter(None, (part.strip() for part in selector.split(","))):
        key, operator, value = re.split(r"(!=|==|=|$)", term, maxsplit=1)
        if operator == "" and ((key.lstrip("!") in labels) == key.startswith("!")):
            return False
        if operator and (labels.get(key) == value) == (operator == "!="):
            return False
    return True


def replaces(replacement: Node, manifest: Manifest, path: tuple[Key, ...]) -> bool:
    for target in (replacement.get("targets") or Node([], 1)).items():
        if target.get("options", "delimiter") is None and targets(target.get("select"), manifest):
            paths = (target.get("fieldPaths") or Node([], 1)).items()
            if any(same_path(str(field.value), path) for field in paths):
                return True
    return False


def same_path(written: str, path: tuple[Key, ...]) -> bool:
    """Is `path` one that a replacement's field path means?"""
    steps = [step.replace("\\.", ".") for step in re.findall(r"\[[^]]*\]|(?:\\.|[^.\[])+", written)]
    return len(steps) == len(path) and all(
        (step == "*" or step[0] == "[" or step == str(key)) for step, key in zip(steps, path, strict=True)
    )


def bare(manifest: Manifest) -> str:
    """The name that a patch knows a generated object by: without its hash."""
    return manifest.written.rpartition("/")[2]
