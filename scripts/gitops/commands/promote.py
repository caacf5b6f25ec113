"""Moves versions from one environment to the next: shows what changes in its clusters, asks, writes its versions file.

example: gitops promote staging production
         gitops promote staging production --image pybase --image pybase-frontend --dry-run
         gitops promote staging production --push --yes

Both versions files are those of the commit that it starts from: HEAD, with --push what the remote has. One file is
written. Refused are, unless --allow names it, an environment that is left out, an older version, and what no cluster of
FROM runs. Exit 0: done, or nothing to do; 1: refused, or does not pass; 2: cannot be done.
"""

import argparse
from collections.abc import Iterable

from gitops import git, images, promotion, release, render, versions_update
from gitops.errors import GitopsError
from gitops.layout import Repository
from gitops.manifests import containers
from gitops.versions_update import Proposal


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="FROM", help="the environment that runs the versions")
    parser.add_argument("target", metavar="TO", help="the environment that gets them")
    parser.add_argument(
        "--image", action="append", default=[], metavar="NAME", help="only this image (repeatable; default: all)"
    )
    parser.add_argument(
        "--allow", action="append", default=[], choices=list(promotion.ALLOW),
        help="; ".join(f"{name}: {what}" for name, what in promotion.ALLOW.items()) + " (repeatable)",
    )  # fmt: skip
    versions_update.arguments(parser)


def run(repository: Repository, options: argparse.Namespace) -> int:
    names = [versions_update.environment(repository, name) for name in (options.source, options.target)]
    if names[0] == names[1]:
        raise GitopsError(f"{names[0]}: FROM and TO are the same environment; name two")
    return versions_update.run(repository, options, lambda at, base: _propose(repository, options, at, base))


def _propose(repository: Repository, options: argparse.Namespace, at: Repository, base: str) -> Proposal:
    """`at` is the repository as of the commit `base`."""
    first, target = versions_update.versions_file(at, options.source), versions_update.versions_file(at, options.target)
    found = []
    if not release.clean(repository.root, first.path):
        found.append(f"{promotion.NOT_RUNNING}: {first.path} has changes that are not committed; commit them first")
        first = versions_update.versions_file(repository, options.source)
    text = promotion.promoted(first, target, options.image)
    moved = promotion.moves(target, text)
    checks = moved and promotion.NOT_RUNNING not in options.allow and not found
    running = _running(at, options.source) if checks else None
    found += promotion.refusals(options.source, options.target, moved, running)
    last = git.run(repository.root, "log", "-1", "--format=%H", base, "--", first.path).strip()
    trailers = {"From": options.source, "To": options.target, "Source-Commit": last}
    subject = f"promote: {options.source} -> {options.target}"
    return Proposal(options.target, target, text, subject, trailers, versions_update.allowed(found, options.allow))


def _running(at: Repository, environment: str) -> dict[str, set[str]]:
    """Version -> the last parts of the repositories that run in it, as rendered for the environment's clusters."""
    folders = [at.build_folder(c.name, "workload") for c in at.clusters if c.environment == environment]
    found: dict[str, set[str]] = {}
    for image in _images(at, folders):
        repository = images.repository(image)
        found.setdefault(image.removeprefix(repository), set()).add(repository.rpartition("/")[2])
    return found


def _images(at: Repository, folders: list[str]) -> Iterable[str]:
    pods = (manifest for build in render.render(at, folders) for manifest in build.with_pods())
    return (str(container.spec["image"]) for manifest in pods for container in containers(manifest))
