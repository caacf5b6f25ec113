"""A commit that changes one file, made beside the checkout, and the ways it can go: the checkout, a branch, a remote.

The commit is made of Git objects alone, so that what is previewed is what is pushed, and nothing in the checkout
changes before everything has been agreed to. Hooks of `git commit` are not run.
"""

import fcntl
import os
import random
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gitops import files, git
from gitops.errors import GitopsError

ATTEMPTS = 20  # of a push that others are ahead of
PAUSE = 0.05  # seconds; the most before the second attempt, growing with each
_BUSY = re.compile(r"lock|failed to update ref|incorrect old value")


@dataclass(frozen=True)
class Goal:
    """Where a commit goes: `ref` of `remote` ("" for this repository), made on top of the commit `base`."""

    base: str
    remote: str = ""
    ref: str = ""
    new: bool = False  # is the branch made by it?

    def __str__(self) -> str:
        branch = self.ref.removeprefix("refs/heads/")
        return f"{self.remote}/{branch}" if self.remote else branch


def goal(root: Path, branch: str, push: bool) -> Goal:
    """The current branch, or the new `branch`; of the remote that the current one follows with `push`, fetched."""
    own = _branch(root) if push or not branch else ""
    if branch:
        git.run(root, "check-ref-format", "--branch", branch)
    if not push:
        found = Goal(git.commit(root, "HEAD"), ref=f"refs/heads/{branch or own}", new=bool(branch))
        if branch and git.run(root, "for-each-ref", found.ref):
            raise GitopsError(f"--branch {branch}: is there already; name another, or delete it")
        return found
    remote = git.run(root, "config", "--default=origin", "--get", f"branch.{own}.remote").strip()
    follows = git.run(root, "config", f"--default=refs/heads/{own}", "--get", f"branch.{own}.merge").strip()
    if branch and _tip(root, remote, f"refs/heads/{branch}"):
        raise GitopsError(f"--branch {branch}: is at {remote} already; name another, or delete it there")
    return Goal(fetched(root, remote, follows), remote, f"refs/heads/{branch}" if branch else follows, bool(branch))


