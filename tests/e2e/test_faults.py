"""Every part is killed during a sync: `up` repairs, the sync ends right, nothing is lost, no Job runs twice."""

import os
import signal
import time
from pathlib import Path

import pytest

from gitops.cluster import Cluster
from gitops.local import parts
from gitops.local.instance import Instance
from support import Gitops

KILLED = [part.name for part in parts.ALL]
pytestmark = pytest.mark.usefixtures("state")  # never the person's own instance
VERSIONS = "environments/development/versions/kustomization.yaml"


def uids(cluster: Cluster) -> dict[str, str]:
    """What must outlive everything: claims, and the Secrets that were opened."""
    kept = cluster.every("persistentvolumeclaims,secrets", "pybase")
    return {f"{item['kind']}/{item['metadata']['name']}": item["metadata"]["uid"] for item in kept}


def test_up(tree: Path, gitops: Gitops) -> None:
    answer = gitops("local", "up", folder=tree)
    assert answer.code == 0, answer.out + answer.err


@pytest.mark.parametrize("part", KILLED)
def test_a_part_killed_during_a_sync(part: str, tree: Path, gitops: Gitops, state: Instance, cluster: Cluster) -> None:
    before = uids(cluster)
    file = tree / VERSIONS
    old = next(line for line in file.read_text().splitlines() if "newTag: 1.0." in line)
    version = f"1.0.{int(old.rpartition('.')[2]) + 1}"
    file.write_text(file.read_text().replace(old, f"    newTag: {version}"))
    assert gitops("local", "sync", "--no-wait", folder=tree).code == 0
    cluster.run(
        "annotate", "application", "pybase", "--namespace=argocd", "argocd.argoproj.io/refresh=hard", "--overwrite"
    )
    time.sleep(0.5)
    pid = state.pid(part)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    answer = gitops("local", "up", folder=tree)
    assert answer.code == 0, answer.out + answer.err
    deployment = cluster.get("deployment", "pybase-api", "pybase")
    assert deployment is not None
    pod = deployment["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == f"ghcr.io/pybase/pybase:{version}"
    assert uids(cluster) == before
    for job in ("migrate", "minio-bucket"):
        selector = f"--selector=app.kubernetes.io/component={job}"
        ran = cluster.run("get", "pods", "--namespace=pybase", selector, "--output=name").split()
        assert len(ran) <= 1, ran
