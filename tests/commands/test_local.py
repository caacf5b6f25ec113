"""`gitops local` without an instance: one line, and what to do. What it does with one is in tests/e2e."""

from pathlib import Path

import pytest

from support import Gitops


@pytest.mark.parametrize(
    "words", [["sync"], ["status"], ["status", "--watch"], ["report"], ["exec", "true"]], ids=" ".join
)
def test_what_needs_an_instance_says_so(
    words: list[str], gitops: Gitops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    answer = gitops("local", *words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "gitops local: instance default is not up; run `gitops local up`\n"


def test_down_without_an_instance_is_done(gitops: Gitops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert gitops("local", "down").out == "nothing was running\n"
