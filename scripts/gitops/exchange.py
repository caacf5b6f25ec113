"""Changing several files of a cluster's folder in one step, one run at a time.

A run that is killed leaves the old folder or the new one. The folder that all of them are in is copied into a hidden
folder of the root that Git ignores; the new texts are written into the copy; everything is synced to the disk; then the
two change places by one renameat2(2) with RENAME_EXCHANGE. There is no moment at which half of it is there, so no
journal has to be finished by a later run: that one only removes the copy that a killed run left. The lock is flock(2)
on clusters/, which the kernel gives back when its holder dies. File systems that cannot exchange (NFS, 9p) are refused.
"""

import ctypes
import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gitops import files
from gitops.errors import GitopsError
from gitops.layout import Repository

COPY = ".gitops-"  # begins the name of the folder of copies
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD, RENAME_EXCHANGE of linux/fcntl.h and linux/fs.h


@contextmanager
def alone(repository: Repository) -> Iterator[None]:
    """No other run changes a cluster's folder of this checkout meanwhile; waits for the one that does."""
    folder = os.open(repository.root / "clusters", os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another run is changing a cluster here; waiting for it", file=sys.stderr)
            fcntl.flock(folder, fcntl.LOCK_EX)
        for left in repository.root.glob(f"{COPY}*"):
            shutil.rmtree(left)
        yield
    finally:
        os.close(folder)


def write(repository: Repository, cluster: str, old: Mapping[str, str | None], new: Mapping[str, str]) -> None:
    """Replace files of clusters/<cluster>, path -> text, all of them at once; inside `alone`.

    `old`: what they held when the new texts were made, None for a file that was not there."""
    for path, text in old.items():
        file = repository.root / path
        if (file.read_text() if file.exists() else None) != text:
            raise GitopsError(f"{path}: changed while this ran, so nothing was written; run it again")
    for path in new:
        if not path.startswith(f"clusters/{cluster}/"):
            raise GitopsError(f"{path}: not in clusters/{cluster}, so it may be another cluster's too; move it there")
        _no_link(repository.root, path)
    there = _folder([repository.root / path for path in new])
    try:
        with tempfile.TemporaryDirectory(prefix=COPY, dir=repository.root) as name:
            copy = Path(shutil.copytree(there, Path(name, there.name), symlinks=True))
            for path, text in new.items():
                file = copy / (repository.root / path).relative_to(there)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            for folder, _, names in os.walk(copy):
                for entry in (*(Path(folder, name) for name in names), Path(folder)):
                    _sync(entry)
            _swap(copy, there)
            _sync(there.parent)
    except OSError as error:
        why = error.strerror or str(error.args[0][0][2])  # shutil.Error: a list of (from, to, why)
        where = there.relative_to(repository.root)
        raise GitopsError(f"{where}: cannot be changed: {why}; nothing was written") from error


def add(repository: Repository, cluster: str, new: Mapping[str, str]) -> None:
    """Make clusters/<cluster> with these files, path -> text, all of them or none; inside `alone`."""
    try:
        with tempfile.TemporaryDirectory(prefix=COPY, dir=repository.root) as name:
            for path, text in new.items():
                files.write(Path(name, path), text)
            Path(name, repository.folder(cluster)).rename(repository.root / repository.folder(cluster))
            _sync(repository.root / "clusters")
    except OSError as error:
        raise GitopsError(
            f"{repository.folder(cluster)}: cannot be made: {error.strerror}; nothing was written"
        ) from error


def remove(repository: Repository, cluster: str) -> None:
    """Delete clusters/<cluster>: one rename takes it out of the tree whole; inside `alone`."""
    there = repository.root / repository.folder(cluster)
    with tempfile.TemporaryDirectory(prefix=COPY, dir=repository.root) as name:
        try:
            there.rename(Path(name, cluster))
        except OSError as error:
            raise GitopsError(f"{repository.folder(cluster)}: cannot be removed: {error.strerror}") from error
        _sync(there.parent)


def _folder(paths: list[Path]) -> Path:
    """The deepest folder that is there and that all of them are in: who stands or edits above it is not disturbed."""
    common = Path(os.path.commonpath([path.parent for path in paths]))
    return next(folder for folder in (common, *common.parents) if folder.is_dir())


def _no_link(root: Path, path: str) -> None:
    """A link would be followed out of the copy, or replaced by what it points to."""
    for part in (Path(path), *Path(path).parents):
        if (root / part).is_symlink():
            raise GitopsError(f"{path}: {part} is a symbolic link; put the file itself there, and run this again")


def _sync(path: Path) -> None:
    if path.is_symlink():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _swap(one: Path, other: Path) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE):
        why = ctypes.get_errno()
        message = f"{os.strerror(why)}: two folders cannot change places in one step, as on a local disk"
        raise OSError(why, message)
