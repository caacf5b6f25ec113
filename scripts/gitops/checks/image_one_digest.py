"""Two places of an environment run different builds of one image.

Why: API, workers and migration are one program and meet in one database and one queue. A worker of another build gets
tasks that it does not know, and a migration of another one leaves tables that the API does not expect. Clusters of one
environment are the same for what is promoted from it.

Fails:

    images:
      - {name: pybase, newName: ghcr.io/pybase/pybase, newTag: 1.0.1, digest: ...}  # in one cluster's leaf

Passes:

    images:
      - {name: pybase, newName: ghcr.io/pybase/pybase, newTag: 1.0.1, digest: ...}  # in the environment's versions

Fix: set the same digest in the environment's versions file and delete the other entry.
Cannot see: two names of one image, and images of charts and operators. A missing digest is said by image-pinned.
Source: https://kubernetes.io/docs/concepts/containers/images/#image-names
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from gitops import images, registries
from gitops.fleet import Fleet
from gitops.problems import Problem

ID = "image-one-digest"
SEVERITY = "error"
CONTROLS = ("IM05",)
READS = ("fleet",)
Uses = list[tuple[str, Problem]]  # reference, and where it is written


def check(fleet: Fleet) -> Iterator[Problem]:
    for (environment, name), uses in _uses(fleet).items():
        if len({reference for reference, _ in uses}) == 1:
            continue
        first = _meant(uses, fleet.repository.versions_file(environment))
        for reference, place in uses:
            if _differ(first, reference):
                message = f"{name} is {_version(reference)} here, and {_version(first)} elsewhere in {environment}"
                yield replace(place, message=message, fix=f"write {_version(first)} here too")


def _uses(fleet: Fleet) -> dict[tuple[str, str], Uses]:
    """By environment and image."""
    found: dict[tuple[str, str], Uses] = {}
    for build in fleet.builds:
        for manifest in build.with_pods():
            for image in registries.used(manifest):
                place = fleet.at(ID, manifest, image.path, "", "")
                place = place if place.path == manifest.origin else replace(place, object="")
                found.setdefault((fleet.environment(build), image.name), []).append((image.reference, place))
    return found


def _meant(uses: Uses, versions: str) -> str:
    """What the versions file says; without it there, what most places say, and of as many the first."""
    named = [use for use in uses if use[1].path == versions] or uses
    return Counter(reference for reference, _ in sorted(named, key=_place)).most_common(1)[0][0]


def _place(use: tuple[str, Problem]) -> tuple[str, int]:
    return use[1].path, use[1].line


def _differ(one: str, other: str) -> bool:
    digests = images.digest(one), images.digest(other)
    return digests[0] != digests[1] if all(digests) else images.tag(one) != images.tag(other)


def _version(reference: str) -> str:
    return reference.removeprefix(images.repository(reference)).lstrip(":") or "without a tag"
