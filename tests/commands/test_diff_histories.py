"""gitops diff on the shapes that Git histories and trees have: which two states are compared, and what is no change."""

import subprocess
from pathlib import Path

import pytest

from gitops import git
from histories import commit, edit, repository
from support import Gitops

SERVICE = "components/workloads/api/service.yaml"
VERSIONS = "environments/production/versions/kustomization.yaml"


@pytest.fixture
def checkout(base: Path) -> Path:
    return repository(base)


def test_the_working_tree_against_where_main_was_left(checkout: Path, gitops: Gitops) -> None:
    git.run(checkout, "switch", "--quiet", "--create", "feature")
    edit(checkout, SERVICE, "port: 80", "port: 8080")
    commit(checkout, "feature")
    edit(checkout, VERSIONS, "newTag: 1.0.0", "newTag: 1.1.0")
    git.run(checkout, "switch", "--quiet", "--create", "elsewhere", "main")
    answer = gitops("diff", folder=checkout)
    assert answer.code == 0
    assert "production, 1 cluster; objects: 1 changed, 0 added, 0 deleted" in answer.out
    assert "ghcr.io/pybase/pybase  1.0.0@4f8e1c6f0e2b -> 1.1.0@4f8e1c6f0e2b  1 object" in answer.out
    feature = gitops("diff", "--head", "feature", folder=checkout)
    assert "~ Service/pybase/pybase-api" in feature.out and "1.1.0" not in feature.out
    both = gitops("diff", "--base", "feature", folder=checkout)
    assert "~ Service/pybase/pybase-api" in both.out and "1.1.0" in both.out


def test_a_renamed_file_and_a_comment_change_nothing(checkout: Path, gitops: Gitops) -> None:
    (checkout / SERVICE).rename((checkout / SERVICE).with_name("service-api.yaml"))
    edit(checkout, "components/workloads/api/kustomization.yaml", "service.yaml", "service-api.yaml # moved")
    assert "3 files changed\nno cluster changes" in gitops("diff", folder=checkout).out


def test_conflict_markers(checkout: Path, gitops: Gitops) -> None:
    git.run(checkout, "switch", "--quiet", "--create", "one")
    edit(checkout, SERVICE, "port: 80", "port: 8080")
    commit(checkout, "one")
    git.run(checkout, "switch", "--quiet", "--create", "two", "main")
    edit(checkout, SERVICE, "port: 80", "port: 9090")
    commit(checkout, "two")
    with pytest.raises(Exception, match="CONFLICT"):
        git.run(checkout, "merge", "one", identity="test")
    answer = gitops("diff", folder=checkout)
    assert answer.code == 1 and f"does not build: {SERVICE}:9: merge conflict marker" in answer.out


def test_after_a_merge_of_main_only_the_branch_is_the_change(checkout: Path, gitops: Gitops) -> None:
    git.run(checkout, "switch", "--quiet", "--create", "feature")
    edit(checkout, SERVICE, "port: 80", "port: 8080")
    commit(checkout, "feature")
    git.run(checkout, "switch", "--quiet", "main")
    edit(checkout, VERSIONS, "newTag: 1.0.0", "newTag: 1.1.0")
    commit(checkout, "main")
    git.run(checkout, "switch", "--quiet", "feature")
    git.run(checkout, "merge", "--quiet", "--no-edit", "main", identity="test")
    answer = gitops("diff", folder=checkout)
    assert "Service/pybase/pybase-api" in answer.out and "1.1.0" not in answer.out


def test_a_detached_head(checkout: Path, gitops: Gitops) -> None:
    edit(checkout, SERVICE, "port: 80", "port: 8080")
    git.run(checkout, "switch", "--quiet", "--detach")
    commit(checkout, "detached")
    assert "~ Service/pybase/pybase-api" in gitops("diff", "--head", "HEAD", folder=checkout).out


