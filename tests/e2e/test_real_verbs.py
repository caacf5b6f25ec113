"""smoke, teardown and bootstrap against a real API server with a real Argo CD, as a person uses them.

The tests are the steps of one story and run in this order.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops.cluster import Cluster
from gitops.layout import MANIFEST_FOLDERS
from gitops.local import network, platform
from gitops.local.instance import Instance
from support import ROOT, Answer, Gitops

LOCAL = "bare-metal-development-local"
NAME = "verbs"


@pytest.fixture(scope="module", autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        instance = Instance.named(NAME)
        yield instance
        platform.down(instance, purge=True)


@pytest.fixture
def cluster(state: Instance) -> Cluster:
    return platform.kubectl(state)


def verb(gitops: Gitops, name: str, *options: str) -> Answer:
    return gitops(name, LOCAL, "--local", NAME, *options)


def test_a_synced_cluster_passes(gitops: Gitops) -> None:
    assert gitops("local", "up", "--name", NAME).code == 0
    answer = verb(gitops, "smoke", "--wait", "--timeout", "1m")
    assert answer.code == 0, answer.out + answer.err
    lines = answer.out.splitlines()
    assert "ok       workloads          Deployment pybase-api: 1 of 1 ready" in lines
    assert "ok       stores             StatefulSet pybase-postgresql: 1 of 1 ready" in lines
    assert "ok       network-policies   16 of 16 NetworkPolicies are there" in lines
    assert any(
        line.startswith("ok       volumes            PersistentVolumeClaim data-pybase-minio-0: Bound")
        for line in lines
    )


def test_what_nothing_runs_for_is_skipped_with_the_reason(gitops: Gitops) -> None:
    lines = verb(gitops, "smoke").out.splitlines()
    inside = [line for line in lines if line.split()[1] in ("health", "connectivity")]
    assert len(inside) == 5
    assert all(line.startswith("skipped ") and "pods are simulated on this cluster" in line for line in inside)


def test_a_kubeconfig_does_the_same(gitops: Gitops, state: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(state.path("bin")), prepend=":")
    answer = gitops("smoke", LOCAL, "--kubeconfig", str(state.path("kubeconfig")))
    assert answer.code == 0, answer.out + answer.err
    assert gitops("smoke", LOCAL, "--kubeconfig", str(state.path("kubeconfig")), "--context", "no").code == 2


def test_broken_things_are_named(gitops: Gitops, cluster: Cluster) -> None:
    """Argo CD would heal both, so it is told not to."""
    off = '--patch={"spec": {"syncPolicy": {"automated": {"enabled": false}}}}'
    for name in ("root", "pybase"):
        cluster.run("patch", "applications.argoproj.io", name, "--namespace=argocd", "--type=merge", off)
    cluster.run("scale", "deployment", "pybase-api", "--replicas=0", "--namespace=pybase")
    cluster.run("delete", "networkpolicy", "default-deny", "--namespace=pybase")
    assert network.wait(lambda: "0 ready endpoints" in verb(gitops, "smoke").out, 30)
    answer = verb(gitops, "smoke", "--quiet")
    assert answer.code == 1
    failed = [line for line in answer.out.splitlines() if line.startswith("FAILED")]
    assert [line.split(maxsplit=2)[2].partition(": ClusterIP")[0] for line in failed] == [
        "Deployment pybase-api: 0 of 0 ready: scaled to nothing",
        "Service pybase-api",
        "NetworkPolicy pybase/default-deny is not there",
        "api: no pod to ask",
        "api: no pod to ask",
    ]


def test_a_teardown_is_shown_first_and_changes_nothing(gitops: Gitops, cluster: Cluster) -> None:
    before = cluster.every("all,pvc,secrets,networkpolicies,applications.argoproj.io")
    answer = verb(gitops, "teardown", "--dry-run")
    assert answer.code == 0 and "removed" not in answer.out
    assert answer.out.startswith(f"{LOCAL}: installed by Argo CD (root ")
    after = cluster.every("all,pvc,secrets,networkpolicies,applications.argoproj.io")
    assert {item["metadata"]["uid"] for item in before} <= {item["metadata"]["uid"] for item in after}


def test_a_teardown_keeps_data_and_keys_and_nothing_comes_back(gitops: Gitops, cluster: Cluster) -> None:
    on = '--patch={"spec": {"syncPolicy": {"automated": {"enabled": true}}}}'
    for name in ("root", "pybase"):
        cluster.run("patch", "applications.argoproj.io", name, "--namespace=argocd", "--type=merge", on)
    assert network.wait(lambda: cluster.get("networkpolicy", "default-deny", "pybase"), 60)  # healing again
    kept = {item["metadata"]["uid"] for item in cluster.every("pvc,sealedsecrets.bitnami.com", "pybase")}
    answer = verb(gitops, "teardown", "--yes")
    assert answer.code == 0, answer.out + answer.err
    assert answer.out.endswith("objects; nothing of the list is left\n")
    assert cluster.every("deploy,sts,jobs,svc,networkpolicies,pdb,ingress,roles,pods", "pybase") == []
    assert {item["metadata"]["uid"] for item in cluster.every("pvc,sealedsecrets.bitnami.com", "pybase")} == kept
    assert cluster.get("secret", "pybase-api-secret", "pybase") is not None
    assert cluster.every("applications.argoproj.io") == []


def test_what_is_torn_down_fails_the_smoke_checks(gitops: Gitops) -> None:
    answer = verb(gitops, "smoke", "--quiet")
    assert answer.code == 1 and "Deployment pybase-api is not there" in answer.out
    assert "nothing runs; data and keys are there" in verb(gitops, "teardown", "--dry-run").out


def test_all_is_deleted_when_asked_for(gitops: Gitops, cluster: Cluster) -> None:
    answer = verb(gitops, "teardown", "--delete-all", "--yes")
    assert answer.code == 0, answer.out + answer.err
    assert cluster.get("namespace", "pybase") is None
    assert verb(gitops, "teardown", "--delete-all", "--yes").out == f"{LOCAL}: nothing is installed\n"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of its own, to break."""
    folder = Path(tmp_path_factory.mktemp("fleet"))
    for name in (*MANIFEST_FOLDERS, "policies", "schemas"):
        shutil.copytree(ROOT / name, folder / name)
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    return folder


