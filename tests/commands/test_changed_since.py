"""`validate --changed-since REV`: the clusters that a change can reach, read from the lists of the kustomizations."""

import subprocess
from pathlib import Path

import pytest

from gitops import fleet, git
from gitops.errors import GitopsError
from gitops.layout import Repository
from support import Gitops


@pytest.fixture
def checkout(base: Path) -> Path:
    """The small fleet as a Git repository with one commit."""
    subprocess.run(["git", "init", "--quiet", base], check=True)
    git.run(base, "add", "--all")
    git.run(base, "commit", "--quiet", "--message=base", identity="test")
    return base


def test_changed_files_are_committed_staged_new_and_deleted_ones(checkout: Path) -> None:
    assert git.changed(checkout, "HEAD") == set()
    (checkout / "new.yaml").write_text("a: b\n")
    (checkout / "policies/peers.yaml").unlink()
    service = checkout / "components/workloads/api/service.yaml"
    service.write_text(service.read_text() + "# a comment\n")
    assert git.changed(checkout, "HEAD") == {"new.yaml", "policies/peers.yaml", "components/workloads/api/service.yaml"}


def test_an_unknown_revision_is_a_sentence(checkout: Path, gitops: Gitops) -> None:
    with pytest.raises(GitopsError, match="no such revision here"):
        git.changed(checkout, "nowhere")
    answer = gitops("validate", "--changed-since", "--output=x", folder=checkout)
    assert answer.code == 2 and "Traceback" not in answer.err


@pytest.mark.parametrize(
    ("changed", "reached"),
    [
        ("clusters/eks-staging-us-east-1/facts/kustomization.yaml", ["eks-staging-us-east-1"]),
        ("environments/development/versions/kustomization.yaml", ["bare-metal-development-local"]),
        ("components/providers/gke/storageclass.yaml", ["gke-production-us-central1", "gke-staging-us-central1"]),
        ("apps/metrics-server/application.yaml", ["bare-metal-production-fra1", "bare-metal-staging-fra1"]),
        ("components/features/smtp/networkpolicy.yaml", []),
        ("docs/fleet.md", []),
    ],
)
def test_only_the_clusters_that_list_it(changed: str, reached: list[str], repository: Repository) -> None:
    found = fleet.reached(repository, repository.clusters, {changed})
    assert [cluster.name for cluster in found] == reached


def test_what_judges_every_build_reaches_all(repository: Repository) -> None:
    assert fleet.reached(repository, repository.clusters, {"policies/flows.csv"}) == repository.clusters


def test_nothing_changed_still_reads_the_sources(checkout: Path, gitops: Gitops) -> None:
    answer = gitops("validate", "--changed-since", "HEAD", folder=checkout)
    assert (answer.code, answer.out.split(":")[0]) == (0, "no problems") and "0 builds" in answer.out


@pytest.mark.parametrize(
    ("changed", "reached"),
    [("charts/pybase/values.yaml", True), ("tools/helm/go.mod", True), ("components/settings/pybase.env", False)],
)
def test_the_chart_is_looked_at_when_it_or_its_judge_changes(
    changed: str, reached: bool, repository: Repository
) -> None:
    assert fleet.reaches_chart(repository, {changed}) is reached
