"""A text that is followed: once per change into a file, in place on a terminal."""

import io
import os
import pty
from collections.abc import Callable

import pytest

from gitops.errors import GitopsError
from gitops.local import watch

Look = Callable[[], tuple[str, bool]]


def looks(*texts: str) -> Look:
    """The texts one after the other; "!" is an API server that does not answer."""
    left = list(texts)

    def look() -> tuple[str, bool]:
        text = left.pop(0)
        if text == "!":
            raise GitopsError("kubectl get: refused")
        return text, not left

    return look


def test_a_file_gets_each_change_once() -> None:
    out = io.StringIO()
    watch.follow(looks("a", "a", "b", "!", "!", "b", "c"), out, 0)
    assert out.getvalue() == "a\nb\nkubectl get: refused\nb\nc\n"


def test_a_terminal_is_drawn_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    monkeypatch.setenv("LINES", "24")
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as out, os.fdopen(master, "rb", buffering=0) as screen:
        watch.follow(looks("one\ntwo", "three and more"), out, 0)
        wanted = b"\r\x1b[Jone\r\ntwo\r\n\x1b[2A\r\x1b[Jthree and \r\n"
        seen = b""
        while len(seen) < len(wanted):
            seen += screen.read(200)
        assert seen == wanted


def test_what_does_not_fit_is_counted() -> None:
    assert watch.fitting("\n".join("abcdef"), 80, 5) == ["a", "b", "c", "... 3 more lines"]
    assert watch.fitting("a\nb", 80, 3) == ["a", "b"]
    assert watch.fitting("", 80, 24) == [""]
