"""The versions file after a promotion: edited by line, the target's order, comments and quotes kept."""

from pathlib import Path

import pytest

from gitops import promotion, source
from gitops.errors import GitopsError
from gitops.source import SourceFile


def file(tmp_path: Path, name: str, text: str) -> SourceFile:
    (tmp_path / name).write_text(text)
    return source.read(tmp_path / name, name, tmp_path)


def test_every_way_an_entry_can_be_written(tmp_path: Path) -> None:
    new = file(
        tmp_path,
        "new.yaml",
        'images:\n- name: a\n  newTag: "1.10"\n- name: b\n  newName: x/b\n  newTag: v2 # why\n  digest: sha256:12\n'
        "- name: c\n  newTag: v3\n- name: d\n  newTag: v4\n",
    )
    old = file(
        tmp_path,
        "old.yaml",
        "images:\n- name: own\n  newTag: v0\n- newTag: '1.9' # ours\n  name: a\n"
        "- name: b\n  newTag: v1\n- name: c\n  digest: sha256:1\n  newTag: v1\n# the end\n",
    )
    assert promotion.promoted(new, old) == (
        "images:\n- name: own\n  newTag: v0\n- newTag: \"1.10\" # ours\n  name: a\n"
        "- name: b\n  newTag: v2\n  newName: x/b\n  digest: sha256:12\n- name: c\n  newTag: v3\n"
        "- name: d\n  newTag: v4\n# the end\n"
    )  # fmt: skip
    flow = file(tmp_path, "flow.yaml", "images: [{name: a, newTag: v1}]\n")
    with pytest.raises(GitopsError, match=r"flow.yaml: cannot be edited by line"):
        promotion.promoted(new, flow)
