"""Writing: whole files only, mode kept, nothing left behind."""

from pathlib import Path

import pytest

from gitops import files
from gitops.errors import GitopsError


def test_replaces_content_and_keeps_the_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.sh"
    path.write_text("old")
    path.chmod(0o750)
    files.write(path, "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o750)
    assert [p.name for p in tmp_path.iterdir()] == ["a.sh"]


def test_says_what_cannot_be_written_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(GitopsError, match=r"folder: cannot be written: .*; nothing was changed"):
        files.write(tmp_path / "folder", "text")
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]
