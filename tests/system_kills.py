"""Runs in a child whose processes, git's too, are killed together before their n-th change of a file that stays.

A seccomp filter stops them at the calls that change files, ptrace(2) tells the caller; Linux on amd64 and arm64.
"""

import ctypes
import os
import platform
import signal
import struct
from collections.abc import Callable
from pathlib import Path

_CALLS: dict[str, dict[str, int]] = {  # asm/unistd_64.h, asm-generic/unistd.h
    "x86_64": {
        "write": 1, "close": 3, "pwrite64": 18, "open": 2, "openat": 257, "fsync": 74, "fdatasync": 75, "ftruncate": 77,
        "rename": 82, "renameat": 264, "renameat2": 316, "mkdir": 83, "mkdirat": 258, "rmdir": 84, "link": 86,
        "linkat": 265, "unlink": 87, "unlinkat": 263, "symlink": 88, "symlinkat": 266, "fchmod": 91, "chmod": 90,
    },
    "aarch64": {
        "write": 64, "close": 57, "pwrite64": 68, "openat": 56, "fsync": 82, "fdatasync": 83, "ftruncate": 46,
        "renameat": 38, "renameat2": 276, "mkdirat": 34, "linkat": 37, "unlinkat": 35, "symlinkat": 36, "fchmod": 52,
    },
}  # fmt: skip
_NAMES = {number: name for name, number in _CALLS[platform.machine()].items()}
_OF_FILE = ("write", "close", "pwrite64", "fsync", "fdatasync", "ftruncate", "fchmod")  # take a descriptor
_TRACEME, _CONT, _SETOPTIONS, _SYSCALL_INFO = 0, 7, 0x4200, 0x420E  # linux/ptrace.h
_OPTIONS = 0x100000 | 0x80 | 0x02 | 0x04 | 0x08  # EXITKILL, and TRACE of SECCOMP, FORK, VFORK, CLONE
_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
FOREVER = 10**9


def run(action: Callable[[], int], kept: Path, at: int = FOREVER) -> tuple[int | None, int]:
    """The exit code of `action`, None when it was killed before step `at`, and how many steps it had; a step is a
    change below `kept`, the first being 1."""
    child = os.fork()
    if child == 0:
        _child(action)
    os.waitpid(child, 0)
    _ptrace(_SETOPTIONS, child, _OPTIONS)
    _ptrace(_CONT, child)
    seen, processes, code = 0, {child}, None
    while processes:
        process, status = os.waitpid(-1, 0x40000000)  # __WALL
        processes.add(process)
        if os.WIFEXITED(status) or os.WIFSIGNALED(status):
            processes.discard(process)
            if process == child and os.WIFEXITED(status):
                code = os.WEXITSTATUS(status)
            continue
        if status >> 8 == signal.SIGTRAP | 7 << 8:
            seen += _changes(process, kept)
            if seen == at:
                for other in processes:
                    os.kill(other, signal.SIGKILL)
                at = FOREVER
                continue
        stopped = os.WSTOPSIG(status)
        known = stopped in (signal.SIGTRAP, signal.SIGSTOP)
        _ptrace(_CONT, process, 0 if known else stopped)
    return code, seen


def _child(action: Callable[[], int]) -> None:
    try:
        _LIBC.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
        _ptrace(_TRACEME, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        last = len(_NAMES)
        jumps = [(0x15, last - place, 0, number) for place, number in enumerate(_NAMES)]  # JEQ: to the last but none
        lines = [(0x20, 0, 0, 0), *jumps, (0x06, 0, 0, 0x7FFF0000), (0x06, 0, 0, 0x7FF00000)]  # ALLOW, TRACE
        text = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
        program = struct.pack("HxxxxxxQ", len(lines), ctypes.addressof(text))
        assert _LIBC.prctl(22, 2, ctypes.create_string_buffer(program), 0, 0) == 0  # PR_SET_SECCOMP
        os._exit(action())
    finally:
        os._exit(70)


def _changes(process: int, kept: Path) -> bool:
    """Is the call that the process is at one that changes a file below `kept`?"""
    held = ctypes.create_string_buffer(88)
    if _LIBC.ptrace(_SYSCALL_INFO, process, 88, ctypes.addressof(held)) < 0:
        return False
    number, *arguments = struct.unpack_from("7Q", held.raw, 24)
    name = _NAMES[number]
    if name in _OF_FILE:
        return name != "close" and _inside(f"/proc/{process}/fd/{arguments[0] & 0xFFFFFFFF}", "", kept)
    at = name.endswith(("at", "at2"))
    if name.startswith("open") and not arguments[2 if at else 1] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        return False
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        memory.seek(arguments[1 if at else 0])
        path = memory.read(4096).partition(b"\0")[0]
    return _inside(f"/proc/{process}/cwd", os.fsdecode(path), kept)


def _inside(link: str, path: str, kept: Path) -> bool:
    try:
        return Path(os.readlink(link), path).is_relative_to(kept)
    except OSError:
        return False


def _ptrace(request: int, process: int, value: int = 0) -> None:
    _LIBC.ptrace(request, process, 0, value)
