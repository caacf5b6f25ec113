"""gitops rollback on real Git repositories: which versions come back, and the ways they can be written."""

from pathlib import Path

import pytest

from gitops import git
from histories import commit, edit, repository
from support import Gitops

PRODUCTION = "environments/production/versions/kustomization.yaml"
ROLLBACK = ("rollback", "production", "--yes")


@pytest.fixture
def checkout(base: Path) -> Path:
    """The small fleet after two releases, the second one merged, and another change."""
    repository(base)
    edit(base, PRODUCTION, "newTag: 1.0.0", "newTag: 1.1.0 # careful")
    commit(base, "1.1.0")
    git.run(base, "switch", "--quiet", "--create", "release")
    edit(base, PRODUCTION, "newTag: 1.1.0", "newTag: 1.2.0")
    commit(base, "1.2.0")
    edit(base, PRODUCTION, "7.4.11", "7.4.12")
    commit(base, "redis 7.4.12")
    git.run(base, "switch", "--quiet", "main")
    git.run(base, "merge", "--quiet", "--no-ff", "--message=release", "release", identity="test")
    edit(base, "components/workloads/api/service.yaml", "port: 80", "port: 8080")
    commit(base, "another port")
    return base


def test_a_merged_release_comes_back_whole(checkout: Path, gitops: Gitops) -> None:
    answer = gitops(*ROLLBACK, "--commit", folder=checkout)
    assert answer.code == 0, answer.err
    assert "1.2.0@4f8e1c6f0e2b -> 1.1.0@4f8e1c6f0e2b" in answer.out and "image-downgrade" in answer.out
    assert "8080" not in answer.out
    assert (checkout / PRODUCTION).read_text() == git.run(checkout, "show", f"HEAD~3:{PRODUCTION}")
    assert "newTag: 1.1.0 # careful" in (checkout / PRODUCTION).read_text()
    said = git.run(checkout, "log", "-1", "--format=%s%n%(trailers:only)").splitlines()
    assert said[0] == "rollback: production" and said[1] == "Environment: production"
    assert said[2] == f"Restores: {git.run(checkout, 'rev-parse', 'HEAD~3').strip()}"


def test_to_a_commit(checkout: Path, gitops: Gitops) -> None:
    first = git.run(checkout, "rev-list", "--max-parents=0", "HEAD").strip()
    assert gitops(*ROLLBACK, "--to", first[:9], folder=checkout).code == 0
    assert git.run(checkout, "status", "--porcelain") == f" M {PRODUCTION}\n"
    assert (checkout / PRODUCTION).read_text() == git.run(checkout, "show", f"{first}:{PRODUCTION}")
    git.run(checkout, "checkout", "--quiet", "--", ".")
    now = gitops(*ROLLBACK, "--to", "HEAD", folder=checkout)
    assert now.code == 0 and "nothing to do: production has these versions" in now.out


def test_pushed_to_a_remote(checkout: Path, gitops: Gitops, tmp_path: Path) -> None:
    git.run(tmp_path, "clone", "--quiet", "--bare", str(checkout), "origin.git")
    git.run(checkout, "remote", "add", "origin", str(tmp_path / "origin.git"))
    before = git.run(checkout, "rev-parse", "HEAD")
    assert gitops(*ROLLBACK, "--push", folder=checkout).code == 0
    assert git.run(tmp_path / "origin.git", "log", "-1", "--format=%s", "main") == "rollback: production\n"
    assert git.run(checkout, "rev-parse", "HEAD") == before and git.run(checkout, "status", "--porcelain") == ""


def test_what_cannot_be_brought_back(checkout: Path, gitops: Gitops, tmp_path: Path) -> None:
    unknown = gitops("rollback", "prodution", folder=checkout)
    assert unknown.code == 2 and "did you mean production?" in unknown.err
    assert "abc: no such revision here" in gitops(*ROLLBACK, "--to", "abc", folder=checkout).err
    git.run(tmp_path, "clone", "--quiet", "--depth=1", f"file://{checkout}", "shallow")
    shallow = gitops(*ROLLBACK, folder=tmp_path / "shallow")
    assert shallow.code == 2 and "git fetch --unshallow" in shallow.err
    git.run(checkout, "checkout", "--quiet", "--orphan", "empty")
    git.run(checkout, "rm", "-r", "--quiet", "--cached", ".")
    git.run(checkout, "commit", "--quiet", "--allow-empty", "--message=nothing")
    git.run(checkout, "switch", "--quiet", "--force", "main")
    answer = gitops(*ROLLBACK, "--to", "empty", folder=checkout)
    assert answer.code == 2 and "name a commit that has it: --to COMMIT" in answer.err
    edit(checkout, PRODUCTION, "images:", "images: [")
    commit(checkout, "broken")
    assert gitops(*ROLLBACK, "--branch", "mended", folder=checkout).code == 0
    edit(checkout, PRODUCTION, "images: [", "images:")
    commit(checkout, "mended")
    answer = gitops(*ROLLBACK, folder=checkout)
    assert answer.code == 2 and "cannot be read as of" in answer.err and answer.err.count("\n") == 1
