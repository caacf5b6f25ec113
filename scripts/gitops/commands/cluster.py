"""Add a cluster to the fleet, or take one out: its folder, and what that means.

example: gitops cluster add eks staging eu-central-1 --dry-run
         gitops cluster add bare-metal production fra2 --domain fra2.pybase.acme.example
         gitops cluster remove eks-staging-us-east-1

`add` makes clusters/PROVIDER-ENVIRONMENT-LOCATION: three files like those of the nearest cluster of the provider, and
a stub for every key that it needs. Facts that are the other cluster's own become REPLACE_WITH_...; nothing sealed is
copied. It is shown, and validated, before it is written, all of it or nothing; then comes what is left to do.
`remove` says what a cluster of that folder has, what of it `gitops teardown` deletes and keeps, and who names the
cluster. Then it deletes the folder. In the cluster that deletes nothing: to have it emptied, run the teardown first.
Both ask for the cluster's name. Exit 1: not done.
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gitops import (
    checklist,
    confirm,
    exchange,
    files,
    fleet,
    git,
    new_cluster,
    output,
    progress,
    removed_cluster,
    validation,
)
from gitops.errors import GitopsError
from gitops.layout import MANIFEST_FOLDERS, POLICIES, Cluster, Repository
from gitops.sealing import STUB
from gitops.secrets import stub, view

NAMES = ("PROVIDER", "ENVIRONMENT", "LOCATION")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("add", "remove"), help="what to do")
    parser.add_argument("names", nargs="+", metavar="NAME", help="PROVIDER ENVIRONMENT LOCATION to add, or the CLUSTER")
    parser.add_argument("--domain", metavar="DOMAIN", help="add: its domain (default: as other clusters have theirs)")
    parser.add_argument("--dry-run", action="store_true", help="print what would be done and change nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(repository: Repository, options: argparse.Namespace) -> int:
    act = _add if options.action == "add" else _remove
    if options.dry_run:
        return act(repository, options)
    with exchange.alone(repository):
        return act(Repository(repository.root), options)  # what a run that was waited for has changed is read anew


def _add(repository: Repository, options: argparse.Namespace) -> int:
    if len(options.names) != len(NAMES):
        raise GitopsError(f"add takes {' '.join(NAMES)}, as in `gitops cluster add eks staging eu-central-1`")
    new = repository.name(*options.names)
    sources = fleet.read(repository)
    domain = new_cluster.domain(repository, sources, new) if options.domain is None else options.domain
    new_cluster.refuse(repository, sources, new, domain)
    old = new_cluster.model(repository, sources, new)
    with progress.shown(options.quiet) as say:
        say("rendering")
        texts, state = _planned(repository, new, new_cluster.texts(repository, sources, old, new, domain))
    print("\n".join(_shown(repository, new, old, texts)))
    if state["findings"]:
        print(checklist.text(state | {"missing": []}))
        raise GitopsError(f"{new.name} would not validate, so nothing was written; correct these first")
    if options.dry_run or not confirm.typed(new.name, f"write these {len(texts)} files", options.yes):
        print("nothing was written")
        return 0 if options.dry_run else 1
    exchange.add(repository, new.name, texts)
    print(f"{len(texts)} files written; commit them. Left to do, as `gitops status {new.name}` says:")
    print(checklist.text(state))
    return 0


def _shown(repository: Repository, new: Cluster, old: Cluster, texts: Mapping[str, str]) -> Iterator[str]:
    """The files that a person edits, as a diff, and how many keys wait in the others."""
    folder = repository.sealed_folder(new.name)
    sealed = [text for path, text in texts.items() if path.startswith(f"{folder}/")]
    yield f"{repository.folder(new.name)}, like {old.name}:"
    for path, text in texts.items():
        if not path.startswith(f"{folder}/"):
            yield output.difference(path, "", text).rstrip()
    yield f"{folder}: {len(sealed)} files with {sum(text.count(f': {STUB}') for text in sealed)} keys to seal"


def _planned(repository: Repository, new: Cluster, own: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Any]]:
    """All files of the new cluster with its stubs, and its checklist, from a copy of the tree."""
    with _copy(repository) as copy:
        for path, text in own.items():
            files.write(copy.root / path, text)
        stubs = stub.changes(next(view.load(copy, [new])))
        for path, text in stubs.items():
            files.write(copy.root / path, text)
        seen = fleet.load(copy, [new])
        return {**own, **stubs}, next(checklist.states(seen, [new], validation.validate(seen)))


@contextmanager
def _copy(repository: Repository) -> Iterator[Repository]:
    with tempfile.TemporaryDirectory(prefix="gitops-") as name:
        root = Path(name).resolve()
        for top in (*MANIFEST_FOLDERS, POLICIES):
            shutil.copytree(repository.root / top, root / top, symlinks=True)
        (root / "schemas").symlink_to(repository.root / "schemas")
        yield Repository(root)


def _remove(repository: Repository, options: argparse.Namespace) -> int:
    if len(options.names) > 1 or options.domain is not None:
        raise GitopsError("remove takes one cluster, and no --domain")
    (cluster,) = repository.choose(options.names)
    if len(repository.clusters) == 1:
        raise GitopsError(f"{cluster.name}: is the last one; add another first, a fleet without clusters has no model")
    with progress.shown(options.quiet) as say:
        say("rendering")
        seen = fleet.load(repository, [cluster], schemas=False)
    told = removed_cluster.told(seen, cluster, _mentions(repository, cluster), _unsaved(repository, cluster))
    print("\n".join(told))
    if options.dry_run or not confirm.typed(cluster.name, f"delete {repository.folder(cluster.name)}", options.yes):
        print("nothing was deleted")
        return 0 if options.dry_run else 1
    exchange.remove(repository, cluster.name)
    print(f"{repository.folder(cluster.name)} is deleted; `gitops diff` wants this trailer in the commit:")
    print(f"\nDeletes: {repository.folder(cluster.name)}")
    return 0


def _mentions(repository: Repository, cluster: Cluster) -> list[str]:
    """The files elsewhere that name the cluster; [] outside Git."""
    word = f"(^|[^a-z0-9-]){cluster.name}([^a-z0-9-]|$)"
    try:
        found = git.run(
            repository.root, "grep", "--untracked", "-lIzE", word, "--", ".", f":!{repository.folder(cluster.name)}"
        )
    except GitopsError:  # none, too
        return []
    return sorted(filter(None, found.split("\0")))


def _unsaved(repository: Repository, cluster: Cluster) -> list[str]:
    """The files of the cluster that no commit has as they are."""
    folder = repository.folder(cluster.name)
    there = sorted(path.relative_to(repository.root).as_posix() for path in (repository.root / folder).rglob("*"))
    try:
        changed = git.changed(repository.root, "HEAD")
    except GitopsError:  # no Git, or no commit yet
        return [f"{folder}/"]
    return [path for path in there if path in changed]
