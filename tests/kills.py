"""Runs in a child that is killed at its n-th step on the disk: before or after a write, sync, rename, ..."""

import io
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

SYSTEM = {
    "chmod", "copy_file_range", "fchmod", "fsync", "ftruncate", "link", "mkdir", "remove", "rename", "replace",
    "rmdir", "sendfile", "symlink", "unlink", "utime", "write",
}  # fmt: skip
STREAM = {"flush", "truncate", "write"}
FOREIGN = {"_swap"}  # a function that calls the C library itself
FOREVER = 10**9


def killed(action: Callable[[], object], at: int) -> bool:
    """Run `action` in a child that is killed at step `at`, the first being 1; False when it ended before."""
    return os.WIFSIGNALED(_status(action, at))


def steps(action: Callable[[], object]) -> int:
    """How many steps it takes; it is run to its end."""
    reader, writer = os.pipe()
    _status(action, FOREVER, writer)
    os.close(writer)
    with os.fdopen(reader) as said:
        return int(said.read())


def together(*actions: Callable[[], int]) -> list[int]:
    """Run them at once, each in a child; how they ended."""
    children = [_start(action) for action in actions]
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def _start(action: Callable[[], object], at: int = FOREVER, report: int = -1) -> int:
    child = os.fork()
    if child == 0:
        _child(action, at, report)
    return child


def _status(action: Callable[[], object], at: int, report: int = -1) -> int:
    status = os.waitpid(_start(action, at, report), 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, f"ended with {os.WEXITSTATUS(status)}"
    return status


def _child(action: Callable[[], object], at: int, report: int) -> None:
    seen = 0

    def step(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal seen
        seen += _counts(frame, event, argument)
        if seen == at:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        sys.setprofile(step)
        code = action()
        sys.setprofile(None)
        if report >= 0:
            os.write(report, str(seen).encode())
        os._exit(int(code) if isinstance(code, int) else 0)
    finally:
        os._exit(70)


def _counts(frame: FrameType, event: str, argument: Any) -> bool:
    if not event.startswith("c_"):
        return frame.f_code.co_name in FOREIGN
    name = argument.__name__
    if argument.__module__ == os.name:
        return name in SYSTEM
    return name in STREAM and isinstance(argument.__self__, io.IOBase)