def test_a_shallow_clone_without_the_base_never_passes(checkout: Path, gitops: Gitops, tmp_path: Path) -> None:
    git.run(checkout, "switch", "--quiet", "--create", "feature")
    edit(checkout, SERVICE, "port: 80", "port: 8080")
    commit(checkout, "feature")
    git.run(checkout, "switch", "--quiet", "main")
    clone = tmp_path / "clone"
    git.run(
        tmp_path,
        "clone",
        "--quiet",
        "--depth=1",
        "--branch=feature",
        "--no-single-branch",
        f"file://{checkout}",
        "clone",
    )
    answer = gitops("diff", folder=clone)
    assert answer.code == 2 and "git fetch --unshallow" in answer.err and answer.err.count("\n") == 1
    git.run(clone, "fetch", "--quiet", "--unshallow")
    assert gitops("diff", folder=clone).code == 0
    single = tmp_path / "single"
    git.run(tmp_path, "clone", "--quiet", "--depth=1", "--branch=feature", f"file://{checkout}", "single")
    answer = gitops("diff", "--base", "origin/main", folder=single)
    assert answer.code == 2 and "origin/main: no such revision here" in answer.err


def test_line_ends_of_this_machine_are_no_change(checkout: Path, gitops: Gitops) -> None:
    git.run(checkout, "config", "core.autocrlf", "true")
    (checkout / SERVICE).write_bytes((checkout / SERVICE).read_bytes().replace(b"\n", b"\r\n"))
    answer = gitops("diff", folder=checkout)
    assert answer.code == 0 and "no cluster changes" in answer.out


def test_a_submodule_is_left_alone(checkout: Path, gitops: Gitops, tmp_path: Path) -> None:
    git.run(tmp_path, "init", "--quiet", "other")
    commit(tmp_path / "other", "x")
    protocol = ("-c", "protocol.file.allow=always")
    git.run(
        checkout,
        *protocol,
        "submodule",
        "--quiet",
        "add",
        str(tmp_path / "other"),
        "components/vendored",
        identity="test",
    )
    commit(checkout, "a submodule")
    edit(checkout, SERVICE, "port: 80", "port: 8080")
    assert "~ Service/pybase/pybase-api" in gitops("diff", folder=checkout).out
    assert (
        "NO BUILD READS\n  .gitmodules, components/vendored" in gitops("diff", "--base", "HEAD~1", folder=checkout).out
    )


def test_no_branch_to_compare_with(base: Path, gitops: Gitops) -> None:
    subprocess.run(["git", "init", "--quiet", "--initial-branch=trunk", base], check=True)
    assert "gitops diff: HEAD: no such revision here" in gitops("diff", folder=base).err
    commit(base, "base")
    answer = gitops("diff", folder=base)
    assert answer.code == 2 and "name what to compare with: --base REV" in answer.err
    assert gitops("diff", "--base", "trunk", folder=base).code == 0


def test_no_git_repository(base: Path, gitops: Gitops) -> None:
    answer = gitops("diff", folder=base)
    assert answer.code == 2 and answer.err.count("\n") == 1


def test_odd_names_and_a_link_out_of_the_tree(checkout: Path, gitops: Gitops) -> None:
    (checkout / "components" / "new\nline \xe9.yaml").write_text("a: b\n")
    (checkout / "components" / "passwd").symlink_to("/etc/passwd")
    commit(checkout, "odd")
    edit(checkout, SERVICE, "port: 80", "port: 8080")
    answer = gitops("diff", "--base", "HEAD", folder=checkout)
    assert answer.code == 0 and "~ Service/pybase/pybase-api" in answer.out
    assert gitops("diff", "--base", "HEAD~1", folder=checkout).code == 0


def test_a_file_read_through_a_link(checkout: Path, gitops: Gitops) -> None:
    path = checkout / SERVICE
    path.rename(path.with_name("the-service.yaml"))
    path.symlink_to("the-service.yaml")
    commit(checkout, "a link")
    edit(checkout, SERVICE.replace("service.yaml", "the-service.yaml"), "port: 8000", "port: 8080")
    assert "~ Service/pybase/pybase-api" in gitops("diff", folder=checkout).out
