"""An image without a tag, with `latest`, or without a digest in staging and production.

Why: a tag can be moved to other content; two nodes then run two programs, and a rollback restores neither. The tag
stays beside the digest for people, and because PyBase's own version is read from it.

Fails:

    images:
      - {name: redis, newName: docker.io/library/redis, newTag: latest}

Passes:

    images:
      - name: redis
        newName: docker.io/library/redis
        newTag: 7.4.11-alpine
        digest: sha256:858f009f9709ce576febc734aa78b8f6d624b82571f9ddb6bda4377c833b3499

Fix: add tag and digest in `environments/<env>/versions`.
Cannot see: whether the registry still has the digest. A missing digest does not count until the cluster is live.
Source: https://kubernetes.io/docs/concepts/containers/images/#image-names
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from gitops import facts, images
from gitops.fleet import Fleet
from gitops.manifests import Manifest, containers, strings
from gitops.problems import Problem

ID = "image-pinned"
SEVERITY = "error"
CONTROLS = ("IM01", "IM02")
READS = ("render", "source")

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_REFERENCE = re.compile(r"(?:[a-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::[\w.-]{1,128})?")
_TAG_ONLY = ("development",)  # environments that may follow a tag


def check(fleet: Fleet) -> Iterator[Problem]:
    meant = {image: name for name, image in images.misspelt(fleet).items()}
    for build in fleet.builds:
        environment = fleet.environment(build)
        for manifest in build.objects:
            for path, image in _images(manifest):
                for message, what, pending in _faults(image, environment):
                    fix = f"add {what} in the environment's versions/kustomization.yaml"
                    if image in meant:
                        fix = f"correct the name, did you mean {meant[image]}?"
                    found = fleet.at(ID, manifest, path, f"image {image} {message}", fix)
                    if found.path != manifest.origin:  # one entry is one mistake, however many objects run the image
                        found = replace(found, object="", fix=f"add {what} to this entry")
                    yield replace(found, pending=pending and fleet.planned(build))


def _images(manifest: Manifest) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Of containers, and of custom resources that run one (a database operator's spec.image, for example)."""
    if manifest.pod_path is not None:
        for container in containers(manifest):
            if isinstance(image := container.spec.get("image"), str):
                yield (*container.path, "image"), image
    elif not str(manifest.get("apiVersion")).startswith("argoproj.io/"):  # there it is a chart's value
        yield from ((path, text) for path, text in strings(manifest.get("spec"), "spec") if path[-1] == "image")


def _faults(image: str, environment: str) -> Iterator[tuple[str, str, bool]]:
    """(message, what to add, does it wait for a live cluster?)"""
    tag, digest = images.tag(image), images.digest(image)
    if not _REFERENCE.fullmatch(image.partition("@")[0]) and not facts.PLACEHOLDER.search(image):
        yield "is no reference (registry/name:tag, in lower case)", "newName without tag, and newTag", False
    elif not tag:
        yield "has no tag", "newTag and digest", False
    elif tag == "latest":
        yield "is whatever was pushed last", "the newTag of a release", False
    elif digest and not _DIGEST.fullmatch(digest):
        yield "has no valid digest", "the digest (sha256: and 64 hexadecimal digits)", False
    elif not digest and environment not in _TAG_ONLY:
        yield "has no digest", "digest", True
