"""gitops promote on real Git repositories: the preview, the one file, what is refused, commits and branches."""

from pathlib import Path

import pytest

from gitops import git, release
from gitops.errors import GitopsError
from histories import commit, edit
from promotions import PRODUCTION, PROMOTE, STAGING, ahead, at, state
from support import Gitops


@pytest.fixture
def checkout(base: Path) -> Path:
    return ahead(base)


def test_previews_then_writes_the_one_file(checkout: Path, gitops: Gitops) -> None:
    answer = gitops(*PROMOTE, "--yes", folder=checkout)
    assert answer.code == 0, answer.err
    assert "production, 1 cluster; objects: 1 changed, 0 added, 0 deleted" in answer.out
    assert "ghcr.io/pybase/pybase  1.0.0@4f8e1c6f0e2b -> 1.1.0@5a5a1c6f0e2b  1 object" in answer.out
    assert git.run(checkout, "status", "--porcelain") == f" M {PRODUCTION}\n"
    assert "    newTag: 1.1.0  # slow to start\n    digest: sha256:5a5a1c6f" in (checkout / PRODUCTION).read_text()
    committed = commit(checkout, "by hand")
    assert committed and "nothing to do: production has these versions" in gitops(*PROMOTE, folder=checkout).out


def test_asks_and_a_dry_run_writes_nothing(checkout: Path, gitops: Gitops) -> None:
    before = state(checkout)
    for words in (("--dry-run",), ("--dry-run", "--commit"), ("--dry-run", "--branch", "release")):
        answer = gitops(*PROMOTE, *words, folder=checkout)
        assert answer.code == 0 and "nothing was written (--dry-run)" in answer.out
    answer = gitops(*PROMOTE, folder=checkout)
    assert answer.code == 2 and "add --yes" in answer.err
    assert state(checkout) == before and git.run(checkout, "branch", "--list", "release") == ""


def test_only_the_named_image(checkout: Path, gitops: Gitops) -> None:
    edit(checkout, STAGING, "7.4.11-alpine", "7.4.12-alpine")
    commit(checkout, "redis in staging")
    assert gitops(*PROMOTE, "--image", "pybase", "--yes", folder=checkout).code == 0
    text = (checkout / PRODUCTION).read_text()
    assert "newTag: 1.1.0" in text and "newTag: 7.4.11-alpine" in text
    unknown = gitops(*PROMOTE, "--image", "pybsae", folder=checkout)
    assert unknown.code == 2 and f"{STAGING}: lists no image pybsae, did you mean pybase?" in unknown.err


def test_an_older_version_is_refused(checkout: Path, gitops: Gitops) -> None:
    answer = gitops("promote", "production", "staging", "--yes", folder=checkout)
    assert answer.code == 1 and "refused: downgrade: pybase 1.1.0@5a5a1c6f0e2b -> 1.0.0" in answer.err
    assert gitops("promote", "production", "staging", "--yes", "--allow", "downgrade", folder=checkout).code == 0


def test_an_environment_is_not_left_out(checkout: Path, gitops: Gitops) -> None:
    for folder in ("environments/", "clusters/bare-metal-"):
        suffix = "-fra1" if "clusters" in folder else ""
        new = checkout / f"{folder}development{suffix}"
        git.run(checkout, "mv", f"{folder}staging{suffix}", str(new))
        for file in new.rglob("*.yaml"):
            file.write_text(file.read_text().replace("staging", "development"))
    commit(checkout, "development it is")
    answer = gitops("promote", "development", "production", "--yes", folder=checkout)
    assert answer.code == 1 and "skip: production takes what staging runs, not what development does" in answer.err
    assert gitops("promote", "development", "production", "--yes", "--allow", "skip", folder=checkout).code == 0


def test_what_the_source_does_not_run(checkout: Path, gitops: Gitops) -> None:
    edit(checkout, STAGING, "newTag: 1.1.0", "newTag: 1.2.0")
    answer = gitops(*PROMOTE, "--yes", folder=checkout)
    assert answer.code == 1 and f"not-running: {STAGING} has changes that are not committed" in answer.err
    assert gitops(*PROMOTE, "--yes", "--allow", "not-running", folder=checkout).code == 0
    assert "newTag: 1.2.0" in (checkout / PRODUCTION).read_text()
    git.run(checkout, "checkout", "--quiet", "--", ".")
    git.run(checkout, "rm", "-r", "--quiet", "clusters/bare-metal-staging-fra1")
    commit(checkout, "no cluster there")
    answer = gitops(*PROMOTE, "--yes", folder=checkout)
    assert answer.code == 1 and "no cluster of staging runs 1.1.0@5a5a1c6f0e2b; or --allow" not in answer.err
    assert "not-running: pybase" in answer.err and "or --allow not-running" in answer.err


