"""`gitops local up --context` against a real API server, used through its kubeconfig as a stranger's cluster: Argo CD
manages nothing there, and simulated nodes make pods ready. The tests are the steps of one story.
"""

import base64
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops import tools
from gitops.cluster import Cluster
from gitops.fleet import Fleet
from gitops.local import platform
from gitops.local.instance import Instance
from gitops.manifests import Build
from gitops.progress import silent
from platforms import instance as instance_in
from support import Answer, Gitops

LOCAL = "bare-metal-development-local"
CONTEXT = "pybase-local-default"
RECORD = """#!/bin/sh
printf '%s\\n' "$*" >> "{log}"
exec "{kubectl}" "$@"
"""


@pytest.fixture(scope="module")
def builds(the_fleet: Fleet) -> list[Build]:
    return [build for build in the_fleet.builds if build.cluster == LOCAL]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory, builds: list[Build]) -> Iterator[Instance]:
    with instance_in(Path(tmp_path_factory.mktemp("state"))) as made:
        platform.up(made, tools.build("platform"), builds, [], silent)
        yield made


@pytest.fixture(scope="module")
def log(state: Instance, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The arguments of every kubectl that is started, as `ps` would show them."""
    folder = Path(tmp_path_factory.mktemp("bin"))
    program = folder / "kubectl"
    program.write_text(RECORD.format(log=folder / "log", kubectl=state.path("bin", "kubectl")))
    program.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(folder), prepend=":")
        patch.setenv("KUBECONFIG", str(state.path("kubeconfig")))
        yield folder / "log"


@pytest.fixture
def file(state: Instance) -> Path:
    return state.folder.parent / f"context-{CONTEXT}.json"


def up(gitops: Gitops, *options: str) -> Answer:
    return gitops("local", "up", "--context", CONTEXT, *options)


def secrets(cluster: Cluster) -> dict[str, dict[str, str]]:
    """ "namespace/name" -> key -> value."""
    return {
        f"pybase/{item['metadata']['name']}": {k: base64.b64decode(v).decode() for k, v in item["data"].items()}
        for item in cluster.every("secrets", "pybase")
    }


def test_a_dry_run_changes_nothing(gitops: Gitops, cluster: Cluster, log: Path, file: Path) -> None:
    answer = up(gitops, "--dry-run")
    assert answer.code == 0, answer.out + answer.err
    assert f"context {CONTEXT}: nothing is installed\n" in answer.out
    assert (cluster.get("namespace", "pybase"), file.exists()) == (None, False)


def test_up_brings_exactly_the_render_and_waits(
    gitops: Gitops, cluster: Cluster, log: Path, file: Path, builds: list[Build]
) -> None:
    answer = up(gitops, "--timeout", "2m")
    assert answer.code == 0, answer.out + answer.err
    assert "8080:8080" in answer.out and "8000:8000" in answer.out and "9001:9001" in answer.out
    (workload,) = [build for build in builds if build.part == "workload"]
    stubs = {f"pybase/{stub.name}": set(stub.get("spec", "encryptedData")) for stub in workload.of_kind("SealedSecret")}
    held = secrets(cluster)
    assert {name: set(values) for name, values in held.items()} == stubs
    assert cluster.every("sealedsecrets.bitnami.com") == []
    for item in cluster.every("deployments.apps,statefulsets.apps", "pybase"):
        assert item["status"]["readyReplicas"] == item["spec"]["replicas"] > 0
    assert all(job["status"]["succeeded"] == 1 for job in cluster.every("jobs.batch", "pybase"))
    assert (stat.S_IMODE(file.stat().st_mode), json.loads(file.read_text())) == (0o600, held)
    seen = answer.out + answer.err + log.read_text()
    assert not [value for values in held.values() for value in values.values() if value in seen]


def test_smoke_agrees(gitops: Gitops, log: Path) -> None:
    answer = gitops("smoke", LOCAL, "--context", CONTEXT)
    assert answer.code == 0, answer.out
    assert "Secret pybase-api-secret is there, not sealed: `gitops local up --context` made it" in answer.out


def test_a_second_run_keeps_the_secrets_and_makes_the_jobs_anew(gitops: Gitops, cluster: Cluster, log: Path) -> None:
    before, jobs = secrets(cluster), {job["metadata"]["uid"] for job in cluster.every("jobs.batch", "pybase")}
    answer = up(gitops)
    assert answer.code == 0, answer.out + answer.err
    assert secrets(cluster) == before
    assert not jobs & {job["metadata"]["uid"] for job in cluster.every("jobs.batch", "pybase")}


def test_a_lost_secret_comes_back_as_it_was(gitops: Gitops, cluster: Cluster, log: Path) -> None:
    before = secrets(cluster)
    cluster.run("delete", "secret", "pybase-api-secret", "--namespace=pybase")
    assert up(gitops).code == 0
    assert secrets(cluster) == before


def test_new_secrets_reach_the_pods(gitops: Gitops, cluster: Cluster, log: Path) -> None:
    before, pods = secrets(cluster), {pod["metadata"]["uid"] for pod in running(cluster)}
    answer = up(gitops, "--new-secrets", "--yes")
    assert answer.code == 0, answer.out + answer.err
    assert not [name for name, values in secrets(cluster).items() if values.items() & before[name].items()]
    assert not pods & {pod["metadata"]["uid"] for pod in running(cluster)}


def running(cluster: Cluster) -> list[dict[str, dict[str, str]]]:
    return [pod for pod in cluster.every("pods", "pybase") if "deletionTimestamp" not in pod["metadata"]]


def test_a_rollout_that_hangs_is_named(gitops: Gitops, cluster: Cluster, log: Path) -> None:
    """Pods that no node takes, as on a machine without room."""
    cluster.run("cordon", "--selector=kubernetes.io/os=linux")
    cluster.run("delete", "pods", "--selector=app.kubernetes.io/component=api", "--namespace=pybase", "--wait=false")
    answer = up(gitops, "--timeout", "5s")
    cluster.run("uncordon", "--selector=kubernetes.io/os=linux")
    assert answer.code == 1 and "localhost:8080" not in answer.out
    assert "FAILED   workloads          Deployment pybase-api: 0 of 1 ready" in answer.out
    assert "FAILED   jobs               Job pybase-migrate is not complete yet" in answer.out
    assert "Pod pybase-api-" in answer.out and "node(s) were unschedulable" in answer.out


def test_teardown_takes_it_away(gitops: Gitops, cluster: Cluster, log: Path) -> None:
    answer = gitops("teardown", LOCAL, "--context", CONTEXT, "--delete-all", "--yes")
    assert answer.code == 0, answer.out + answer.err
    assert cluster.get("namespace", "pybase") is None
