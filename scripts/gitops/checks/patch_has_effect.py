"""A patch, image or replacement entry changed nothing, or a merge patch wiped a list of a custom resource.

Why: Kustomize says nothing when a `target:`, an image name or a `select:` matches no object, so a limit, a version or a
domain is believed set and is not. Custom resources have no merge keys: a merge patch replaces their lists whole.
A Component's entry must match in some build that uses it, a cluster's own in its build.

Fails:

    patches:
      - path: limits.yaml
        target: {kind: Deployment, name: pybase-ap}

Passes:

    patches:
      - path: limits.yaml
        target: {kind: Deployment, name: pybase-api}

Fix: use the nearest existing name, list the Component after what it changes, or delete the entry.
Cannot see: a patch that writes what was there already; entries of Components that no chosen cluster uses.
Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/
"""

from collections.abc import Iterator
from functools import cache

from gitops import effects, images, kustomizations, patches
from gitops.effects import Dead
from gitops.fleet import Fleet
from gitops.layout import nearest
from gitops.manifests import Manifest
from gitops.nodes import Node
from gitops.problems import Problem
from gitops.targets import targets

ID = "patch-has-effect"
SEVERITY = "error"
CONTROLS = ("ST05",)
READS = ("source", "render")


def check(fleet: Fleet) -> Iterator[Problem]:
    misspelt = cache(lambda: images.misspelt(fleet))  # in the manifest, where image-pinned says so
    for entry in effects.dead(fleet):
        if entry.kind == "image" and entry.name in misspelt():
            continue
        builds = tuple(build.folder for build in fleet.builds if entry.path in build.reads)
        message = f"{entry.kind} for {entry.wanted} changes no object"
        yield Problem(entry.path, entry.line, ID, "", message, _fix(fleet, entry), builds=builds)
    for file, document in kustomizations.documents(fleet.sources):
        for patch in kustomizations.listed(document, "patches"):
            yield from _wiped(fleet, file, patch)


def _fix(fleet: Fleet, entry: Dead) -> str:
    known = images.followed(fleet)[1] if entry.kind == "image" else set(kustomizations.names(fleet.sources))
    if entry.name and entry.name not in known:
        thing = "an image" if entry.kind == "image" else "an object"
        return f"name {thing} that is there{nearest(entry.name, known)}, or delete the entry"
    return "list the Component after what it changes, correct the selector, or delete the entry"


def _wiped(fleet: Fleet, file: str, entry: Node) -> Iterator[Problem]:
    for where, before, patch in patches.bodies(fleet, file, entry):
        for manifest in _patched(fleet, file, entry, patch):
            for line, path, lost in patches.wiped(fleet, manifest, patch):
                message = f"replaces the whole list {'.'.join(path)} of a custom resource; {lost} is lost"
                fix = f"use a JSON patch with op: add and path: /{'/'.join(path)}/-"
                yield Problem(where, line + before, ID, manifest.identity, message, fix, builds=(manifest.build,))


def _patched(fleet: Fleet, file: str, entry: Node, patch: Node) -> Iterator[Manifest]:
    """The custom resources that a merge patch hits."""
    if not isinstance(patch.value, dict):
        return
    target = entry.get("target")
    name = (patch.text("kind"), patch.text("metadata", "name"))
    for build in fleet.builds:
        for manifest in build.objects if file in build.reads else []:
            hit = targets(target, manifest) if target else (manifest.kind, manifest.name) == name
            if hit and patches.is_custom(manifest) and file in manifest.changed_in:
                yield manifest
