"""A text that is printed again as it changes: in place on a terminal, else each time it is another one."""

import shutil
import time
from collections.abc import Callable
from typing import TextIO

from gitops.errors import GitopsError

SECONDS = 1.0


def follow(look: Callable[[], tuple[str, bool]], out: TextIO, pause: float = SECONDS) -> None:
    """Print what `look` gives, (text, is it the last one?), every `pause` seconds until it is the last.

    What it cannot see for a while, an API server that is started again, is said in the place of the text."""
    last, height, over = "", 0, False
    while not over:
        try:
            text, over = look()
        except GitopsError as error:
            text = str(error)
        if out.isatty():
            lines = fitting(text, *shutil.get_terminal_size())
            up = f"\033[{height}A" if height else ""
            out.write("\n".join([f"{up}\r\033[J{lines[0]}", *lines[1:], ""]))
            height = len(lines)
        elif text != last:
            out.write(f"{text}\n")
        out.flush()
        last = text
        if not over:
            time.sleep(pause)


def fitting(text: str, columns: int, rows: int) -> list[str]:
    """The lines that a terminal shows without wrapping or scrolling; the last says how many are left out."""
    lines = [line[:columns] for line in text.splitlines()]
    room = max(rows - 1, 2)
    return (
        lines or [""]
        if len(lines) <= room
        else [*lines[: room - 1], f"... {len(lines) - room + 1} more lines"[:columns]]
    )
