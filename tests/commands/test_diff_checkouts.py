"""gitops diff in the kinds of checkouts and between the kinds of histories that Git allows, one case each."""

import shutil
from pathlib import Path

import pytest

from gitops import git
from histories import commit, edit, repository
from support import Gitops

SERVICE = "components/workloads/api/service.yaml"
VERSIONS = "environments/production/versions/kustomization.yaml"
CHANGED = "~ Service/pybase/pybase-api"


@pytest.fixture
def checkout(base: Path) -> Path:
    return repository(base)


def branch(tree: Path, name: str, start: str = "main") -> None:
    git.run(tree, "switch", "--quiet", "--create", name, start)


def test_a_worktree(checkout: Path, gitops: Gitops, tmp_path: Path) -> None:
    git.run(checkout, "worktree", "add", "--quiet", "-b", "other", str(tmp_path / "other"))
    edit(tmp_path / "other", SERVICE, "port: 80", "port: 8080")
    assert CHANGED in gitops("diff", folder=tmp_path / "other").out
    assert "no cluster changes" in gitops("diff", folder=checkout).out


def test_what_is_staged_counts_as_the_working_tree_has_it(checkout: Path, gitops: Gitops) -> None:
    edit(checkout, SERVICE, "port: 80", "port: 8080")
    git.run(checkout, "add", SERVICE)
    assert CHANGED in gitops("diff", folder=checkout).out
    edit(checkout, SERVICE, "port: 8080", "port: 80")
    assert "no cluster changes" in gitops("diff", folder=checkout).out


def test_an_empty_commit(checkout: Path, gitops: Gitops) -> None:
    commit(checkout, "nothing")
    answer = gitops("diff", "--base", "HEAD~1", folder=checkout)
    assert answer.code == 0 and "no cluster changes" in answer.out


def test_an_orphan_branch_has_no_base_but_the_one_that_is_named(checkout: Path, gitops: Gitops) -> None:
    git.run(checkout, "switch", "--quiet", "--orphan", "other")
    git.run(checkout, "checkout", "main", "--", ".")
    edit(checkout, SERVICE, "port: 80", "port: 8080")
    commit(checkout, "from nothing")
    answer = gitops("diff", folder=checkout)
    assert answer.code == 2 and "no common commit of" in answer.err and answer.err.count("\n") == 1
    assert CHANGED in gitops("diff", "--base", "main", folder=checkout).out


def test_a_criss_cross_merge(checkout: Path, gitops: Gitops) -> None:
    """Each side merged the other: two commits are the base alike, and none of both changes is lost."""
    branch(checkout, "feature")
    edit(checkout, SERVICE, "port: 80", "port: 8080")
    mine = commit(checkout, "feature")
    git.run(checkout, "switch", "--quiet", "main")
    edit(checkout, VERSIONS, "newTag: 1.0.0", "newTag: 1.1.0")
    theirs = commit(checkout, "main")
    git.run(checkout, "merge", "--quiet", "--no-edit", mine, identity="test")
    git.run(checkout, "switch", "--quiet", "feature")
    git.run(checkout, "merge", "--quiet", "--no-edit", theirs, identity="test")
    edit(checkout, SERVICE, "port: 8080", "port: 9090")
    answer = gitops("diff", "--base", "main", folder=checkout)
    assert CHANGED in answer.out and "9090" in answer.out and "1.1.0" not in answer.out
    assert gitops("diff", folder=checkout).code == 0


def test_git_is_missing(checkout: Path, gitops: Gitops, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("git") is None
    answer = gitops("diff", folder=checkout)
    assert answer.code == 2 and "install git" in answer.err and answer.err.count("\n") == 1


def test_a_sparse_checkout_is_not_taken_for_a_deletion(checkout: Path, gitops: Gitops) -> None:
    git.run(checkout, "sparse-checkout", "set", "--no-cone", "/*", "!/policies/")
    answer = gitops("diff", folder=checkout)
    assert answer.code == 0 and "no cluster changes" in answer.out
