"""The cache folder. Each part of it is named by a hash of what it is made from, so it is either right or absent."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bootstrap.process import SetupError

COMPLETE = ".complete"  # written last, so that an interrupted set-up is done again instead of being half used


def folder() -> Path:
    """Where everything is kept; safe to delete at any time."""
    chosen = os.environ.get("GITOPS_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(chosen).expanduser().absolute() if chosen else Path(base).expanduser() / "pybase-gitops"


def key(*parts: bytes | str) -> str:
    """A short hash of `parts` and of this kind of machine, since a home folder may serve several."""
    kind = os.uname()
    digest = hashlib.sha256(f"{kind.sysname} {kind.machine}".encode())
    for part in parts:
        digest.update(b"\0" + (part.encode() if isinstance(part, str) else part))
    return digest.hexdigest()[:16]


def content(*files: Path) -> bytes:
    """Names and bytes of `files`, for a key; raises SetupError for one that cannot be read."""
    try:
        return b"\0".join(file.name.encode() + b"\0" + file.read_bytes() for file in files)
    except OSError as error:
        raise SetupError(f"{error.filename}: {error.strerror}; restore it from Git") from error


def is_complete(part: Path) -> bool:
    return (part / COMPLETE).exists()


def build(part: Path, label: str, make: Callable[[Path], None]) -> Path:
    """`part`, made by `make(part)` when it is not there yet: one set-up at a time, saying what and how long."""
    if is_complete(part):
        return part
    with _alone():
        if is_complete(part):  # another set-up made it while this one waited
            return part
        started = time.monotonic()
        sys.stderr.write(f"set-up: {label} ... ")
        sys.stderr.flush()
        try:
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            make(part)
            (part / COMPLETE).touch()
        except OSError as error:
            raise SetupError(f"{label}: {error.filename or part}: {error.strerror}") from error
        finally:
            took = f"{time.monotonic() - started:.0f} s" if is_complete(part) else "failed"
            sys.stderr.write(f"{took}\n")
    return part


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    lock = folder() / "lock"
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        handle = lock.open("w")
    except OSError as error:
        raise SetupError(f"{lock}: {error.strerror}; set GITOPS_CACHE to a folder that can be written") from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write("set-up: waiting for another set-up to finish\n")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
