"""The real Argo CD syncs the local cluster from a working tree: `gitops local` as a person uses it, from up to down.

The tests are the steps of one story and run in this order.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import histories
from gitops.cluster import Cluster, Object
from gitops.local import network
from gitops.local.instance import Instance
from platforms import edit
from support import ROOT, Gitops

pytestmark = pytest.mark.usefixtures("state")  # never the person's own instance
VERSIONS = "environments/development/versions/kustomization.yaml"
ENVIRONMENT = "environments/development/kustomization.yaml"
API = "components/workloads/api/deployment.yaml"
SEALED = "clusters/bare-metal-development-local/workload/sealed/pybase-redis-secret.yaml"


def found(cluster: Cluster, kind: str, name: str, namespace: str = "pybase") -> Object:
    item = cluster.get(kind, name, namespace)
    assert item is not None, f"{kind}/{name} is not there"
    return item


def test_up_brings_everything_to_synced_and_healthy(tree: Path, gitops: Gitops, state: Instance) -> None:
    answer = gitops("local", "up", folder=tree)
    assert answer.code == 0, answer.out + answer.err
    lines = [line.split()[-4:] for line in answer.out.splitlines()[:2]]
    assert [line[:2] + line[3:] for line in lines] == [["Synced", "Healthy", "Succeeded"]] * 2


def test_waves_are_kept(cluster: Cluster) -> None:
    """Namespace, secrets, stores, Jobs, workloads: each is there before the next begins (RFC 3339 sorts as text)."""
    made = [
        found(cluster, kind, name)["metadata"]["creationTimestamp"]
        for kind, name in (
            ("namespace", "pybase"),
            ("secret", "pybase-api-secret"),
            ("statefulset", "pybase-postgresql"),
        )
    ]
    job = found(cluster, "job", "pybase-migrate")
    made += [job["metadata"]["creationTimestamp"], job["status"]["completionTime"]]
    made += [found(cluster, "deployment", "pybase-api")["metadata"]["creationTimestamp"]]
    assert made == sorted(made)


def test_sealed_values_are_opened_by_the_real_controller(cluster: Cluster, state: Instance) -> None:
    secret = found(cluster, "secret", "pybase-api-secret")
    assert set(secret["data"]) >= {"secret-key", "database-url", "redis-url"}
    assert "STUB" not in state.path("git", "work", SEALED).read_text()


def test_a_second_up_changes_nothing(tree: Path, gitops: Gitops, state: Instance) -> None:
    before = {name: state.pid(name) for name in state.names()}
    assert gitops("local", "up", folder=tree).code == 0
    assert {name: state.pid(name) for name in state.names()} == before


def test_a_promotion_arrives(tree: Path, gitops: Gitops, cluster: Cluster) -> None:
    edit(tree / VERSIONS, "newTag: 1.0.0", "newTag: 1.0.1")
    assert gitops("local", "sync", folder=tree).code == 0
    assert image(cluster) == "ghcr.io/pybase/pybase:1.0.1"


def test_what_a_person_changes_is_healed(cluster: Cluster) -> None:
    cluster.run("delete", "service", "pybase-api", "--namespace=pybase")
    assert network.wait(lambda: cluster.get("service", "pybase-api", "pybase"), 60)
    patch = '{"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 1}}}}'
    cluster.run("patch", "deployment", "pybase-search-worker", "--namespace=pybase", f"--patch={patch}")

    def grace() -> bool:
        pod = found(cluster, "deployment", "pybase-search-worker")["spec"]["template"]["spec"]
        return pod["terminationGracePeriodSeconds"] == 300

    assert network.wait(grace, 60)


def test_a_killed_part_is_started_again(tree: Path, gitops: Gitops, state: Instance) -> None:
    pid = state.pid("argocd-application-controller")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert network.wait(lambda: state.pid("argocd-application-controller") is None, 10)
    answer = gitops("local", "status", folder=tree)
    assert answer.code == 1 and "argocd-application-controller is not running" in answer.out
    assert gitops("local", "up", folder=tree).code == 0
    assert state.pid("argocd-application-controller") not in (None, pid)


def test_what_git_no_longer_has_is_pruned(tree: Path, gitops: Gitops, cluster: Cluster) -> None:
    edit(tree / ENVIRONMENT, "  - ../../components/workloads/search-beat\n", "")
    assert gitops("local", "sync", folder=tree).code == 0
    assert cluster.get("deployment", "pybase-search-beat", "pybase") is None


def test_a_manifest_that_the_api_server_refuses_is_named(tree: Path, gitops: Gitops) -> None:
    edit(tree / API, "containerPort: 8000", "containerPort: 808080")
    answer = gitops("local", "sync", "--timeout", "20", folder=tree)
    assert answer.code == 1
    assert "pybase: " in answer.out and "must be between 1 and 65535" in answer.out
    edit(tree / API, "containerPort: 808080", "containerPort: 8000")
    assert gitops("local", "sync", folder=tree).code == 0


def test_a_tree_that_does_not_build_is_not_pushed(tree: Path, gitops: Gitops) -> None:
    edit(tree / ENVIRONMENT, "workloads/api", "workloads/apy")
    answer = gitops("local", "sync", folder=tree)
    assert answer.code == 2 and "does not build; `gitops validate" in answer.err
    edit(tree / ENVIRONMENT, "workloads/apy", "workloads/api")


def test_a_commit_in_place_of_the_working_tree(tree: Path, gitops: Gitops, cluster: Cluster) -> None:
    histories.commit(tree, "as it is")
    edit(tree / VERSIONS, "newTag: 1.0.1", "newTag: 1.0.2")
    assert gitops("local", "sync", "--revision", "HEAD", folder=tree).code == 0
    assert image(cluster) == "ghcr.io/pybase/pybase:1.0.1"
    assert gitops("local", "sync", folder=tree).code == 0
    assert image(cluster) == "ghcr.io/pybase/pybase:1.0.2"


def image(cluster: Cluster) -> str:
    """What the API runs."""
    pod = found(cluster, "deployment", "pybase-api")["spec"]["template"]["spec"]
    return str(pod["containers"][0]["image"])


def test_a_command_runs_in_the_network_of_the_instance(tree: Path) -> None:
    assert executed(tree, "kubectl", "get", "namespace", "pybase", "--output=name") == "namespace/pybase\n"
    devices = executed(tree, "cat", "/proc/net/dev")
    assert [line.split(":")[0].strip() for line in devices.splitlines() if ":" in line] == ["lo"]


def executed(tree: Path, *words: str) -> str:
    """What `gitops local exec` prints; it becomes the command, so it is a process of its own."""
    command = [sys.executable, "-m", "gitops", "local", "--repository", str(tree), "exec", "--", *words]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "scripts")}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_the_last_words_of_a_part(tree: Path, gitops: Gitops) -> None:
    answer = gitops("local", "logs", "argocd-repo-server", folder=tree)
    assert answer.code == 0 and "finished call" in answer.out
    assert "no such part; there are argocd-application-controller" in gitops("local", "logs", "x", folder=tree).err


def test_two_instances_do_not_meet(tree: Path, gitops: Gitops, state: Instance) -> None:
    """Each with its own cluster, network and port; the end of one leaves the other alone."""
    before = {name: state.pid(name) for name in state.names()}
    other = ("--name", "other")
    try:
        answer = gitops("local", "up", *other, "--cluster", "eks-production-us-east-1", folder=tree)
        assert answer.code == 0, answer.out + answer.err
        assert gitops("local", "status", folder=tree).code == 0
        assert Instance.named("other").path("port").read_text() != state.path("port").read_text()
    finally:
        gitops("local", "down", *other, "--purge", folder=tree)
    assert {name: state.pid(name) for name in state.names()} == before


def test_down_ends_every_process_and_purge_forgets(tree: Path, gitops: Gitops, state: Instance) -> None:
    running = [state.pid(name) for name in state.names()]
    assert gitops("local", "down", "--purge", folder=tree).code == 0
    assert not state.folder.exists()
    assert not any(Path(f"/proc/{pid}/exe").exists() for pid in running)
    answer = gitops("local", "sync", folder=tree)
    assert (answer.code, answer.err) == (2, "gitops local: instance default is not up; run `gitops local up`\n")
