"""Secrets as a person keeps them: sealed with the cluster's own certificate, synced, encrypted anew, given new values.

The tests are the steps of one story and run in this order.
"""

import base64
import subprocess
from pathlib import Path

import pytest
import yaml

from gitops import sealing
from gitops.cluster import Cluster
from gitops.environment import secret_uses
from gitops.fleet import load
from gitops.layout import Repository
from support import Answer, Gitops

pytestmark = pytest.mark.usefixtures("state")  # never the person's own instance
CLUSTER = "bare-metal-development-local"
SEALED = f"clusters/{CLUSTER}/workload/sealed"
REDIS, API = f"{SEALED}/pybase-redis-secret.yaml", f"{SEALED}/pybase-api-secret.yaml"


@pytest.fixture
def secrets(gitops: Gitops, tree: Path) -> Gitops:
    """gitops secrets ACTION CLUSTER against the running instance."""

    def run(action: str, *options: str) -> Answer:
        answer = gitops("secrets", action, CLUSTER, *options, folder=tree)
        assert answer.code == 0, answer.out + answer.err
        return answer

    return run


def sync(gitops: Gitops, tree: Path, verb: str = "sync") -> None:
    answer = gitops("local", verb, folder=tree)
    assert answer.code == 0, answer.out + answer.err


def value(cluster: Cluster, secret: str, key: str) -> str:
    found = cluster.get("secret", secret, "pybase")
    assert found is not None
    return base64.b64decode(found["data"][key]).decode()


def marks(cluster: Cluster) -> list[str]:
    """What restarts the pods of Meilisearch and of Redis when it changes."""
    found = [cluster.get("deployment", f"pybase-{name}", "pybase") for name in ("meilisearch", "redis")]
    return [str(item["spec"]["template"]["metadata"]["annotations"]) for item in found if item]


def test_a_running_cluster_gives_its_certificate_and_every_key_is_sealed(
    gitops: Gitops, secrets: Gitops, tree: Path
) -> None:
    sync(gitops, tree, "up")
    secrets("seal", "--fetch-cert", "--local", "default")
    assert "live, 12 of 12 keys in 5 Secrets are sealed" in secrets("check").out
    subprocess.run(["git", "-C", tree, "add", "--all"], check=True)


def test_every_secret_that_a_pod_refers_to_is_there_with_its_keys(gitops: Gitops, tree: Path, cluster: Cluster) -> None:
    sync(gitops, tree)
    repository = Repository(tree)
    build = next(load(repository, repository.choose([CLUSTER]), schemas=False).workloads())
    uses = {(use.name, use.key) for use in secret_uses(build) if not use.optional}
    assert len(uses) == 12 and all(value(cluster, *use) for use in uses)
    password = value(cluster, "pybase-redis-secret", "redis-password")
    assert value(cluster, "pybase-api-secret", "redis-url") == f"redis://:{password}@pybase-redis:6379/0"
    assert sealing.sealed(build)["pybase", "pybase-redis-secret"].fingerprint


def test_rotate_encrypts_anew_and_keeps_the_values(
    gitops: Gitops, secrets: Gitops, tree: Path, cluster: Cluster
) -> None:
    before = value(cluster, "pybase-redis-secret", "redis-password")
    assert "everything is sealed with the newest certificate" in secrets("rotate", "--local", "default").out
    text = (tree / REDIS).read_text()
    (tree / REDIS).write_text(text.replace(yaml.safe_load(text)["metadata"]["annotations"][sealing.SEALED_WITH], "old"))
    assert secrets("rotate", "--local", "default").out == f"{REDIS}: written\n"
    again = (tree / REDIS).read_text()
    assert again.splitlines()[:9] == text.splitlines()[:9] and again != text
    sync(gitops, tree)
    assert value(cluster, "pybase-redis-secret", "redis-password") == before


def test_a_new_password_reaches_both_sides(gitops: Gitops, secrets: Gitops, tree: Path, cluster: Cluster) -> None:
    before, old = value(cluster, "pybase-redis-secret", "redis-password"), marks(cluster)
    out = secrets("rotate", "--key", "pybase-redis-secret/redis-password", "--yes").out
    assert "restarts: Deployment/pybase/pybase-redis\n" in out
    sync(gitops, tree)
    assert marks(cluster)[1] != old[1] and marks(cluster)[0] == old[0]
    after = value(cluster, "pybase-redis-secret", "redis-password")
    assert after != before and after in value(cluster, "pybase-api-secret", "celery-broker-url")
