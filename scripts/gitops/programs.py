"""What the programs of the pods are like, as policies/workloads.yaml has it. Pure."""

from typing import Any

from gitops.fleet import Fleet
from gitops.manifests import Container, Manifest, mapping, sequence
from gitops.peers import component

POLICY = "workloads.yaml"


def known(fleet: Fleet, field: str) -> dict[str, Any]:
    """A mapping of the file, {} when it has none."""
    return mapping(fleet.table(POLICY).get(field))


def single(fleet: Fleet) -> set[str]:
    """Components that may run once."""
    return {str(name) for name in sequence(fleet.table(POLICY).get("single"))}


def dependencies(fleet: Fleet) -> list[str]:
    """Paths and words of a command that ask something outside the pod."""
    return [str(word) for word in sequence(fleet.table(POLICY).get("dependencies"))]


def key(manifest: Manifest, container: Container) -> str:
    """What a container is called in the file: component/container."""
    return f"{component(manifest)}/{container.name}"
