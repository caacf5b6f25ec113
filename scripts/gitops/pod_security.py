"""What the Pod Security rules share: faults inside an object's pods, and what containers inherit. Pure.

The controls are those of the level `restricted`: https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from gitops.fleet import Fleet
from gitops.manifests import Container, Manifest, containers, dig, mapping
from gitops.nodes import Key
from gitops.problems import Problem

Path = tuple[Key, ...]


class Fault(NamedTuple):
    """A field of an object that is wrong or missing."""

    path: Path
    message: str
    fix: str


class Context(NamedTuple):
    """A securityContext, {} when there is none, and its path; `container` is None for the pod's own."""

    manifest: Manifest
    fields: dict[str, Any]
    path: Path
    container: Container | None = None

    @property
    def bare(self) -> bool:
        """Is nothing set where Linux needs something? The rule that says so asks for all of it."""
        return not self.fields and not windows(self.manifest)

    def misplaced(self, field: str) -> bool:
        """Is a missing field here under a name much like it, or one level up? schema-valid says so."""
        around = self.manifest.pod if self.container is None else self.container.spec
        others = {key: value for key, value in around.items() if key != "securityContext"}
        return self.fields.get(field) is None and like(field, self.fields, others)

    def lacks(self, field: str) -> bool:
        """Is a field that containers inherit from the pod missing here? It is missing in the pod when no container has
        its own, else in the containers that have none."""
        if mapping(self.manifest.pod.get("securityContext")).get(field) is not None or self.misplaced(field):
            return False
        own = [_has(container, field) for container in containers(self.manifest)]
        if self.container is None:
            return bool(own) and not any(own)
        return any(own) and not _has(self.container, field)


def like(name: str, *written: Mapping[str, Any]) -> bool:
    """Does one of the mappings hold something under that name, or a misspelling of it?"""
    names = [str(key) for fields in written for key, value in fields.items() if value is not None]
    return bool(difflib.get_close_matches(name, names, n=1, cutoff=0.85))


def _has(container: Container, field: str) -> bool:
    return dig(container.spec, "securityContext", field) is not None


def of_pod(manifest: Manifest) -> Context:
    return Context(manifest, mapping(manifest.pod.get("securityContext")), in_spec(manifest, "securityContext"))


def of_container(manifest: Manifest, container: Container) -> Context:
    fields = mapping(container.spec.get("securityContext"))
    return Context(manifest, fields, (*container.path, "securityContext"), container)


def in_spec(manifest: Manifest, *path: Key) -> Path:
    """The path inside the object of a field of its pod spec."""
    return (*(manifest.pod_path or ()), "spec", *path)


def windows(manifest: Manifest) -> bool:
    """Do the pods run on Windows? It has neither capabilities nor seccomp nor privilege escalation."""
    return bool(dig(manifest.pod, "os", "name") == "windows")


def problems(
    fleet: Fleet,
    rule: str,
    in_pod: Callable[[Manifest], Iterable[Fault]],
    in_container: Callable[[Manifest, Container], Iterable[Fault]] = lambda _, __: (),
) -> Iterator[Problem]:
    """The faults of all pods and of their main containers; init-container-security looks at the others."""
    for build in fleet.builds:
        for manifest in build.with_pods():
            faults = [*in_pod(manifest)]
            for container in containers(manifest):
                faults += () if container.init else in_container(manifest, container)
            for fault in faults:
                yield fleet.at(rule, manifest, *fault)
