"""A container may run as root, or with root's group.

Why: root in a container is root for the kernel; whatever leads out of the container leads to the whole node. The image
decides who runs unless the pod says so: without `runAsGroup`, for a user that the image does not know, the group is 0.
Pod or container may say it; a container that says otherwise is flagged. User and group of 10000 or more, which no
person on the node has, are better still.

Fails:

    securityContext: {runAsUser: 0}

Passes:

    securityContext: {runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000}

Fix: set `runAsNonRoot: true` and a numeric `runAsUser` and `runAsGroup`.
Cannot see: whether the image works as that user. A user namespace (`hostUsers: false`) is no excuse before 1.35.
Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
"""

from collections.abc import Iterator

from gitops.fleet import Fleet
from gitops.manifests import Container, Manifest, sequence
from gitops.pod_security import Context, Fault, of_container, of_pod, problems, windows
from gitops.problems import Problem

ID = "run-as-non-root"
SEVERITY = "error"
CONTROLS = ("PS05", "PS06")
READS = ("render",)
_NEEDED = {"runAsNonRoot": "runAsNonRoot: true", "runAsUser": "a runAsUser", "runAsGroup": "a runAsGroup"}


def check(fleet: Fleet) -> Iterator[Problem]:
    return problems(fleet, ID, in_pod, in_container)


def in_pod(manifest: Manifest) -> Iterator[Fault]:
    context = of_pod(manifest)
    if context.bare and context.lacks("runAsNonRoot"):
        if not context.misplaced("securityContext"):
            fix = "write runAsNonRoot: true, a runAsUser, a runAsGroup and seccompProfile: {type: RuntimeDefault}"
            yield Fault(context.path, "the pod has no securityContext, so it may run as root", fix)
    else:
        yield from _faults(context)


def in_container(manifest: Manifest, container: Container) -> Iterator[Fault]:
    context = of_container(manifest, container)
    if not context.bare:  # said once, by container-privileges
        yield from _faults(context)


def _faults(context: Context) -> Iterator[Fault]:
    if context.fields.get("runAsNonRoot") not in (None, True):
        yield Fault((*context.path, "runAsNonRoot"), "it may run as root", "write runAsNonRoot: true")
    needed = ("runAsNonRoot",) if windows(context.manifest) else tuple(_NEEDED)
    if missing := [field for field in needed if context.lacks(field)]:
        message = "it may run as root" if "runAsNonRoot" in missing else "the image decides who runs it"
        fix = f"write {' and '.join(_NEEDED[field] for field in missing)}"
        yield Fault((*context.path, missing[0]), message, fix)
    for field, who in (("runAsUser", "root"), ("runAsGroup", "root's group"), ("fsGroup", "root's group")):
        if context.fields.get(field) == 0:
            yield Fault((*context.path, field), f"{field} 0 is {who}", "write another number, 10000 or more at best")
    for index, group in enumerate(sequence(context.fields.get("supplementalGroups"))):
        if group == 0:
            yield Fault((*context.path, "supplementalGroups", index), "group 0 is root's group", "delete it")
