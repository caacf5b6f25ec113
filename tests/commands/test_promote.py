"""gitops promote on real Git repositories: the preview, the one file, what is refused, commits and pushes."""

from functools import partial
from pathlib import Path

import pytest

from gitops import git, promotion, release, source
from gitops.errors import GitopsError
from gitops.source import SourceFile
from histories import commit, edit, repository, staging
from kills import killed, together
from support import Gitops

STAGING, PRODUCTION = (f"environments/{name}/versions/kustomization.yaml" for name in ("staging", "production"))
PROMOTE = ("promote", "staging", "production")


@pytest.fixture
def checkout(base: Path) -> Path:
    """The small fleet with a staging that is one release ahead."""
    repository(base)
    staging(base)
    edit(base, STAGING, "newTag: 1.0.0", "newTag: 1.1.0")
    edit(base, STAGING, "sha256:4f8e", "sha256:5a5a")
    edit(base, PRODUCTION, "newTag: 1.0.0", "newTag: 1.0.0  # slow to start")
    commit(base, "pybase 1.1.0 in staging")
    return base


@pytest.fixture
def clones(checkout: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Two clones of a bare repository."""
    git.run(tmp_path, "clone", "--quiet", "--bare", str(checkout), "origin.git")
    return clone(tmp_path, "one"), clone(tmp_path, "two")


def clone(folder: Path, name: str) -> Path:
    git.run(folder, "clone", "--quiet", "origin.git", name)
    for key in ("name", "email"):
        git.run(folder / name, "config", f"user.{key}", name)
    return folder / name


def at(tree: Path, revision: str, path: str = PRODUCTION) -> str:
    return git.run(tree, "show", f"{revision}:{path}")


def state(tree: Path) -> tuple[str, str, str]:
    """Everything of a checkout that a person would miss."""
    texts = "".join(path.read_text() for path in sorted(tree.glob("*/*/versions/*.yaml")))
    return git.run(tree, "status", "--porcelain"), git.run(tree, "rev-parse", "HEAD"), texts


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


def test_a_push_is_on_top_of_what_others_pushed(clones: tuple[Path, Path], gitops: Gitops) -> None:
    one, two = clones
    edit(two, "components/workloads/api/service.yaml", "port: 80", "port: 8080")
    commit(two, "theirs")
    git.run(two, "push", "--quiet")
    commit(one, "mine, not pushed")
    before = state(one)
    answer = gitops(*PROMOTE, "--push", "--yes", folder=one)
    assert answer.code == 0, answer.err
    assert "origin/main: pushed" in answer.out and "8080" not in answer.out
    assert state(one) == before
    git.run(two, "pull", "--quiet")
    assert git.run(two, "log", "-2", "--format=%s") == "promote: staging -> production\ntheirs\n"
    assert "newTag: 1.1.0" in at(two, "HEAD")


def test_a_branch_is_pushed_for_a_pull_request(clones: tuple[Path, Path], gitops: Gitops) -> None:
    one, two = clones
    before = state(one)
    assert gitops(*PROMOTE, "--push", "--branch", "release", "--yes", folder=one).code == 0
    assert state(one) == before
    git.run(two, "fetch", "--quiet")
    assert "newTag: 1.1.0" in at(two, "origin/release") and "newTag: 1.0.0" in at(two, "origin/main")
    again = gitops(*PROMOTE, "--push", "--branch", "release", "--yes", folder=two)
    assert again.code == 2 and "--branch release: is at origin already" in again.err


def test_a_remote_that_refuses(clones: tuple[Path, Path], gitops: Gitops) -> None:
    one, _ = clones
    hook = one.parent / "origin.git/hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho protected branch >&2\nexit 1\n")
    hook.chmod(0o755)
    before = state(one)
    answer = gitops(*PROMOTE, "--push", "--yes", folder=one)
    assert answer.code == 2 and "protected branch" in answer.err and state(one) == before
    git.run(one, "remote", "remove", "origin")
    assert gitops(*PROMOTE, "--push", "--yes", folder=one).code == 2


def goal(tree: Path) -> release.Goal:
    return release.goal(tree, "", push=True)


def pushed(tree: Path, start: release.Goal, path: str, old: str, new: str) -> str:
    """Push a change that was made before others pushed theirs."""
    text = at(tree, start.base, path).replace(old, new)
    make = partial(release.make, tree, path=path, text=text, message=f"{new}\n")
    return release.push(tree, start, path, make(start.base), make)


def test_who_comes_second_is_put_on_top(clones: tuple[Path, Path]) -> None:
    one, two = clones
    start = goal(two)
    pushed(one, goal(one), STAGING, "7.4.11-alpine", "7.4.12-alpine")
    pushed(two, start, PRODUCTION, "7.4.11-alpine", "7.4.13-alpine")
    git.run(one, "pull", "--quiet")
    assert git.run(one, "log", "-2", "--format=%s") == "7.4.13-alpine\n7.4.12-alpine\n"
    assert "7.4.12-alpine" in at(one, "HEAD", STAGING) and "7.4.13-alpine" in at(one, "HEAD")


def test_a_conflict_on_the_same_file_aborts(clones: tuple[Path, Path]) -> None:
    one, two = clones
    start, before = goal(two), state(two)
    pushed(one, goal(one), PRODUCTION, "7.4.11-alpine", "7.4.12-alpine")
    with pytest.raises(GitopsError, match=r"\(7.4.12-alpine\) changed it meanwhile; nothing was pushed"):
        pushed(two, start, PRODUCTION, "7.4.11-alpine", "7.4.13-alpine")
    assert state(two) == before
    assert git.run(one.parent / "origin.git", "log", "-1", "--format=%s") == "7.4.12-alpine\n"


def test_a_push_whose_answer_was_lost_is_not_repeated(clones: tuple[Path, Path]) -> None:
    one, two = clones
    start = goal(one)
    commit_id = pushed(one, start, PRODUCTION, "7.4.11-alpine", "7.4.12-alpine")
    pushed(two, goal(two), PRODUCTION, "7.4.12-alpine", "7.4.13-alpine")
    assert release.push(one, start, PRODUCTION, commit_id, lambda tip: "") == commit_id


def test_races_lose_nothing(clones: tuple[Path, Path]) -> None:
    """Two at once, on different files; then eight."""
    others = [clone(clones[0].parent, f"clone{number}") for number in range(6)]
    trees = [*clones, *others]
    paths = [path for path in git.run(trees[0], "ls-files", "components").splitlines() if path.endswith(".yaml")][:8]
    for racers in (trees[:2], trees):
        starts = [goal(tree) for tree in racers]
        runs = [partial(raced, *each) for each in zip(racers, starts, paths, strict=False)]
        assert together(*runs) == [0] * len(racers)
    git.run(trees[0], "pull", "--quiet")
    assert git.run(trees[0], "rev-list", "--count", "HEAD").strip() == "12"
    assert [at(trees[0], "HEAD", path).count("# raced\n") for path in paths] == [2, 2, *[1] * 6]


def raced(tree: Path, start: release.Goal, path: str) -> int:
    pushed(tree, start, path, at(tree, start.base, path), at(tree, start.base, path) + "# raced\n")
    return 0


def test_killed_in_between_the_file_is_old_or_new(checkout: Path) -> None:
    start, old = release.goal(checkout, "", push=False), (checkout / PRODUCTION).read_text()
    new = old.replace("1.0.0", "1.1.0")
    made = release.make(checkout, start.base, PRODUCTION, new, "x\n")

    def action() -> None:
        release.write(checkout, PRODUCTION, new, start.base, made)

    seen = set()
    at_step = 1
    while killed(action, at_step):
        seen.add((checkout / PRODUCTION).read_text())
        git.run(checkout, "update-ref", "HEAD", start.base)
        git.run(checkout, "reset", "--quiet", "--hard")
        at_step += 1
    assert seen == {old, new} and git.run(checkout, "rev-parse", "HEAD").strip() == made
    assert git.run(checkout, "status", "--porcelain", "--untracked-files=no") == ""


def test_a_checkout_that_moved_on_is_not_overwritten(checkout: Path) -> None:
    start, old = release.goal(checkout, "", push=False), (checkout / PRODUCTION).read_text()
    commit(checkout, "meanwhile")
    with pytest.raises(GitopsError, match="the checkout was changed meanwhile"):
        release.write(checkout, PRODUCTION, "", start.base)
    assert (checkout / PRODUCTION).read_text() == old
