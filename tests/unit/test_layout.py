"""Cluster names are parsed, and an unknown one gets the nearest."""

from pathlib import Path

import pytest

from gitops.errors import GitopsError
from gitops.layout import Repository, nearest

FOLDERS = ("apps", "components/providers/eks", "components/providers/bare-metal", "environments/production")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for folder in (*FOLDERS, "clusters"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path


def cluster_names(tree: Path, *names: str) -> Repository:
    for name in names:
        (tree / "clusters" / name).mkdir()
    return Repository(tree)


def test_the_repository_is_found_from_any_folder_inside(tree: Path) -> None:
    assert Repository.find(tree / "components/providers/eks").root == tree


def test_outside_of_a_repository_says_what_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(GitopsError, match="not inside a fleet repository"):
        Repository.find(tmp_path)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("eks-production-us-east-1", ("eks", "production", "us-east-1")),
        ("bare-metal-production-fra1", ("bare-metal", "production", "fra1")),
    ],
)
def test_a_name_is_provider_environment_location(tree: Path, name: str, parts: tuple[str, str, str]) -> None:
    cluster = cluster_names(tree, name).clusters[0]
    assert (cluster.provider, cluster.environment, cluster.location) == parts


@pytest.mark.parametrize("name", ["eks", "eks-production", "eks-production-", "gke-production-x", "eks-prod-us-east-1"])
def test_any_other_name_is_refused_with_the_known_words(tree: Path, name: str) -> None:
    with pytest.raises(
        GitopsError, match=f"clusters/{name}: not named .* providers: bare-metal, eks; environments: prod"
    ):
        _ = cluster_names(tree, name).clusters


def test_a_longer_provider_goes_before_its_beginning(tree: Path) -> None:
    (tree / "components/providers/bare").mkdir()
    assert cluster_names(tree, "bare-metal-production-x").clusters[0].provider == "bare-metal"


def test_a_cluster_is_live_once_its_certificate_is_there(tree: Path) -> None:
    assert cluster_names(tree, "eks-production-a").clusters[0].state == "planned"
    (tree / "clusters/eks-production-a/facts").mkdir()
    (tree / "clusters/eks-production-a/facts/sealed-secrets.pem").touch()
    assert Repository(tree).clusters[0].state == "live"


def test_clusters_are_chosen_by_name_or_folder_once(tree: Path) -> None:
    repository = cluster_names(tree, "eks-production-a", "eks-production-b")
    assert [c.name for c in repository.choose(["clusters/eks-production-b/", "eks-production-b"])] == [
        "eks-production-b"
    ]
    assert len(repository.choose([])) == 2


def test_an_unknown_cluster_gets_the_nearest(tree: Path) -> None:
    with pytest.raises(GitopsError, match="did you mean eks-production-a"):
        cluster_names(tree, "eks-production-a").choose(["eks-prodution-a"])


def test_a_missing_folder_is_one_sentence(tree: Path) -> None:
    (tree / "environments/production").rmdir()
    (tree / "environments").rmdir()
    with pytest.raises(GitopsError, match=r"environments: .*; restore the folder from Git"):
        _ = Repository(tree).environments


@pytest.mark.parametrize(("name", "answer"), [("targetport", ", did you mean targetPort?"), ("zzz", "")])
def test_nearest(name: str, answer: str) -> None:
    assert nearest(name, ["targetPort", "name"]) == answer


def test_paths_outside_of_the_root_have_no_relative_form(tree: Path) -> None:
    repository = Repository(tree)
    assert repository.relative(tree / "apps/x.yaml") == "apps/x.yaml"
    assert repository.relative(Path("/elsewhere")) is None
