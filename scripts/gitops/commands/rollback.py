"""Gives an environment the versions that it had back: shows what changes in its clusters, asks, writes one file.

example: gitops rollback production
         gitops rollback production --to 4f1c2aa --commit
         gitops rollback production --push --yes

Without --to, those from before the last commit that changed the file; a merge counts as one. The options, the preview
and the exit codes are those of `gitops promote`. Data that the newer versions wrote is not rolled back.
"""

import argparse
from pathlib import Path

from gitops import git, source, versions_update
from gitops.errors import GitopsError
from gitops.layout import Repository
from gitops.versions_update import Proposal


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("environment", metavar="ENV", help="the environment")
    parser.add_argument("--to", default="", metavar="COMMIT", help="the versions as of this commit")
    versions_update.arguments(parser)


def run(repository: Repository, options: argparse.Namespace) -> int:
    name = versions_update.environment(repository, options.environment)
    return versions_update.run(
        repository, options, lambda at, base: _propose(repository.root, name, options.to, at, base)
    )


def _propose(root: Path, environment: str, to: str, at: Repository, base: str) -> Proposal:
    """`at` is the repository as of the commit `base`."""
    path = at.versions_file(environment)
    file = source.read(at.root / path, path, at.root)  # a broken one is what has to go
    if not (at.root / path).is_file():
        raise GitopsError(f"{path}: is not in {base[:12]}; restore it from Git first")
    commit = git.commit(root, to) if to else _before(root, base, path)
    try:
        text = git.run(root, "show", f"{commit}:./{path}")
    except GitopsError as error:
        raise GitopsError(f"{path}: is not in {commit[:12]}; name a commit that has it: --to COMMIT") from error
    if not source.parse(text):
        raise GitopsError(f"{path}: cannot be read as of {commit[:12]}; name another commit: --to COMMIT")
    trailers = {"Environment": environment, "Restores": commit}
    return Proposal(environment, file, text, f"rollback: {environment}", trailers)


def _before(root: Path, base: str, path: str) -> str:
    """The commit before the last one that changed the file, on the branch itself."""
    last = git.run(root, "log", "-1", "--first-parent", "--format=%H %P", base, "--", path).split()
    if len(last) < 2:
        raise GitopsError(f"{path}: what it was before is not known here; fetch the history (git fetch --unshallow)")
    return last[1]
