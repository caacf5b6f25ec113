"""What a longer command is doing, on standard error when that is a terminal; each line takes the place of the last."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Say = Callable[[str], None]


def silent(text: str) -> None:
    """Say nothing."""


@contextmanager
def shown(quiet: bool) -> Iterator[Say]:
    """A function that shows one line; the line is wiped at the end, so that results stand alone."""
    if quiet or not sys.stderr.isatty():
        yield silent
        return

    def say(text: str) -> None:
        sys.stderr.write(f"\r\033[K{text}")
        sys.stderr.flush()

    try:
        yield say
    finally:
        say("")
