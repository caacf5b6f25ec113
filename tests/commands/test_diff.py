"""gitops diff on real Git histories: what is compared, what it prints, and what keeps a change from passing."""

import json
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


def test_nothing_changed(checkout: Path, gitops: Gitops) -> None:
    answer = gitops("diff", folder=checkout)
    assert (answer.code, "0 files changed\nno cluster changes" in answer.out) == (0, True)


def test_a_file_that_no_build_reads_is_said(checkout: Path, gitops: Gitops) -> None:
    (checkout / "components/workloads/api/forgotten.yaml").write_text("kind: Service\n")
    answer = gitops("diff", folder=checkout)
    assert answer.code == 0
    assert "NO BUILD READS\n  components/workloads/api/forgotten.yaml" in answer.out


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
    assert "does not build: components/workloads/api/kustomization.yaml:" in answer.out
    assert "service.yaml does not exist; correct the path" in answer.out
    commit(checkout, "broken")
    git.run(checkout, "checkout", "--quiet", "HEAD~1", "--", SERVICE)
    mended = gitops("diff", "--base", "HEAD", folder=checkout)
    assert mended.code == 0 and "did not build before" in mended.out


def test_what_breaks_several_clusters_is_said_once(checkout: Path, gitops: Gitops) -> None:
    staging(checkout)
    commit(checkout, "staging")
    (checkout / SERVICE).unlink()
    answer = gitops("diff", folder=checkout)
    assert answer.code == 1 and answer.out.count("does not build") == 1


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
