"""The only caller of git. The GIT_ variables that a hook sets are left out: every call names its folder."""

import os
import re
import subprocess
from pathlib import Path

from gitops.errors import GitopsError

_UNUSABLE = ("install git", "dubious ownership", "not a git repository")  # no revision is to be had at all
_LOCK = re.compile(r"Unable to create '([^']*\.lock)': File exists")
_LOCKED = "another git is at work here, or was killed; when none is running, delete that file and run this again"


def run(folder: Path, *arguments: str, identity: str = "") -> str:
    """Standard output of `git -C folder`; raises GitopsError. `identity`: whose name a commit has. Bytes that are no
    UTF-8, which names of files may hold, come as surrogates."""
    return raw(folder, *arguments, identity=identity).decode("utf-8", "surrogateescape")


def raw(folder: Path, *arguments: str, data: bytes = b"", identity: str = "") -> bytes:
    """The same as bytes, `data` on standard input."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    if identity:
        who = {"NAME": identity, "EMAIL": "gitops@localhost"}
        environment |= {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()}
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, env=environment, input=data, capture_output=True, check=False)
    except OSError as error:
        raise GitopsError(f"git: {error.strerror}; install git") from error
    if done.returncode:
        said = (done.stderr or done.stdout).decode("utf-8", "replace")
        if lock := _LOCK.search(said):
            raise GitopsError(f"{lock[1]}: {_LOCKED}")
        raise GitopsError(f"git {arguments[0]}: {' '.join(said.split())[:300]}")
    return done.stdout


def commit(root: Path, revision: str) -> str:
    """The full id of the commit that a revision names."""
    try:
        return run(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
    except GitopsError as error:
        if any(words in str(error) for words in _UNUSABLE):
            raise
        raise GitopsError(f"{revision}: no such revision here; fetch it, a shallow clone may lack it") from error


def changed(root: Path, revision: str, head: str = "") -> set[str]:
    """The files below `root` that differ between `revision` and the commit `head`; without one, the working tree:
    committed or not, new and deleted ones too."""
    known = [commit(root, name) for name in (revision, head) if name]
    names = run(root, "diff", "--name-only", "--no-renames", "--relative", "-z", *known, "--")
    if not head:
        names += run(root, "ls-files", "--others", "--exclude-standard", "-z")
    return set(filter(None, names.split("\0")))


def kept_with_lf(root: Path) -> set[str]:
    """The files below `root` that have CRLF here and LF in Git, now or once they are committed: by `core.autocrlf` or
    an attribute. None outside Git."""
    try:
        default = run(root, "config", "--default=false", "--get", "core.autocrlf").strip() != "false"
        listed = run(root, "ls-files", "--eol", "--cached", "--others", "--exclude-standard", "-z")
    except GitopsError:
        return set()
    found = set()
    for entry in filter(None, listed.split("\0")):
        about, _, path = entry.partition("\t")
        index, here, attributes = about.split(maxsplit=2)
        words = attributes.removeprefix("attr/").split()
        converted = words[0] != "-text" if words else default
        if converted and index not in ("i/crlf", "i/mixed") and here in ("w/crlf", "w/mixed"):
            found.add(path)
    return found
