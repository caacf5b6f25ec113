"""A revision of the repository as a folder of its own, which revision a change starts from, and what it says of itself.

The bytes are those that Git keeps: no filter, no line ends of this machine.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from gitops import git
from gitops.errors import GitopsError

_LINK, _MODULE = "120000", "160000"
# Branches that a change is meant for, in the order they are looked for.
_DEFAULTS = ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master")
_LOCAL = ("refs/heads/main", "refs/heads/master")


def start(root: Path, head: str) -> str:
    """The commit that `head` left the default branch at. Raises GitopsError when that is not known here."""
    shallow = git.run(root, "rev-parse", "--is-shallow-repository").strip() == "true"
    remedy = "fetch the history (git fetch --unshallow)" if shallow else "fetch it"
    default = next((name for name in (*_DEFAULTS, *_LOCAL) if _is_commit(root, name)), "")
    if not default:
        raise GitopsError(f"the default branch is not known here; {remedy}, or name what to compare with: --base REV")
    try:
        return git.run(root, "merge-base", default, head).split()[0]
    except GitopsError as error:
        said = f"no common commit of {head} and {default.split('/', 2)[2]} is here"
        raise GitopsError(f"{said}; {remedy}, or name what to compare with: --base REV") from error


def export(root: Path, commit: str, into: Path, folders: Iterable[str] = ()) -> None:
    """Write the files of a commit, those below `root` and in `folders` (all when none is named), to the empty folder
    `into`."""
    links = []
    for mode, path, body in _blobs(root, commit, folders):
        target = into / path
        if mode == _LINK:
            links.append((target, body))
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
    for target, body in links:  # last, so that nothing is written through one
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(os.fsdecode(body))


def subjects(root: Path, base: str, head: str) -> list[str]:
    """The first lines of the commits of `head` that `base` does not have, newest first."""
    return git.run(root, "log", "--format=%s", f"{base}..{head}", "--").split("\n")[:-1]


def trailers(root: Path, base: str, head: str, key: str) -> set[str]:
    """The values of a trailer in those commits."""
    said = git.run(root, "log", f"--format=%(trailers:key={key},valueonly)", f"{base}..{head}", "--")
    return {line.strip() for line in said.splitlines() if line.strip()}


def history(root: Path, head: str, paths: Iterable[str], most: int) -> list[tuple[str, dict[str, str]]]:
    """(commit, path -> text) of the commits of the branch itself that changed one of the files, newest first."""
    named = list(paths)
    prefix = git.run(root, "rev-parse", "--show-prefix").removesuffix("\n")
    found = git.run(root, "log", "--first-parent", f"--max-count={most}", "--format=%H", head, "--", *named).split()
    asked = "".join(f"{commit}:{prefix}{path}\n" for commit in found for path in named)
    answer, place = git.raw(root, "cat-file", "--batch", data=os.fsencode(asked)), 0
    texts: list[tuple[str, dict[str, str]]] = []
    for commit in found:
        held = {}
        for path in named:
            line_end = answer.index(b"\n", place)
            head_line, place = answer[place:line_end], line_end + 1
            if not head_line.endswith(b" missing"):
                end = place + int(head_line.rpartition(b" ")[2])
                held[path], place = answer[place:end].decode("utf-8", "replace"), end + 1
        texts.append((commit, held))
    return texts


def _is_commit(root: Path, name: str) -> bool:
    try:
        return bool(git.commit(root, name))
    except GitopsError:
        return False


def _blobs(root: Path, commit: str, folders: Iterable[str]) -> Iterator[tuple[str, str, bytes]]:
    """(mode, path, content) of every file of a commit; submodules are left out, their content is elsewhere."""
    entries = []
    for entry in filter(None, git.run(root, "ls-tree", "-r", "-z", commit, "--", *folders).split("\0")):
        about, _, path = entry.partition("\t")
        mode, _, name = about.split()
        if any(part in ("", ".", "..", ".git") for part in path.split("/")):
            raise GitopsError(f"{commit[:12]}: holds a file named {path!r}, which no checkout would write")
        if mode != _MODULE:
            entries.append((mode, path, name))
    asked = "".join(f"{name}\n" for _, _, name in entries)
    answer, place = git.raw(root, "cat-file", "--batch", data=asked.encode()), 0
    for mode, path, name in entries:
        line_end = answer.index(b"\n", place)
        size = answer[place:line_end].rpartition(b" ")[2]
        if not size.isdigit():
            raise GitopsError(f"{commit[:12]}: {path} cannot be read; fetch its content ({name})")
        place = line_end + 1 + int(size) + 1
        yield mode, path, answer[line_end + 1 : place - 1]
