"""Files as written: values with their lines, and every fault of a strict reader."""

import time
from pathlib import Path

import pytest

from gitops import source
from gitops.checks import yaml_readable
from gitops.checks.yaml_readable import MAX_FILES
from gitops.composer import MAX_ALIASES, MAX_DEPTH
from gitops.fleet import Fleet
from gitops.layout import Repository
from gitops.nodes import Node
from gitops.source import SourceFile


def read(tmp_path: Path, body: str | bytes) -> SourceFile:
    file = tmp_path / "a.yaml"
    file.write_bytes(body.encode() if isinstance(body, str) else body)
    return source.read(file, "a.yaml", tmp_path)


def only(tmp_path: Path, body: str | bytes) -> tuple[int, str, bool]:
    (fault,) = read(tmp_path, body).faults
    return fault.line, fault.message, fault.fatal


def test_values_have_types_and_lines(tmp_path: Path) -> None:
    (document,) = read(tmp_path, "a: 1\nb:\n  - x\n  - {c: true}\n").documents
    assert document.plain() == {"a": 1, "b": ["x", {"c": True}]}
    assert (document.key_lines["b"], document.get("b", 1, "c").line) == (2, 4)  # type: ignore[union-attr]


def test_paths_that_do_not_exist_are_none(tmp_path: Path) -> None:
    (document,) = read(tmp_path, "a: [1]\n").documents
    assert [document.get("b"), document.get("a", 5), document.get("a", 0, "c")] == [None, None, None]
    assert (document.text("b"), document.text("a"), Node(None, 1).items()) == ("", "", [])


def test_every_document_of_a_stream_is_read(tmp_path: Path) -> None:
    assert [d.plain() for d in read(tmp_path, "a: 1\n---\n# nothing\n---\nb: 2\n").documents] == [{"a": 1}, {"b": 2}]


def test_an_alias_has_the_value_of_its_anchor(tmp_path: Path) -> None:
    assert read(tmp_path, "a: &x [1]\nb: *x\n").documents[0].plain() == {"a": [1], "b": [1]}


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("a: [1\n", 2, "not YAML"),
        ("a: 1\n  b: 2\n", 2, "not YAML"),
        ("", 1, "empty file"),
        ("# only a comment\n", 1, "empty file"),
        ("---\n", 1, "empty file"),
        (b"a: 1\nb: \xff\n", 2, "byte 0xff is not UTF-8"),
        (b"a: 1\n\0", 2, "NUL byte"),
        ("a: 1\n<<<<<<< HEAD\nb: 2\n=======\n", 2, "merge conflict"),
        ("a: 2026-13-45\n", 1, "impossible value 2026-13-45"),
        ("a: 1\nb: x\u2028y\n", 2, "U+2028 ends a line in YAML 1.1"),
        ("a: x\x85y\n", 1, "U+0085 ends a line in YAML 1.1"),
        ("a: .nan\n", 1, "impossible value .nan"),
        ("a: [-.inf]\n", 1, "impossible value -.inf"),
        (f"a: {'1' * 5000}\n", 1, "impossible value 111"),
        ("a: &a [*a]\n", 1, "refers to itself"),
        ("a: *b\n", 1, "refers to itself or to nothing"),
        ("? [a]\n: b\n", 1, "a key that is not a plain word"),
        ("a: !secret x\n", 1, "tag !secret"),
    ],
)
def test_an_unreadable_file_is_a_fault_and_has_no_content(
    tmp_path: Path, body: str | bytes, line: int, words: str
) -> None:
    found = only(tmp_path, body)
    assert (found[0], found[2]) == (line, True)
    assert words in found[1]
    assert read(tmp_path, body).documents == []


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("a: 1\na: 2\n", 2, "key a is here twice (first in line 1)"),
        ("a: {b: 1, b: 2}\n", 1, "key b is here twice"),
        ("a: 1 #\tx\n", 1, "tab character"),
        ("a: {<<: {b: 1}}\n", 1, "merge key"),
        ("a: yes\n", 1, "yes is a boolean in YAML 1.1"),
        ("on: a\n", 1, "key on is a boolean"),
        ("a: 0644\n", 1, "0644 is octal"),
        ("a: 12:30\n", 1, "12:30 is a number in base 60"),
        (b"\xef\xbb\xbfa: 1\n", 1, "byte order mark"),
        (b"a: 1\r\nb: 2\r\n", 1, "carriage return"),
    ],
)
def test_an_ambiguous_file_is_a_fault_and_is_read(tmp_path: Path, body: str | bytes, line: int, words: str) -> None:
    found = only(tmp_path, body)
    assert (found[0], found[2]) == (line, False)
    assert words in found[1]
    assert read(tmp_path, body).documents


