"""Pods with fewer bounds: security context, namespaces, probes."""

from collections.abc import Callable, Iterator
from typing import Any

from gitops.manifests import Container, Manifest, containers, dig, mapping, sequence
from gitops.risk.case import HIGH, MEDIUM, Case, Flag

_LEVELS = ("restricted", "baseline", "privileged", "")  # no label: privileged by default
_ENFORCE = "pod-security.kubernetes.io/enforce"
PROBES = ("readinessProbe", "livenessProbe", "startupProbe")

# What is said -> is it so? Of a pod spec and one of its containers.
Loose = Callable[[dict[str, Any], dict[str, Any]], bool]
_CONTAINER: dict[str, Loose] = {
    "is privileged": lambda pod, own: dig(own, "securityContext", "privileged") is True,
    "may gain privileges": lambda pod, own: dig(own, "securityContext", "allowPrivilegeEscalation") is not False,
    "may run as root": lambda pod, own: _inherited(pod, own, "runAsNonRoot") is not True,
    "runs as user 0": lambda pod, own: _inherited(pod, own, "runAsUser") == 0,
    "may write to its image's files": lambda pod, own: (
        dig(own, "securityContext", "readOnlyRootFilesystem") is not True
    ),
    "keeps capabilities": lambda pod, own: "ALL" not in sequence(dig(own, "securityContext", "capabilities", "drop")),
    "gets capabilities": lambda pod, own: bool(dig(own, "securityContext", "capabilities", "add")),
    "runs without a seccomp profile": lambda pod, own: (
        mapping(_inherited(pod, own, "seccompProfile")).get("type") not in ("RuntimeDefault", "Localhost")
    ),
}
_POD: dict[str, Callable[[dict[str, Any]], bool]] = {
    "shares the node's network": lambda pod: pod.get("hostNetwork") is True,
    "sees the node's processes": lambda pod: pod.get("hostPID") is True,
    "shares the node's IPC": lambda pod: pod.get("hostIPC") is True,
    "mounts a folder of the node": lambda pod: any("hostPath" in mapping(v) for v in sequence(pod.get("volumes"))),
    "gets an API token": lambda pod: pod.get("automountServiceAccountToken") is not False,
}


def pod_security_loosened(case: Case) -> Iterator[Flag]:
    """Of containers that were there before; what a new one must have is the validator's business."""
    for found, old, new in case.changed():
        if new.pod_path is None or not new.pod or not old.pod:
            continue
        said = [text for text, loose in _POD.items() if loose(new.pod) and not loose(old.pod)]
        if said:
            yield Flag(HIGH, "pod-security-loosened", found.identity, f"the pod {', '.join(said)}")
        before = {container.name: container for container in containers(old)}
        for container in containers(new):
            if container.name in before:
                yield from _container(found.identity, old, before[container.name], new, container)


def _container(identity: str, old: Manifest, was: Container, new: Manifest, now: Container) -> Iterator[Flag]:
    said = [text for text, loose in _CONTAINER.items() if loose(new.pod, now.spec) and not loose(old.pod, was.spec)]
    if said:
        yield Flag(HIGH, "pod-security-loosened", identity, f"container {now.name} {', '.join(said)}")


def _inherited(pod: dict[str, Any], container: dict[str, Any], field: str) -> Any:
    own = dig(container, "securityContext", field)
    return dig(pod, "securityContext", field) if own is None else own


def namespace_loosened(case: Case) -> Iterator[Flag]:
    for found, old, new in case.changed("Namespace"):
        was, now = old.labels.get(_ENFORCE, ""), new.labels.get(_ENFORCE, "")
        if was in _LEVELS and now in _LEVELS and _LEVELS.index(now) > _LEVELS.index(was):
            text = f"enforces pod security {now or 'privileged (no label)'} instead of {was}"
            yield Flag(HIGH, "namespace-loosened", found.identity, text)


def probe_removed(case: Case) -> Iterator[Flag]:
    for found, old, new in case.changed():
        before = {container.name: container.spec for container in containers(old)}
        for container in containers(new):
            lost = [p for p in PROBES if p in before.get(container.name, {}) and not container.spec.get(p)]
            if lost:
                text = f"container {container.name} loses its {' and '.join(lost)}: a hanging pod stays in service"
                yield Flag(MEDIUM, "probe-removed", found.identity, text)


def memory_unbounded(case: Case) -> Iterator[Flag]:
    for found, old, new in case.changed():
        before = {container.name: container.spec for container in containers(old)}
        for container in containers(new):
            was = dig(before.get(container.name), "resources", "limits", "memory")
            if was is not None and dig(container.spec, "resources", "limits", "memory") is None:
                text = f"container {container.name} loses its memory limit of {was}: it may take the node's"
                yield Flag(MEDIUM, "memory-unbounded", found.identity, text)
