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
from collections.abc import Iterator, Mapping
from functools import partial

from gitops.fleet import Fleet
from gitops.manifests import Container, Manifest, dig, mapping, sequence
from gitops.pod_security import Fault, of_container, problems, windows
from gitops.problems import Problem

ID = "read-only-root"
SEVERITY = "error"
CONTROLS = ("PS16",)
READS = ("render", "data")
POLICY = "pod-security.yaml"
Writable = Mapping[str, list[str]]  # container or component/container -> paths
_READ_ONLY = ("configMap", "downwardAPI", "image", "projected", "secret")


def check(fleet: Fleet) -> Iterator[Problem]:
    return problems(fleet, ID, lambda _: (), partial(in_container, writable(fleet)))


def writable(fleet: Fleet) -> Writable:
    """The declared write paths."""
    policy = fleet.policy(POLICY)
    table = mapping(dig(policy.plain() if policy else None, "writable"))
    return {name: [str(path) for path in sequence(paths)] for name, paths in table.items()}


def in_container(declared: Writable, manifest: Manifest, container: Container) -> Iterator[Fault]:
    context = of_container(manifest, container)
    stated = context.fields.get("readOnlyRootFilesystem") is True
    if not stated and not context.bare and not windows(manifest):  # a bare one is said by container-privileges
        path = (*context.path, "readOnlyRootFilesystem")
        yield Fault(path, "the root file system can be written to", "write readOnlyRootFilesystem: true")
    component = manifest.pod_labels.get("app.kubernetes.io/component", "")
    needed = [*declared.get(container.name, ()), *declared.get(f"{component}/{container.name}", ())]
    for path in needed:
        yield from _mounted(manifest, container, path, needed)


def _mounted(manifest: Manifest, container: Container, path: str, needed: list[str]) -> Iterator[Fault]:
    """What keeps `path` from being written to: no mount, or a read-only one."""
    mounts = {
        posixpath.normpath(str(mount.get("mountPath"))): (index, mount)
        for index, mount in enumerate(map(mapping, sequence(container.spec.get("volumeMounts"))))
    }
    around = [where for where in mounts if f"{path}/".startswith(f"{where.rstrip('/')}/")]
    if not around:
        yield _unmounted(container, path, {where: mounts[where][0] for where in mounts if where not in needed})
        return
    index, mount = mounts[max(around, key=len)]
    types = _types(manifest, str(mount.get("name")))
    place = (*container.path, "volumeMounts", index)
    if mount.get("readOnly") is True:
        yield Fault((*place, "readOnly"), f"{path} is written to and mounted read-only", "delete readOnly")
    elif any(field in types for field in _READ_ONLY):
        message = f"{path} is written to and its volume is a {types[0]}, which is read-only"
        yield Fault(place, message, f"mount an emptyDir on {path}")


def _unmounted(container: Container, path: str, others: Mapping[str, int]) -> Fault:
    message = f"{path} is written to and no volume is mounted there"
    for close in difflib.get_close_matches(path, others, n=1, cutoff=0.8):
        place = (*container.path, "volumeMounts", others[close], "mountPath")
        return Fault(place, message, f"write mountPath: {path}")
    return Fault((*container.path, "volumeMounts"), message, f"mount an emptyDir on {path}")


def _types(manifest: Manifest, volume: str) -> list[str]:
    """The types of a volume; none for one of a claim template, or that does not exist (volume-source says so)."""
    for entry in map(mapping, sequence(manifest.pod.get("volumes"))):
        if entry.get("name") == volume:
            return [field for field in entry if field != "name"]
    return []
