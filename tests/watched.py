"""Runs a command in a child that is watched: what it prints, which processes it starts, which files it writes."""

import contextlib
import json
import os
import sys
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@dataclass(frozen=True)
class Watched:
    """`printed`: both streams. `started`: arguments and environment of each process, as it was started and as it was
    seen in /proc. `written`: the paths opened for writing."""

    code: int
    printed: bytes
    started: list[bytes]
    written: set[str]


def run(action: Callable[[], int], folder: Path) -> Watched:
    """Run `action` in a child; its output goes to a file of `folder`."""
    printed, events = folder / "printed", folder / "events"
    child = os.fork()
    if child == 0:
        _child(action, printed, events)
    seen: set[bytes] = set()
    while not (ended := os.waitpid(child, os.WNOHANG))[0]:
        seen.update(_processes())
    said = [json.loads(line) for line in events.read_text().splitlines()]
    started = [text.encode(errors="surrogateescape") for kind, text in said if kind == "start"]
    written = {text for kind, text in said if kind == "write"}
    answer = Watched(os.waitstatus_to_exitcode(ended[1]), printed.read_bytes(), [*started, *seen], written)
    printed.unlink()
    events.unlink()
    return answer


def _child(action: Callable[[], int], printed: Path, events: Path) -> None:
    try:
        with events.open("w") as log, printed.open("w") as out:
            os.dup2(out.fileno(), 1)
            os.dup2(out.fileno(), 2)
            sys.stdout = sys.stderr = out

            def hear(event: str, arguments: tuple[Any, ...]) -> None:
                if event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"):
                    log.write(json.dumps(["start", repr(arguments)]) + "\n")
                elif event == "open" and isinstance(arguments[0], str) and arguments[2] & WRITING:
                    log.write(json.dumps(["write", arguments[0]]) + "\n")

            sys.addaudithook(hear)
            code = action()
            out.flush()
            log.flush()
            os._exit(code)
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(70)


def _processes() -> Iterator[bytes]:
    for process in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            with contextlib.suppress(OSError):
                yield (process / name).read_bytes()


def finds(text: str, data: bytes) -> bool:
    """Is it in there, as it is, in hex, or in base64 at any offset?"""
    plain = text.encode()
    encoded = (b64encode(b"x" * shift + plain)[4 if shift else 0 : -4] for shift in range(3))
    return any(form in data for form in (plain, plain.hex().encode(), *encoded))


def holding(text: str, *folders: Path) -> list[Path]:
    """The files below these folders that it is in."""
    files = (path for folder in folders for path in sorted(folder.rglob("*")))
    return [path for path in files if path.is_file() and not path.is_symlink() and finds(text, path.read_bytes())]