@pytest.mark.parametrize("text", ['"yes"', "true", "0", "0.5", "1e3", "0o644", "2026-11-22", "v1.0", '"12:30"', "~"])
def test_what_all_readers_take_alike_passes(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, f"a: {text}\n").faults == []


@pytest.mark.parametrize(
    "body",
    [
        "[" * 2000 + "]" * 2000,
        "a: " + "{b: " * 2000 + "1" + "}" * 2000,
        "".join(f"k{n}: &k{n} {'[' * 60}{f'*k{n - 1}' if n else ''}{']' * 60}\n" for n in range(60)),
        "a: &a [x]\nb: [" + "*a, " * 1001 + "]\n",
        "".join(f"k{n}: &k{n} [{f'*k{n - 1}, ' * 10 if n else 'x'}]\n" for n in range(8)),
        "a: " + "x" * (source.MAX_BYTES + 1),
    ],
    ids=["deep-lists", "deep-mappings", "deep-aliases", "many-aliases", "alias-bomb", "large"],
)
def test_limits_are_faults_found_at_once(tmp_path: Path, body: str) -> None:
    start = time.monotonic()
    assert only(tmp_path, body)[2]
    assert time.monotonic() - start < 2


def test_the_limits_themselves_pass(tmp_path: Path) -> None:
    deep = "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)
    assert read(tmp_path, f"a: {deep}\n").faults == []
    assert read(tmp_path, "a: &a x\nb: [" + "*a, " * MAX_ALIASES + "]\n").faults == []


def test_a_missing_file_and_a_folder_are_faults(tmp_path: Path) -> None:
    assert "cannot be read" in source.read(tmp_path / "b.yaml", "b.yaml", tmp_path).faults[0].message
    assert "cannot be read" in source.read(tmp_path, "folder.yaml", tmp_path).faults[0].message


def test_a_link_out_of_the_tree_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "outside.yaml").write_text("a: 1\n")
    link = tmp_path / "tree" / "a.yaml"
    link.symlink_to(tmp_path / "outside.yaml")
    found = source.read(link, "a.yaml", tmp_path / "tree")
    assert (found.faults[0].message, found.text) == ("symbolic link out of the repository", "")


def test_a_text_that_cannot_be_parsed_has_no_documents() -> None:
    assert source.parse("a: [") == []
    assert source.parse("a: &a [*a]") == []


def test_a_tree_of_too_many_files_is_a_problem_of_the_first_beyond(repository: Repository) -> None:
    few, many = ([f"apps/{n:05}.pem" for n in range(count)] for count in (MAX_FILES, MAX_FILES + 1))
    assert list(yaml_readable.check(Fleet(repository, [], few, {}, []))) == []
    (found,) = yaml_readable.check(Fleet(repository, [], many, {}, []))
    assert (found.path, found.message) == ("apps/10000.pem", "more than 10,000 files in what all clusters share")


def test_clusters_are_counted_one_by_one(repository: Repository) -> None:
    """Two thousand clusters of ten files are many files, and no fault."""
    many = [f"clusters/c{n:04}/workload/sealed/{k}.yaml" for n in range(2000) for k in range(10)]
    assert list(yaml_readable.check(Fleet(repository, [], many, {}, []))) == []
    one = [f"clusters/c/{n:05}.pem" for n in range(MAX_FILES + 1)]
    (found,) = yaml_readable.check(Fleet(repository, [], one, {}, []))
    assert (found.path, found.message) == ("clusters/c/10000.pem", "more than 10,000 files in clusters/c")
