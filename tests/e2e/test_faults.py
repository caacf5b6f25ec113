"""Faults during a sync: every part killed, an API server that is slow, a repository that is gone for a minute.

After each the sync ends right, claims and Secrets are the same objects, and each Job ran once for the new version.
"""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import platforms
from gitops.cluster import Cluster
from gitops.local import network, parts
from gitops.local.instance import Instance
from support import Gitops

KILLED = [part.name for part in parts.ALL]
JOBS = ("pybase-migrate", "pybase-minio-bucket")
pytestmark = pytest.mark.usefixtures("state")  # never the person's own instance
VERSIONS = "environments/development/versions/kustomization.yaml"
GONE_SECONDS = 60
STOPPED, RUNNING = 0.15, 0.05  # seconds: a quarter of its speed


def uids(cluster: Cluster) -> dict[str, str]:
    """What must outlive everything: claims, and the Secrets that were opened."""
    kept = cluster.every("persistentvolumeclaims,secrets", "pybase")
    return {f"{item['kind']}/{item['metadata']['name']}": item["metadata"]["uid"] for item in kept}


def new_version(tree: Path) -> str:
    """Pin the next version of PyBase's own images in the tree."""
    file = tree / VERSIONS
    old = next(line for line in file.read_text().splitlines() if "newTag: 1.0." in line)
    version = f"1.0.{int(old.rpartition('.')[2]) + 1}"
    file.write_text(file.read_text().replace(old, f"    newTag: {version}"))
    return version


def arrived(cluster: Cluster, version: str) -> bool:
    deployment = cluster.get("deployment", "pybase-api", "pybase")
    assert deployment is not None
    pod = deployment["spec"]["template"]["spec"]
    return bool(pod["containers"][0]["image"] == f"ghcr.io/pybase/pybase:{version}")


def migrated(cluster: Cluster) -> str:
    """The version whose migration ran last, once: the Job is there, complete, with one pod."""
    job = cluster.get("job", "pybase-migrate", "pybase")
    assert job is not None and job["status"]["succeeded"] == 1 and "failed" not in job["status"]
    return str(job["spec"]["template"]["spec"]["containers"][0]["image"]).rpartition(":")[2]


def pods_of_jobs(cluster: Cluster) -> list[str]:
    """The pods that Jobs have now; a second run of one would be a second pod."""
    found = cluster.every("pods", "pybase")
    owners = [owner for pod in found for owner in pod["metadata"].get("ownerReferences", [])]
    return sorted(owner["name"] for owner in owners if owner["kind"] == "Job")


def phase(cluster: Cluster) -> str:
    application = cluster.get("application", "pybase", "argocd") or {}
    return str(application.get("status", {}).get("operationState", {}).get("phase"))


def test_up(tree: Path, gitops: Gitops) -> None:
    answer = gitops("local", "up", folder=tree)
    assert answer.code == 0, answer.out + answer.err


@pytest.mark.parametrize("part", KILLED)
def test_a_part_killed_during_a_sync(part: str, tree: Path, gitops: Gitops, state: Instance, cluster: Cluster) -> None:
    before = uids(cluster)
    version = new_version(tree)
    assert gitops("local", "sync", "--no-wait", folder=tree).code == 0
    platforms.refresh(state)
    assert network.wait(lambda: phase(cluster) == "Running", 30)
    pid = state.pid(part)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    answer = gitops("local", "up", folder=tree)
    assert answer.code == 0, answer.out + answer.err
    well(cluster, version, before)


def well(cluster: Cluster, version: str, before: dict[str, str]) -> None:
    assert arrived(cluster, version)
    assert uids(cluster) == before
    assert migrated(cluster) == version
    assert pods_of_jobs(cluster) == sorted(JOBS)


@contextmanager
def slowed(pid: int) -> Iterator[None]:
    """The process is stopped most of the time, as on a machine that has none for it."""
    over = threading.Event()

    def turns() -> None:
        while not over.is_set():
            os.kill(pid, signal.SIGSTOP)
            time.sleep(STOPPED)
            os.kill(pid, signal.SIGCONT)
            time.sleep(RUNNING)

    thread = threading.Thread(target=turns)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_sync_with_a_slow_api_server(tree: Path, gitops: Gitops, state: Instance, cluster: Cluster) -> None:
    before = uids(cluster)
    version = new_version(tree)
    pid = state.pid("kube-apiserver")
    assert pid is not None
    with slowed(pid):
        answer = gitops("local", "sync", folder=tree)
    assert answer.code == 0, answer.out + answer.err
    assert state.pid("kube-apiserver") == pid
    well(cluster, version, before)


def test_a_repository_that_is_gone_for_a_minute(tree: Path, gitops: Gitops, state: Instance, cluster: Cluster) -> None:
    """Argo CD looks in vain, changes nothing meanwhile, and then syncs as it would have done."""
    before = uids(cluster)
    version = new_version(tree)
    with platforms.gone(state):
        assert gitops("local", "sync", "--no-wait", folder=tree).code == 0
        log = state.path("log", "argocd-repo-server")
        at = log.stat().st_size
        time.sleep(GONE_SECONDS)
        assert b"repository not found" in log.read_bytes()[at:]
        assert not arrived(cluster, version)
    answer = gitops("local", "sync", folder=tree)
    assert answer.code == 0, answer.out + answer.err
    well(cluster, version, before)


def test_a_commit_during_the_sync_of_another(tree: Path, gitops: Gitops, state: Instance, cluster: Cluster) -> None:
    """Its migration runs as well: Argo CD would leave the hooks out if it took the second sync for a repair."""
    before = uids(cluster)
    new_version(tree)
    assert gitops("local", "sync", "--no-wait", folder=tree).code == 0
    platforms.refresh(state)
    assert network.wait(lambda: phase(cluster) == "Running", 30)
    version = new_version(tree)
    answer = gitops("local", "sync", folder=tree)
    assert answer.code == 0, answer.out + answer.err
    well(cluster, version, before)
