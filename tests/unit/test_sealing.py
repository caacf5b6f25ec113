"""Texts of sealed secrets: keys go in, lines stay."""

import pytest

from gitops import sealed_files
from gitops.errors import GitopsError

LONG = """spec:
  encryptedData:
    a: >-
      Ag1
      Ag2
  template: {}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LONG, LONG.replace("  template", "    b: STUB  # why\n  template")),
        ("spec:\n  encryptedData:\n    a: Ag\n", "spec:\n  encryptedData:\n    a: Ag\n    b: STUB  # why\n"),
        ("spec:\n  encryptedData:\n    b: Ag\n", "spec:\n  encryptedData:\n    b: Ag\n"),
    ],
)
def test_missing_keys_go_after_those_that_are_there(text: str, expected: str) -> None:
    assert sealed_files.with_keys("f.yaml", text, {"b": "why"}) == expected


def test_keys_in_one_line_are_for_a_person_to_split() -> None:
    with pytest.raises(GitopsError, match=r"f\.yaml:2: write encryptedData with one key a line"):
        sealed_files.with_keys("f.yaml", "spec:\n  encryptedData: {a: Ag}\n", {"b": ""})


HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, HEAD + "resources:\n  - a.yaml\n"),
        (HEAD + "resources:\n  - a.yaml\n", HEAD + "resources:\n  - a.yaml\n"),
        ("resources:\n  - b.yaml # why\npatches: []\n", "resources:\n  - b.yaml # why\n  - a.yaml\npatches: []\n"),
        ("resources:\n- b.yaml\n", "resources:\n- b.yaml\n- a.yaml\n"),
        ("patches: []\n", "patches: []\nresources:\n  - a.yaml\n"),
    ],
)
def test_files_are_listed_once(text: str | None, expected: str) -> None:
    assert sealed_files.with_resources(text, ["a.yaml"]) == expected
