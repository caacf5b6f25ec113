"""gitops secrets: a value that goes in is afterwards nowhere but in the ciphertext, and never was."""

import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

import watched
from bootstrap import cache
from controller_keys import certificate
from gitops import cli

CLUSTER = "bare-metal-production-fra1"
CANARY = "cAnArY0123456789cAnArY0123456789"
PEM = f"clusters/{CLUSTER}/facts/sealed-secrets.pem"


def git(folder: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@example.com", *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout


@pytest.fixture
def fleet(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with nothing sealed, a home and a folder for temporary files of its own."""
    (base / PEM).write_text(certificate())
    monkeypatch.setenv("GITOPS_CACHE", str(cache.folder()))
    for name in ("home", "tmp"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    git(base, "init", "--quiet")
    git(base, "add", "--all")
    git(base, "commit", "--quiet", "--message=x")
    return base


def seal(fleet: Path, given: str) -> Callable[[], int]:
    def action() -> int:
        end, other = os.pipe()
        os.write(other, given.encode())
        os.close(other)
        return cli.main(["secrets", "--repository", str(fleet), "seal", CLUSTER, "--all", "--values-fd", str(end)])

    return action


def test_a_value_is_nowhere_but_in_the_ciphertext(fleet: Path, tmp_path: Path) -> None:
    said = watched.run(seal(fleet, f"redis-password={CANARY}\n"), tmp_path)
    assert said.code == 0, said.printed
    git(fleet, "add", "--all")
    git(fleet, "commit", "--quiet", "--message=y")
    objects = git(fleet, "cat-file", "--batch-all-objects", "--batch", "--unordered")
    assert b"encryptedData" in objects
    assert any(b"kubeseal" in started for started in said.started)
    assert [text for text in (said.printed, objects, *said.started) if watched.finds(CANARY, text)] == []
    assert watched.holding(CANARY, tmp_path) == []
    outside = [path for path in said.written if not path.startswith((str(fleet), os.devnull))]
    assert outside == []
