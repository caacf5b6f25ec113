"""Where images may come from: policies/registries.yaml, and image references written out in full. Pure.

A reference without a registry is Docker Hub's, and there one without a path is in `library`
(github.com/distribution/reference: normalize.go).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from gitops import facts, images
from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest, containers, mapping, sequence
from gitops.nodes import Key

POLICY = "registries.yaml"
_HUB = "docker.io"
_OTHER_HUBS = ("index.docker.io", "registry-1.docker.io", "registry.hub.docker.com")


class Image(NamedTuple):
    """An image of a container, and where the object names it. `name` is in full, without tag and digest."""

    path: tuple[Key, ...]
    reference: str
    name: str


def used(manifest: Manifest) -> Iterator[Image]:
    """The images of the object's containers whose names are known: those that no placeholder is part of."""
    for container in containers(manifest):
        reference = container.spec["image"]
        if isinstance(reference, str) and not facts.PLACEHOLDER.search(reference):
            yield Image((*container.path, "image"), reference, full(reference))


def full(image: str) -> str:
    """`redis:7` -> `docker.io/library/redis`."""
    host, slash, rest = images.repository(image).partition("/")
    if not slash or not ("." in host or ":" in host or host == "localhost"):
        host, rest = _HUB, images.repository(image)
    if host in _OTHER_HUBS:
        host = _HUB
    return f"{host}/library/{rest}" if host == _HUB and "/" not in rest else f"{host}/{rest}"


def listed(fleet: Fleet, build: Build) -> list[dict[str, Any]]:
    """The entries of `registries` for the build's environment, each with its `name`."""
    source = fleet.sources.get(fleet.repository.fleet_facts_file())
    known = facts.read(source) if source else {}
    entries = (
        {**entry, "name": str(entry.get("name") or known.get(str(entry.get("fact")), ""))}
        for entry in _entries(fleet, "registries")
    )
    environment = fleet.environment(build)
    return [e for e in entries if e["name"] and environment in sequence(e.get("environments", [environment]))]


def dead(fleet: Fleet, name: str) -> dict[str, Any] | None:
    """The entry of a publisher that stopped, None for an image that is published."""
    found = (e for e in _entries(fleet, "dead") if within(name, str(e.get("name"))))
    return next((e for e in found if not any(within(name, str(kept)) for kept in sequence(e.get("except")))), None)


def within(name: str, registry: str) -> bool:
    """Is the image in that registry, or below that path of it?"""
    return f"{name}/".startswith(f"{registry.rstrip('/')}/")


def _entries(fleet: Fleet, field: str) -> list[dict[str, Any]]:
    return [mapping(entry) for entry in sequence(fleet.table(POLICY).get(field))]
