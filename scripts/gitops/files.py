"""Writing files: never half of one. All writes of the package go through here."""

import os
import tempfile
from pathlib import Path

from gitops.errors import GitopsError

TEMPORARY = ".gitops."  # begins the name of a file that is not whole yet; Git ignores these


def write(path: Path, text: str, mode: int | None = None) -> None:
    """Replace `path` by `text` in one step, keeping its mode unless one is given; folders are made.

    Raises GitopsError, leaving the file as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if mode is None:
            mode = path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_umask()
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f"{TEMPORARY}{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink()
            raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise GitopsError(f"{path}: cannot be written: {error.strerror}; nothing was changed") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
