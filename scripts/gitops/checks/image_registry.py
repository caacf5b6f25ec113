"""An image of a registry that is not listed, or of a publisher that stopped.

Why: whoever can push to a registry runs programs in the cluster. What is listed in policies/registries.yaml was looked
at, and is what a mirror and a firewall have to know. A publisher that stopped sends no fix, and its copy may vanish
between two pulls. An image without a registry is Docker Hub's.

Fails:

    images:
      - {name: minio, newName: docker.io/minio/minio, newTag: RELEASE.2025-09-07T16-13-09Z}

Passes:

    images:
      - {name: minio, newName: docker.io/pgsty/silo, newTag: RELEASE.2026-09-16T00-00-00Z}

Fix: use the listed mirror or successor; a new registry is added to policies/registries.yaml in the same change.
Cannot see: images of charts and operators, and what a mirror holds.
Source: https://kubernetes.io/docs/concepts/containers/images/#image-names
"""

from collections.abc import Iterator
from dataclasses import replace

from gitops import registries
from gitops.fleet import Fleet
from gitops.layout import nearest
from gitops.manifests import Build
from gitops.problems import Problem

ID = "image-registry"
SEVERITY = "error"
CONTROLS = ("IM03", "IM04")
READS = ("render", "data")


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.builds:
        names = [str(entry["name"]) for entry in registries.listed(fleet, build)]
        for manifest in build.with_pods():
            for image in registries.used(manifest):
                if said := _fault(fleet, build, image.name, names):
                    found = fleet.at(ID, manifest, image.path, f"image {image.reference} {said[0]}", said[1])
                    # one entry is one mistake, however many objects run the image
                    yield found if found.path == manifest.origin else replace(found, object="")


def _fault(fleet: Fleet, build: Build, name: str, names: list[str]) -> tuple[str, str] | None:
    """(message, fix)"""
    if stopped := registries.dead(fleet, name):
        return f"is of {stopped.get('name')}, which is no longer kept up", f"use {stopped.get('use')}"
    if not names or any(registries.within(name, registry) for registry in names):
        return None
    where = f"is of no registry that {fleet.environment(build)} may use"
    return where, f"use a listed one{nearest(name, names)}; or add it to policies/{registries.POLICY}"
