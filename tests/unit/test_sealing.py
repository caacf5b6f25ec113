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


SEALED = """metadata:
  name: a  # why
  annotations: {argocd.argoproj.io/sync-wave: "-20"}
spec:
  encryptedData:
    # of the store
    a: Ag1
    b: STUB  # what it is
"""


def test_values_and_annotations_go_in_and_other_lines_stay() -> None:
    text = sealed_files.with_values("f.yaml", SEALED, {"b": "Ag2"}, {"x.dev/y": "2026-11-25T10:00:00Z"})
    changed = 'annotations:\n    argocd.argoproj.io/sync-wave: "-20"\n    x.dev/y: "2026-11-25T10:00:00Z"\n'
    old = 'annotations: {argocd.argoproj.io/sync-wave: "-20"}\n'
    assert text == SEALED.replace(old, changed).replace("b: STUB  # what it is", "b: Ag2")
    again = sealed_files.with_values("f.yaml", text, {}, {"x.dev/y": "later", "x.dev/z": "1"})
    assert again == text.replace('"2026-11-25T10:00:00Z"', "later").replace(
        "annotations:\n", 'annotations:\n    x.dev/z: "1"\n'
    )


def test_a_value_of_several_lines_is_for_a_person_to_join() -> None:
    with pytest.raises(GitopsError, match=r"f\.yaml: cannot be changed by line"):
        sealed_files.with_values("f.yaml", LONG, {"a": "Ag3"}, {})