def steps(answer: Answer) -> list[str]:
    return [line for line in answer.out.splitlines() if line.startswith("step ")]


def test_what_fails_is_undone_when_asked(tree: Path, gitops: Gitops, cluster: Cluster) -> None:
    api = tree / "components/workloads/api/deployment.yaml"
    good = api.read_text()
    api.write_text(good.replace("containerPort: 8000", "containerPort: 808080"))
    options = ("--local", NAME, "--yes", "--atomic", "--timeout", "60s")
    answer = gitops("bootstrap", LOCAL, *options, folder=tree)
    api.write_text(good)
    assert answer.code == 1
    assert "must be between 1 and 65535" in answer.err and "not Synced and Healthy after 60 s" in answer.err
    assert "undone: what this run created\n" in answer.err and "open http" not in answer.out
    assert cluster.get("namespace", "pybase") is None
    assert cluster.every("applications.argoproj.io") == []


def test_a_bootstrap_from_nothing_does_the_steps_of_its_dry_run(tree: Path, gitops: Gitops, cluster: Cluster) -> None:
    dry = gitops("bootstrap", LOCAL, "--local", NAME, "--dry-run", folder=tree)
    assert dry.code == 0 and f"{LOCAL}: nothing is installed\n" in dry.out, dry.out + dry.err
    assert cluster.every("applications.argoproj.io") == []
    real = gitops("bootstrap", LOCAL, "--local", NAME, "--yes", folder=tree)
    assert (real.code, steps(real)) == (0, steps(dry)), real.out + real.err
    assert len(steps(dry)) == 4 and "stands in for its chart" in steps(dry)[0]
    assert "open http://pybase.localhost\n" in real.out
    assert verb(gitops, "smoke").code == 0


def test_a_second_bootstrap_repairs(tree: Path, gitops: Gitops, cluster: Cluster) -> None:
    cluster.run("delete", "application.argoproj.io", "root", "--namespace=argocd")
    answer = gitops("bootstrap", LOCAL, "--local", NAME, "--yes", "--timeout", "2m", folder=tree)
    assert answer.code == 0, answer.out + answer.err
    assert f"{LOCAL}: installed by Argo CD (pybase " in answer.out
