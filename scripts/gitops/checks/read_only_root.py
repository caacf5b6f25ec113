"""A container can write to its own root file system, or cannot write where its program has to.

Why: with a read-only root file system an intruder can replace no program and leave nothing behind. What the program
does write then needs a volume: without one PyBase answers 500, nginx and a store do not start. `writable` in
policies/pod-security.yaml declares these paths by container, or component/container.

Fails:

    securityContext: {readOnlyRootFilesystem: true}
    volumeMounts: []

Passes:

    securityContext: {readOnlyRootFilesystem: true}
    volumeMounts: [{name: tmp, mountPath: /tmp}]

Fix: set `readOnlyRootFilesystem: true` and mount an emptyDir on the named path.
Cannot see: paths that are not declared.
Source: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
"""

import difflib
import posixpath
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from gitops.fleet import Fleet
from gitops.manifests import Container, Manifest, mapping, sequence
from gitops.pod_security import Fault, like, of_container, problems, windows
from gitops.problems import Problem

ID = "read-only-root"
SEVERITY = "error"
CONTROLS = ("PS16",)
READS = ("render", "data")
_READ_ONLY = ("configMap", "downwardAPI", "image", "projected", "secret")


def check(fleet: Fleet) -> Iterator[Problem]:
    return problems(fleet, ID, lambda _: (), partial(in_container, fleet))


def in_container(fleet: Fleet, manifest: Manifest, container: Container) -> Iterator[Fault]:
    context = of_container(manifest, container)
    stated = context.fields.get("readOnlyRootFilesystem") is True or context.misplaced("readOnlyRootFilesystem")
    if not stated and not context.bare and not windows(manifest):  # a bare one is said by container-privileges
        path = (*context.path, "readOnlyRootFilesystem")
        yield Fault(path, "the root file system can be written to", "write readOnlyRootFilesystem: true")
    entries = [mapping(entry) for entry in sequence(container.spec.get("volumeMounts"))]
    mounts = {posixpath.normpath(str(entry.get("mountPath"))): (index, entry) for index, entry in enumerate(entries)}
    needed = _declared(fleet, manifest, container)
    for where in needed:
        around = [mounted for mounted in mounts if f"{where}/".startswith(f"{mounted.rstrip('/')}/")]
        if around:
            yield from _read_only(manifest, container, where, *mounts[max(around, key=len)])
        elif not _misspelt(container, entries):
            others = {mounted: index for mounted, (index, _) in mounts.items() if mounted not in needed}
            yield _unmounted(fleet, manifest, container, where, others)


def _misspelt(container: Container, entries: list[dict[str, Any]]) -> bool:
    """Is a mount there in other words? schema-valid says so."""
    listed = "volumeMounts" in container.spec or not like("volumeMounts", container.spec)
    return not listed or not all("mountPath" in entry for entry in entries)


def _declared(fleet: Fleet, manifest: Manifest, container: Container) -> list[str]:
    """The paths that the program of the container writes to."""
    table = mapping(fleet.table("pod-security.yaml").get("writable"))
    component = manifest.pod_labels.get("app.kubernetes.io/component", "")
    names = (container.name, f"{component}/{container.name}")
    return [posixpath.normpath(str(path)) for name in names for path in sequence(table.get(name))]


def _read_only(
    manifest: Manifest, container: Container, where: str, index: int, mount: dict[str, Any]
) -> Iterator[Fault]:
    """What keeps the mounted volume from being written to."""
    place = (*container.path, "volumeMounts", index)
    if mount.get("readOnly") is True:
        yield Fault((*place, "readOnly"), f"{where} is written to and mounted read-only", "delete readOnly")
    elif kind := _read_only_type(manifest, str(mount.get("name"))):
        message = f"{where} is written to and its volume is a {kind}, which is read-only"
        yield Fault(place, message, f"mount an emptyDir on {where}")


def _unmounted(fleet: Fleet, manifest: Manifest, container: Container, where: str, others: dict[str, int]) -> Fault:
    """At the mount with a path like it, at the patch that removed the mount, or where the container is defined."""
    place, message = (*container.path, "volumeMounts"), f"{where} is written to and no volume is mounted there"
    for close in difflib.get_close_matches(where, others, n=1, cutoff=0.8):
        return Fault((*place, others[close], "mountPath"), message, f"write mountPath: {where}")
    removed = _written(fleet, manifest, where)
    path = place if removed else (*place, len(sequence(container.spec.get("volumeMounts"))))
    return Fault(path, message, f"mount an emptyDir on {where}")


def _written(fleet: Fleet, manifest: Manifest, where: str) -> bool:
    """Does the file that defines the object mount something there?"""
    file = fleet.sources.get(manifest.origin)
    return file is not None and re.search(rf"mountPath: [\"']?{re.escape(where)}[\"'\s,}}]", file.text) is not None


def _read_only_type(manifest: Manifest, volume: str) -> str:
    """The type of a volume that cannot be written to, "" for others; one that is missing is for volume-source."""
    for entry in map(mapping, sequence(manifest.pod.get("volumes"))):
        if entry.get("name") == volume:
            return next((field for field in _READ_ONLY if entry.get(field) is not None), "")
    return ""