def fetched(root: Path, remote: str, ref: str) -> str:
    """The commit that `ref` is at on the remote, brought here."""
    tip = _tip(root, remote, ref)
    if not tip:
        raise GitopsError(f"{remote} has no {ref.removeprefix('refs/heads/')}; push the branch first")
    git.run(root, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", remote, ref)
    return git.commit(root, tip)


def make(root: Path, base: str, path: str, text: str, message: str, identity: str = "") -> str:
    """A commit on top of `base` in which the file `path`, below `root`, has `text`. No branch has it yet."""
    prefix = git.run(root, "rev-parse", "--show-prefix").removesuffix("\n")
    blob = _answer(root, text, "hash-object", "-w", "--stdin")
    tree = _tree(root, f"{base}^{{tree}}", f"{prefix}{path}".split("/"), blob)
    signed = git.run(root, "config", "--type=bool", "--default=false", "--get", "commit.gpgsign").strip() == "true"
    options = ("-S",) if signed and not identity else ()
    return _answer(root, message, "commit-tree", tree, "-p", base, *options, "-F", "-", identity=identity)


def clean(root: Path, path: str) -> bool:
    """Is the file as the current commit has it?"""
    return not git.run(root, "status", "--porcelain", "-z", "--", path)


def holds(root: Path, path: str, text: str) -> bool:
    """Has the file of the checkout that text already, with whatever line ends?"""
    return (root / path).is_file() and _text(root, path).replace("\r\n", "\n") == text


def write(root: Path, path: str, text: str, base: str, commit: str = "") -> None:
    """Give the file of the checkout its new text, and the branch the commit; under a lock, so that of two runs one is
    refused. The order is file, index, branch: killed in between, what comes first is new and the rest as before, and
    another run with the same text goes on from there."""
    lock = os.open(git.run(root, "rev-parse", "--absolute-git-dir").removesuffix("\n"), os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if git.commit(root, "HEAD") != base or not (clean(root, path) or holds(root, path, text)):
            raise GitopsError(f"{path}: the checkout was changed meanwhile; nothing was written, run it again")
        for left in (root / path).parent.glob(f"{files.TEMPORARY}*"):  # by a run that was killed
            left.unlink()
        before = _text(root, path)
        files.write(root / path, text.replace("\n", "\r\n") if "\r\n" in before else text)
        if commit:
            _committed(root, path, before, commit, base)
    finally:
        os.close(lock)


def _committed(root: Path, path: str, before: str, commit: str, base: str) -> None:
    """Take the file into the index and the branch to the commit; or, when Git refuses one of them, neither."""
    try:
        git.run(root, "update-index", "--", path)
        git.run(root, "update-ref", "-m", "gitops", "HEAD", commit, base)
    except GitopsError:
        files.write(root / path, before)
        with suppress(GitopsError):  # it is locked
            git.run(root, "update-index", "--", path)
        raise


def _text(root: Path, path: str) -> str:
    """The file as it is on the disk, line ends too."""
    return (root / path).read_bytes().decode("utf-8", "surrogateescape")


def branch_off(root: Path, goal: Goal, commit: str) -> None:
    """Make the branch at the commit; the checkout stays where it is."""
    git.run(root, "update-ref", "-m", "gitops", goal.ref, commit, "0" * len(commit))


def push(root: Path, goal: Goal, path: str, commit: str, again: Callable[[str], str]) -> str:
    """Push the commit; when others were first, `again(tip)` makes it on top of theirs. Returns what was pushed.

    Raises GitopsError, the remote untouched, when they changed the same file or when the remote says no."""
    base = goal.base
    for attempt in range(1, ATTEMPTS + 1):
        try:
            git.run(root, "push", "--quiet", goal.remote, f"{commit}:{goal.ref}")
            return commit
        except GitopsError as error:
            failed = error
        if goal.new:
            raise failed
        tip = fetched(root, goal.remote, goal.ref)
        if git.run(root, "rev-list", "--max-count=1", commit, f"^{tip}") == "":  # it did arrive, its answer did not
            return commit
        if tip != base:
            if _blob(root, tip, path) != _blob(root, goal.base, path):
                other = git.run(root, "log", "-1", "--format=%h (%s)", tip, "--", path).strip()
                raise GitopsError(f"{path}: {other} changed it meanwhile; nothing was pushed, run it again")
            base, commit = tip, again(tip)
        elif not _BUSY.search(str(failed)):
            raise failed
        time.sleep(random.uniform(0, PAUSE * attempt))
    if tip == goal.base:  # nobody was: a push that was killed left its lock there
        raise GitopsError(f"{goal}: {failed}")
    raise GitopsError(f"{goal}: others were first {ATTEMPTS} times; nothing was pushed, run again")


def _branch(root: Path) -> str:
    try:
        return git.run(root, "symbolic-ref", "--quiet", "--short", "HEAD").strip()
    except GitopsError as error:
        raise GitopsError("HEAD is on no branch; switch to one (git switch main)") from error


def _tip(root: Path, remote: str, ref: str) -> str:
    return git.run(root, "ls-remote", remote, ref).partition("\t")[0]


def _blob(root: Path, commit: str, path: str) -> str:
    return git.run(root, "ls-tree", "--object-only", commit, "--", path)


def _tree(root: Path, tree: str, parts: list[str], blob: str) -> str:
    """The tree with another blob at the path `parts`, which has to be there."""
    entries = []
    for entry in filter(None, git.run(root, "ls-tree", "--full-tree", "-z", tree).split("\0")):
        about, _, name = entry.partition("\t")
        mode, kind, held = about.split()
        if name == parts[0]:
            held = blob if len(parts) == 1 else _tree(root, held, parts[1:], blob)
        entries.append(f"{mode} {kind} {held}\t{name}\0")
    return _answer(root, "".join(entries), "mktree", "-z")


def _answer(root: Path, text: str, *arguments: str, identity: str = "") -> str:
    return git.raw(root, *arguments, data=os.fsencode(text), identity=identity).decode().strip()
