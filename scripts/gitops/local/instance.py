"""An instance of the local platform: its folder, and the processes that were started for it.

Everything an instance writes is in one folder, `$XDG_STATE_HOME/pybase-gitops/<name>`, mode 0700: it holds keys. A
process is recorded with the time it began (field 22 of /proc/PID/stat), so that another one with its number is never
taken for it.
"""

import contextlib
import json
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from gitops.errors import GitopsError

STOP_SECONDS = 10  # between asking a process to end and ending it


def state() -> Path:
    """The folder of all that outlives a command and holds keys."""
    base = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(base).expanduser() / "pybase-gitops"


@dataclass(frozen=True)
class Instance:
    """`cluster` is the folder of clusters/ that it runs."""

    name: str
    folder: Path

    @classmethod
    def named(cls, name: str) -> "Instance":
        return cls(name, state() / name)

    def path(self, *parts: str) -> Path:
        return self.folder.joinpath(*parts)

    def make(self, *folders: str) -> None:
        """Make the folder and those below it that are named."""
        try:
            for folder in ("", "pids", "log", *folders):
                self.path(folder).mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise GitopsError(
                f"{error.filename}: {error.strerror}; set XDG_STATE_HOME to a folder you can write"
            ) from error

    def record(self, name: str, pid: int) -> None:
        self.path("pids", name).write_text(json.dumps({"pid": pid, "began": began(pid)}))

    def pid(self, name: str) -> int | None:
        """The process of that name, None when it was not started or has ended."""
        try:
            known = json.loads(self.path("pids", name).read_text())
            return int(known["pid"]) if began(known["pid"]) == known["began"] else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def names(self) -> list[str]:
        """Every recorded process, in the order they were started."""
        folder = self.path("pids")
        files = folder.iterdir() if folder.is_dir() else ()
        return [file.name for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)]

    def stop(self, *names: str) -> None:
        """End these processes, those that are asked in vain by force."""
        waiting = {name: pid for name in names if (pid := self.pid(name))}
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in waiting.values():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            end = time.monotonic() + STOP_SECONDS
            while (waiting := {n: p for n, p in waiting.items() if self.pid(n) == p}) and time.monotonic() < end:
                time.sleep(0.05)
        for name in names:
            self.path("pids", name).unlink(missing_ok=True)


def began(pid: int) -> str:
    """When a process began, in the kernel's ticks; "" when there is none, or it is dead and not yet collected."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
