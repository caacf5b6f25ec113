"""gitops diff on real Git histories: what is compared, what it prints, and what keeps a change from passing."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from gitops import git
from histories import CLUSTER, commit, edit, repository, staging
from support import Gitops

SERVICE = "components/workloads/api/service.yaml"
VERSIONS = "environments/production/versions/kustomization.yaml"


@pytest.fixture
def checkout(base: Path) -> Path:
    """The small fleet as a Git repository with one commit on main."""
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


def test_nothing_changed(checkout: Path, gitops: Gitops) -> None:
    answer = gitops("diff", folder=checkout)
    assert (answer.code, "0 files changed\nno cluster changes" in answer.out) == (0, True)


def test_a_file_that_no_build_reads_is_said(checkout: Path, gitops: Gitops) -> None:
    (checkout / "components/workloads/api/forgotten.yaml").write_text("kind: Service\n")
    answer = gitops("diff", folder=checkout)
    assert answer.code == 0
    assert "NO BUILD READS\n  components/workloads/api/forgotten.yaml" in answer.out


def test_a_renamed_file_and_a_comment_change_nothing(checkout: Path, gitops: Gitops) -> None:
    (checkout / SERVICE).rename((checkout / SERVICE).with_name("service-api.yaml"))
    edit(checkout, "components/workloads/api/kustomization.yaml", "service.yaml", "service-api.yaml # moved")
    assert "3 files changed\nno cluster changes" in gitops("diff", folder=checkout).out


def test_more_than_one_environment_must_be_declared(checkout: Path, gitops: Gitops) -> None:
    staging(checkout)
    commit(checkout, "staging")
    git.run(checkout, "switch", "--quiet", "--create", "wide")
    edit(checkout, SERVICE, "port: 80", "port: 8080")
    refused = gitops("diff", folder=checkout)
    assert refused.code == 1
    assert "alters 2 environments: production (1), staging (1); split the change, or begin" in refused.out
    assert refused.out.count("~ Service/pybase/pybase-api") == 1
    assert gitops("diff", "--title", "fleet: another port", folder=checkout).code == 0
    commit(checkout, "api: another port")
    assert gitops("diff", folder=checkout).code == 1
    commit(checkout, "fleet: another port, everywhere")
    assert gitops("diff", folder=checkout).code == 0


def test_deletions_must_be_declared_one_by_one(checkout: Path, gitops: Gitops) -> None:
    git.run(checkout, "switch", "--quiet", "--create", "gone")
    apps = f"clusters/{CLUSTER}/apps/kustomization.yaml"
    edit(checkout, apps, "  - ../../../apps/pybase\n", "")
    refused = gitops("diff", folder=checkout)
    assert refused.code == 1
    assert "add the trailer `Deletes: Application/argocd/pybase`" in refused.out
    commit(checkout, "apps: no pybase", "Deletes: Application/argocd/root")
    assert gitops("diff", folder=checkout).code == 1
    commit(checkout, "apps: meant", "Deletes: Application/argocd/pybase")
    assert gitops("diff", folder=checkout).code == 0


def test_a_removed_cluster_is_one_declaration(checkout: Path, gitops: Gitops) -> None:
    staging(checkout)
    commit(checkout, "staging")
    git.run(checkout, "switch", "--quiet", "--create", "gone")
    git.run(checkout, "rm", "-r", "--quiet", "clusters/bare-metal-staging-fra1")
    refused = gitops("diff", folder=checkout)
    assert refused.code == 1 and "staging, 1 cluster" in refused.out
    assert refused.out.count("add the trailer") == 1 and "`Deletes: clusters/bare-metal-staging-fra1`" in refused.out
    commit(checkout, "staging: no cluster", "Deletes: clusters/bare-metal-staging-fra1")
    assert gitops("diff", folder=checkout).code == 0


def test_a_field_that_cannot_change_must_be_declared(checkout: Path, gitops: Gitops) -> None:
    git.run(checkout, "switch", "--quiet", "--create", "other")
    edit(
        checkout,
        "components/workloads/api/deployment.yaml",
        "app.kubernetes.io/component: api",
        "app.kubernetes.io/component: a",
    )
    refused = gitops("diff", folder=checkout)
    assert refused.code == 1 and "`Replaces: Deployment/pybase/pybase-api`" in refused.out
    commit(checkout, "api: other labels", "Replaces: Deployment/pybase/pybase-api")
    assert gitops("diff", folder=checkout).code == 0


def test_production_before_staging(checkout: Path, gitops: Gitops) -> None:
    staging(checkout)
    commit(checkout, "staging")
    edit(checkout, VERSIONS, "newTag: 1.0.0", "newTag: 1.1.0")
    assert "environment-skipped  image pybase: 1.1.0@" in gitops("diff", folder=checkout).out
    edit(checkout, VERSIONS.replace("production", "staging"), "newTag: 1.0.0", "newTag: 1.1.0")
    assert "environment-skipped" not in gitops("diff", folder=checkout).out


def test_only_the_named_clusters(checkout: Path, gitops: Gitops) -> None:
    staging(checkout)
    commit(checkout, "staging")
    edit(checkout, SERVICE, "port: 80", "port: 8080")
    answer = gitops("diff", CLUSTER, folder=checkout)
    assert answer.code == 0 and "production, 1 cluster" in answer.out
    unknown = gitops("diff", "bare-metal-production-fra2", folder=checkout)
    assert unknown.code == 2 and f"did you mean {CLUSTER}?" in unknown.err


def test_a_head_that_does_not_build(checkout: Path, gitops: Gitops) -> None:
    (checkout / SERVICE).unlink()
    answer = gitops("diff", folder=checkout)
    assert answer.code == 1
    assert f"clusters/{CLUSTER}/workload: does not build: " in answer.out and "service.yaml" in answer.out
    commit(checkout, "broken")
    git.run(checkout, "checkout", "--quiet", "HEAD~1", "--", SERVICE)
    mended = gitops("diff", "--base", "HEAD", folder=checkout)
    assert mended.code == 0 and "did not build before" in mended.out


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
    assert answer.code == 1 and f"{SERVICE} cannot be read" in answer.out


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


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A repository of another shape: two overlays of a base."""
    root = tmp_path / "elsewhere"
    files = {
        "base/kustomization.yaml": "resources: [service.yaml]\n",
        "base/service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}]}\n",
        "overlays/one/kustomization.yaml": "resources: [../../base]\nnamespace: one\n",
        "overlays/two/kustomization.yaml": "resources: [../../base]\nnamespace: two\n",
        "overlays/none/readme.md": "\n",
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    git.run(tmp_path, "init", "--quiet", "--initial-branch=main", "elsewhere")
    commit(root, "base")
    return root


def test_folders_of_any_repository(elsewhere: Path, gitops: Gitops) -> None:
    edit(elsewhere, "base/service.yaml", "port: 80", "port: 81")
    answer = gitops("diff", "--builds", "overlays/*", folder=elsewhere / "base")
    assert answer.code == 0
    assert "2 builds; objects: 2 changed, 0 added, 0 deleted; risk: none" in answer.out
    one = gitops("diff", "--builds", "overlays/one", folder=elsewhere).out
    assert "~ Service/one/s [overlays/one]\n      spec.ports[80]:" in one
    assert "not inside a fleet repository" in gitops("diff", folder=elsewhere).err
    assert "no kustomization folder matches" in gitops("diff", "--builds", "x/*", folder=elsewhere).err
    assert "exclude each other" in gitops("diff", "--builds", "*", "x", folder=elsewhere).err


def test_a_folder_that_comes_and_one_that_goes(elsewhere: Path, gitops: Gitops) -> None:
    (elsewhere / "overlays/two").rename(elsewhere / "overlays/three")
    answer = gitops("diff", "--builds", "overlays/*", folder=elsewhere)
    assert "2 builds; new: overlays/three; gone: overlays/two; objects: 0 changed, 1 added, 1 deleted" in answer.out


def test_a_sealed_value_is_changed_and_not_shown(checkout: Path, gitops: Gitops) -> None:
    sealed = checkout / f"clusters/{CLUSTER}/workload/sealed/pybase-api-secret.yaml"
    text = sealed.read_text()
    for old in yaml.safe_load(text)["spec"]["encryptedData"].values():
        text = text.replace(old, "AgCanary" + old[8:])
    sealed.write_text(text)
    for form in ("text", "markdown", "json", "html"):
        answer = gitops("diff", "--format", form, folder=checkout)
        assert answer.code == 0 and "pybase-api-secret" in answer.out and "AgCanary" not in answer.out
    assert "encryptedData" in (shown := gitops("diff", folder=checkout).out) and "changed, not shown" in shown


def test_files_in_the_format_of_their_suffix(checkout: Path, gitops: Gitops, tmp_path: Path) -> None:
    edit(checkout, SERVICE, "port: 8000", "port: 8080")
    names = [str(tmp_path / f"review{suffix}") for suffix in (".txt", ".md", ".json", ".html")]
    answer = gitops("diff", *(f"--output={name}" for name in names), folder=checkout)
    texts = [Path(name).read_text() for name in names]
    assert answer.out == texts[0] and "```diff" in texts[1] and texts[3].startswith("<!DOCTYPE html>")
    assert json.loads(texts[2])["hunks"][0]["objects"] == ["Service/pybase/pybase-api"]
    assert gitops("diff", "--output", "review.pdf", folder=checkout).code == 2


def test_a_file_read_through_a_link(checkout: Path, gitops: Gitops) -> None:
    path = checkout / SERVICE
    path.rename(path.with_name("the-service.yaml"))
    path.symlink_to("the-service.yaml")
    commit(checkout, "a link")
    edit(checkout, SERVICE.replace("service.yaml", "the-service.yaml"), "port: 8000", "port: 8080")
    assert "~ Service/pybase/pybase-api" in gitops("diff", folder=checkout).out
