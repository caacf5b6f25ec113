"""Bad input: one line that names the file and the remedy, exit 1 or 2, never a traceback, nothing written."""

from pathlib import Path

import pytest

from support import Gitops

VERBS = [["list"], ["status"], ["render"], ["validate"], ["diff"], ["init", "--dry-run"], ["secrets", "stub", "x"]]
VERBS += [["cluster", "remove", "x"], ["bootstrap", "x"], ["smoke", "x"], ["teardown", "x"]]
CLUSTER = "bare-metal-production-fra1"


def snapshot(tree: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()}


def test_unknown_cluster_gets_the_nearest_name(gitops: Gitops, base: Path) -> None:
    answer = gitops("validate", "bare-metal-produktion-fra1", folder=base)
    assert answer.code == 2
    assert answer.err == (
        "gitops validate: bare-metal-produktion-fra1: no such cluster, did you mean bare-metal-production-fra1?; "
        "`gitops list` shows them all\n"
    )


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_outside_a_repository(verb: list[str], gitops: Gitops, tmp_path: Path) -> None:
    answer = gitops(*verb, folder=tmp_path)
    assert answer.code == 2
    assert "not inside a fleet repository" in answer.err and "Traceback" not in answer.err


@pytest.mark.parametrize(
    "folder", ["environments/production", "components/settings", f"clusters/{CLUSTER}/workload/sealed"]
)
def test_missing_folder_is_named_by_validate(folder: str, gitops: Gitops, base: Path) -> None:
    for path in sorted((base / folder).rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (base / folder).rmdir()
    answer = gitops("validate", folder=base)
    assert answer.code in (1, 2)
    assert folder.rsplit("/", 1)[-1] in answer.out + answer.err
    assert "Traceback" not in answer.out + answer.err


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "empty file"),
        (b"kind: [", "not YAML"),
        (b"kind: Service\nkind: Service\n", "twice"),
        (b"a: \xff\n", "UTF-8"),
        (b"[" * 5000, "nest"),
        (b"{{ template }}\n", "key"),
    ],
    ids=["empty", "syntax", "duplicate-key", "encoding", "depth", "template"],
)
def test_broken_manifest_is_one_line_with_its_file(content: bytes, words: str, gitops: Gitops, base: Path) -> None:
    path = "components/workloads/api/service.yaml"
    (base / path).write_bytes(content)
    before = snapshot(base)
    answer = gitops("validate", "--quiet", folder=base)
    assert answer.code == 1
    assert [line.split(":")[0] for line in answer.out.splitlines()] == [path]
    assert words in answer.out
    assert snapshot(base) == before


def test_link_out_of_the_tree_is_refused(gitops: Gitops, base: Path) -> None:
    path = base / "components/workloads/api/service.yaml"
    path.unlink()
    path.symlink_to("/etc/hostname")
    answer = gitops("validate", "--quiet", folder=base)
    assert answer.code == 1
    assert "components/workloads/api/service.yaml:1: symbolic link out of the repository" in answer.out


def test_render_says_which_build_failed(gitops: Gitops, base: Path) -> None:
    (base / "components/workloads/api/service.yaml").unlink()
    answer = gitops("render", folder=base)
    assert answer.code == 2
    assert f"clusters/{CLUSTER}/workload: does not build" in answer.err and "service.yaml" in answer.err


def test_misspelt_rule_and_verb(gitops: Gitops, base: Path) -> None:
    assert "did you mean image-pinned?" in gitops("explain", "image-pined", folder=base).err
    assert gitops("explode", folder=base).code == 2


@pytest.mark.parametrize("kind", ["Servce", "a/b", "../../../etc", "/abs", "**", "x" * 10_000])
def test_a_kind_that_is_none_is_one_finding(kind: str, gitops: Gitops, base: Path) -> None:
    service = base / "components/workloads/api/service.yaml"
    service.write_text(service.read_text().replace("kind: Service", f'kind: "{kind}"'))
    answer = gitops("validate", folder=base)
    said = [line for line in answer.out.splitlines() if "(schema-valid)" in line or "(project-permits)" in line]
    assert answer.code == 1 and len(said) == 1 and said[0].startswith("components/workloads/api/service.yaml:")