def test_a_commit_has_the_file_alone(checkout: Path, gitops: Gitops) -> None:
    (checkout / "README.md").write_text("mine\n")
    edit(checkout, "components/workloads/api/service.yaml", "port: 80", "port: 8080")
    git.run(checkout, "add", "README.md")
    before = git.run(checkout, "status", "--porcelain")
    answer = gitops(*PROMOTE, "--commit", "--yes", folder=checkout)
    assert answer.code == 0, answer.err
    assert git.run(checkout, "status", "--porcelain") == before
    assert git.run(checkout, "show", "--name-only", "--format=%s", "HEAD").split("\n")[:3] == [
        "promote: staging -> production",
        "",
        PRODUCTION,
    ]
    trailers = git.run(checkout, "log", "-1", "--format=%(trailers:only)").splitlines()
    assert trailers[:3] == ["From: staging", "To: production", f"Source-Commit: {source_commit(checkout)}"]
    assert trailers[3].startswith("Image: ghcr.io/pybase/pybase:1.1.0@sha256:5a5a1c6f")
    assert "8080" not in answer.out


def source_commit(tree: Path) -> str:
    return git.run(tree, "log", "-1", "--format=%H", "--", STAGING).strip()


def test_a_branch_leaves_the_checkout_alone(checkout: Path, gitops: Gitops) -> None:
    before = state(checkout)
    assert gitops(*PROMOTE, "--branch", "release", "--yes", folder=checkout).code == 0
    assert state(checkout) == before and "newTag: 1.1.0" in at(checkout, "release")
    again = gitops(*PROMOTE, "--branch", "release", "--yes", folder=checkout)
    assert again.code == 2 and "--branch release: is there already" in again.err


def test_wrong_use(checkout: Path, gitops: Gitops) -> None:
    answer = gitops("promote", "stagin", "production", folder=checkout)
    assert answer.code == 2 and "stagin: no such environment, did you mean staging?" in answer.err
    assert "the same environment" in gitops("promote", "staging", "staging", folder=checkout).err
    edit(checkout, PRODUCTION, "newTag: 1.0.0", "newTag: 1.0.5")
    assert "has changes that are not committed" in gitops(*PROMOTE, "--yes", folder=checkout).err
    git.run(checkout, "checkout", "--quiet", "--", ".")
    git.run(checkout, "switch", "--quiet", "--detach")
    assert "HEAD is on no branch" in gitops(*PROMOTE, "--commit", "--yes", folder=checkout).err
    git.run(checkout, "rm", "--quiet", "--cached", PRODUCTION)
    git.run(checkout, "commit", "--quiet", "--message=not tracked")
    assert f"{PRODUCTION}: is not there, or not committed" in gitops(*PROMOTE, "--yes", folder=checkout).err
    edit(checkout, PRODUCTION, "images:", "images: [")
    commit(checkout, "broken")
    answer = gitops(*PROMOTE, "--yes", folder=checkout)
    assert (answer.code, answer.err.count("\n")) == (2, 1) and f"{PRODUCTION}:" in answer.err


def test_a_change_that_does_not_pass_is_not_written(checkout: Path, gitops: Gitops) -> None:
    (checkout / "components/workloads/api/service.yaml").unlink()
    commit(checkout, "broken")
    before = state(checkout)
    answer = gitops(*PROMOTE, "--yes", "--allow", "not-running", folder=checkout)
    assert answer.code == 1 and "DOES NOT PASS" in answer.out and state(checkout) == before


def test_a_checkout_that_moved_on_is_not_overwritten(checkout: Path) -> None:
    start, old = release.goal(checkout, "", push=False), (checkout / PRODUCTION).read_text()
    commit(checkout, "meanwhile")
    with pytest.raises(GitopsError, match="the checkout was changed meanwhile"):
        release.write(checkout, PRODUCTION, "", start.base)
    assert (checkout / PRODUCTION).read_text() == old
