"""gitops drift on real Git repositories: what differs between environments, and since which commit."""

import json
from pathlib import Path

import pytest

from gitops import git
from histories import CLUSTER, commit, edit, with_staging
from support import Gitops

STAGING, PRODUCTION = (f"environments/{name}" for name in ("staging", "production"))
VERSIONS = "versions/kustomization.yaml"
DRIFT = ("drift", "staging", "production")


@pytest.fixture
def checkout(base: Path) -> Path:
    return with_staging(base)


def test_nothing_differs(checkout: Path, gitops: Gitops) -> None:
    answer = gitops(*DRIFT, folder=checkout)
    assert (answer.code, answer.out) == (0, "staging and production are alike\n")


def test_versions_since_the_commit_that_parted_them(checkout: Path, gitops: Gitops) -> None:
    edit(checkout, f"{STAGING}/{VERSIONS}", "1.0.0", "1.1.0")
    commit(checkout, "ahead for a while")
    edit(checkout, f"{PRODUCTION}/{VERSIONS}", "1.0.0", "1.1.0")
    commit(checkout, "equal again")
    edit(checkout, f"{STAGING}/{VERSIONS}", "1.1.0", "1.2.0")
    commit(checkout, "ahead again")
    edit(checkout, f"{STAGING}/{VERSIONS}", "1.2.0", "1.3.0")
    commit(checkout, "further")
    out = gitops(*DRIFT, folder=checkout).out
    assert "staging and production differ in 1 image" in out
    assert "1.3.0@4f8e1c6f0e2b  1.1.0@4f8e1c6f0e2b" in out and out.count("ahead again") == 1 and "while" not in out
    edit(checkout, f"{STAGING}/{VERSIONS}", "docker.io/library/redis", "mirror.example/redis")
    found = json.loads(gitops(*DRIFT, "--format", "json", folder=checkout).out)
    redis = next(row for row in found if row["name"] == "redis")
    assert redis["since"] == "not committed" and redis["staging"].startswith("mirror.example/redis:7.4.11")


def test_features_of_environments_and_clusters(checkout: Path, gitops: Gitops) -> None:
    listed = f"{STAGING}/kustomization.yaml"
    component = next(line for line in (checkout / listed).read_text().splitlines() if "components/" in line)
    edit(checkout, listed, f"{component}\n", "")
    new = checkout / "clusters" / CLUSTER.replace("fra1", "fra2")
    git.run(checkout, "mv", f"clusters/{CLUSTER}", str(new))
    commit(checkout, "fewer")
    found = {row["name"]: row for row in json.loads(gitops(*DRIFT, "--format", "json", folder=checkout).out)}
    row = found[component.partition("components/")[2]]
    assert (row["kind"], row["staging"], row["production"]) == ("features", "", "yes")
    assert row["since"].endswith("fewer")


def test_settings_of_pods(checkout: Path, gitops: Gitops) -> None:
    patch = "patches:\n  - patch: |\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata:\n"
    patch += "        name: pybase-api\n      spec:\n        replicas: 7\n"
    path = checkout / STAGING / "kustomization.yaml"
    path.write_text(path.read_text() + patch)
    out = gitops(*DRIFT, folder=checkout).out
    assert "differ in 1 setting" in out and "Deployment/pybase-api replicas  7  " in out


def test_what_cannot_be_compared(checkout: Path, gitops: Gitops) -> None:
    assert "did you mean staging?" in gitops("drift", "stagin", "production", folder=checkout).err
    assert gitops("drift", "staging", "staging", folder=checkout).code == 2
    (checkout / "components/workloads/api/service.yaml").unlink()
    answer = gitops(*DRIFT, folder=checkout)
    assert answer.code == 2 and "does not build" in answer.err and answer.err.count("\n") == 1
