"""What promote and rollback have in common: a new text of one versions file, previewed, agreed to, then written."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from gitops import confirm, git, progress, promotion, release, revisions, source
from gitops.compare import Asked, compare
from gitops.errors import GitopsError
from gitops.layout import MANIFEST_FOLDERS, POLICIES, Repository, nearest
from gitops.review import text
from gitops.review.model import review
from gitops.source import SourceFile


@dataclass(frozen=True)
class Proposal:
    """The versions file of `environment` with its new `text`; `subject` and `trailers` of the commit; `refusals` as
    promotion.refusals says them."""

    environment: str
    file: SourceFile
    text: str
    subject: str
    trailers: Mapping[str, str]
    refusals: tuple[str, ...] = ()

    @property
    def moves(self) -> list[promotion.Move]:
        return promotion.moves(self.file, self.text)


Propose = Callable[[Repository, str], Proposal]  # from a revision as a folder, and its commit


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do it without asking")
    parser.add_argument("--dry-run", action="store_true", help="print the preview only")
    parser.add_argument("--commit", action="store_true", help="commit it on the current branch")
    parser.add_argument("--branch", default="", metavar="NAME", help="commit it on a new branch instead")
    parser.add_argument("--push", action="store_true", help="commit it on top of the remote's branch and push that")


def run(repository: Repository, options: argparse.Namespace, propose: Propose) -> int:
    """Exit code 0: done, or nothing to do; 1: refused, or not agreed to. Nothing is written before the question."""
    root = repository.root
    commits = bool(options.commit or options.branch or options.push)
    goal = release.goal(root, options.branch, options.push) if commits else release.Goal(git.commit(root, "HEAD"))
    with progress.shown(options.quiet) as say, tempfile.TemporaryDirectory(prefix="gitops-") as folder:
        say("reading the revision")
        revisions.export(root, goal.base, Path(folder).resolve(), (*MANIFEST_FOLDERS, POLICIES))
        proposal = propose(Repository(Path(folder).resolve()), goal.base)
        if proposal.text == proposal.file.text:
            print(f"nothing to do: {proposal.environment} has these versions")
            return 0
        path, found = proposal.file.path, proposal.moves
        own = not goal.remote and not goal.new
        if own and not (release.clean(root, path) or release.holds(root, path, proposal.text)):
            raise GitopsError(f"{path}: has changes that are not committed; commit or restore them first")
        if proposal.refusals:
            print("\n".join(f"refused: {line}" for line in proposal.refusals), file=sys.stderr)
            return 1
        said = promotion.message(proposal.subject, found, proposal.trailers)
        identity = "" if commits and not options.dry_run else "gitops"

        make = partial(release.make, root, path=path, text=proposal.text, message=said, identity=identity)
        commit = make(goal.base)
        compared = compare(repository, Asked(goal.base, commit), say)
        made = review(replace(compared, head=proposal.subject))
    print(text.text(made, coloured=sys.stdout.isatty() and "NO_COLOR" not in os.environ))
    if made.faults:
        return 1
    if options.dry_run:
        print("\nnothing was written (--dry-run)")
        return 0
    if not confirm.typed(proposal.environment, f"\n{proposal.subject}", options.yes):
        print("nothing was written")
        return 1
    if goal.remote:
        commit = release.push(root, goal, path, commit, make)
        done = f"{goal}: pushed {commit[:12]}; the checkout is as it was"
    elif goal.new:
        release.branch_off(root, goal, commit)
        done = f"{goal}: committed {commit[:12]}; the checkout is as it was"
    else:
        release.write(root, path, proposal.text, goal.base, commit if commits else "")
        done = f"{goal}: committed {commit[:12]}" if commits else f"{path}: written; commit it"
    print(f"\n{done}")
    return 0


def environment(repository: Repository, name: str) -> str:
    """The environment of that name; raises GitopsError for one that is not there."""
    if name not in repository.environments:
        known = ", ".join(repository.environments)
        raise GitopsError(f"{name}: no such environment{nearest(name, repository.environments)}; there are {known}")
    return name


def versions_file(repository: Repository, name: str) -> SourceFile:
    """The versions file of an environment; raises GitopsError when it cannot be read."""
    path = repository.versions_file(name)
    if not (repository.root / path).is_file():
        raise GitopsError(f"{path}: is not there, or not committed; restore it, or commit it first")
    file = source.read(repository.root / path, path, repository.root)
    if file.faults:
        fault = file.faults[-1]
        raise GitopsError(f"{file.path}:{fault.line}: {fault.message}; {fault.fix}")
    return file


def allowed(found: Iterable[str], allow: Iterable[str]) -> tuple[str, ...]:
    """The refusals that no --allow names."""
    names = set(allow)
    return tuple(f"{line}, or --allow {name}" for line in found if (name := line.partition(":")[0]) not in names)
