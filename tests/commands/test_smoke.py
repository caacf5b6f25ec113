"""gitops smoke on the command line: options, formats, exit codes, and what it says when a cluster cannot be asked."""

import json
from pathlib import Path

import pytest

import fake_cluster
from fake_cluster import Fake
from gitops.fleet import Fleet
from support import Gitops

CLUSTER = "bare-metal-staging-fra1"
PING = "inspect ping"


@pytest.fixture
def fake(tmp_path: Path, the_fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> Fake:
    build = next(b for b in the_fleet.builds if b.folder == f"clusters/{CLUSTER}/workload")
    made = fake_cluster.install(tmp_path / "bin", fake_cluster.running(build.objects))
    monkeypatch.setenv("PATH", str(made.folder), prepend=":")
    monkeypatch.setattr("gitops.smoke.edge.SECONDS", 0.2)
    answers = {
        "api/v1/": (0, "health=healthy\nready=ready"),
        "8080/health": (0, "healthy"),
        "def postgresql": (0, json.dumps({"postgresql": "", "redis": ""})),
        PING: (0, "pong"),
    }
    (made.folder / "exec.json").write_text(json.dumps(answers))
    return made


def test_a_healthy_cluster_is_exit_0_and_nothing_is_written(gitops: Gitops, fake: Fake) -> None:
    answer = gitops("smoke", "--context", "prod", CLUSTER)
    assert (answer.code, answer.err) == (0, ""), answer.out
    lines = answer.out.splitlines()
    assert "ok       health             api: health=healthy, ready=ready" in lines
    assert "ok       connectivity       api reaches postgresql" in lines
    assert "ok       connectivity       search-worker: answers a Celery ping" in lines
    assert lines[-1] == "next: nothing to do" and " 0 failed" in lines[-2]
    calls = [call.split()[2] for call in fake.calls()]
    assert set(calls) == {"version", "get", "exec"}
    assert all(call.startswith("kubectl --context=prod ") for call in fake.calls())


def test_a_failure_is_exit_1_with_a_hint(gitops: Gitops, fake: Fake) -> None:
    fake.holds([item for item in fake.objects if item["metadata"]["name"] != "default-deny"])
    answer = gitops("smoke", CLUSTER)
    assert answer.code == 1
    assert "FAILED   network-policies   NetworkPolicy pybase/default-deny is not there\n" in answer.out
    assert "-> somebody deleted it beside Git" in answer.out and "nothing to do" not in answer.out


def test_a_version_without_its_migration_fails(gitops: Gitops, fake: Fake) -> None:
    objects = fake.objects
    (job,) = [item for item in objects if (item["kind"], item["metadata"]["name"]) == ("Job", "pybase-migrate")]
    job["spec"]["template"]["spec"]["containers"][0]["image"] = "ghcr.io/pybase/pybase:0.9.0"
    fake.holds(objects)
    answer = gitops("smoke", "--quiet", CLUSTER)
    assert answer.code == 1
    assert "Job pybase-migrate ran last with ghcr.io/pybase/pybase:0.9.0" in answer.out
    assert "; the render has ghcr.io/pybase/pybase:1.0.0" in answer.out


def test_a_worker_that_does_not_answer_fails(gitops: Gitops, fake: Fake) -> None:
    (fake.folder / "exec.json").write_text(json.dumps({PING: (1, "No nodes replied within time constraint")}))
    answer = gitops("smoke", "--quiet", CLUSTER)
    assert answer.code == 1
    assert "search-worker: No nodes replied within time constraint" in answer.out and "\nok " not in answer.out


def test_one_query_per_kind_and_namespace(gitops: Gitops, fake: Fake) -> None:
    gitops("smoke", CLUSTER)
    gets = [call.split() for call in fake.calls() if call.split()[1] == "get"]
    kinds = [(kind, *words[3:5]) for words in gets for kind in words[2].split(",")]
    assert len(kinds) > 20 and sorted(kinds) == sorted(set(kinds))


def test_formats(gitops: Gitops, fake: Fake) -> None:
    found = json.loads(gitops("smoke", CLUSTER, "--format", "json").out)
    assert {entry["check"] for entry in found} >= {"workloads", "health", "edge"}
    assert gitops("smoke", CLUSTER, "--format", "junit").out.startswith(f'<testsuite name="smoke {CLUSTER}"')


def test_missing_namespace_is_all_that_is_said(gitops: Gitops, fake: Fake) -> None:
    fake.holds([])
    answer = gitops("smoke", CLUSTER)
    assert answer.code == 1
    assert "FAILED   prerequisites      Namespace pybase is not there\n" in answer.out
    assert "0 passed, 2 failed, 0 warnings\n" in answer.out


def test_wait_gives_up_after_its_time(gitops: Gitops, fake: Fake) -> None:
    fake.holds([])
    assert gitops("smoke", CLUSTER, "--wait", "--timeout", "1s").code == 1


def test_no_kubectl_is_one_line(gitops: Gitops, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fake: Fake) -> None:
    (fake.folder / "kubectl").unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = gitops("smoke", CLUSTER)
    assert answer.code == 2
    assert answer.err.startswith("gitops smoke: kubectl: No such file or directory; install kubectl")


@pytest.mark.parametrize(
    "options, said",
    [
        (["--kubeconfig", "/nowhere"], "/nowhere: no such kubeconfig"),
        (["--local", "x", "--context", "y"], "--local has its own kubeconfig; leave --kubeconfig and --context out"),
        (["--local", "nobody"], "instance nobody is not up; run `gitops local up --name nobody`"),
    ],
)
def test_wrong_use_is_said(options: list[str], said: str, gitops: Gitops, fake: Fake) -> None:
    answer = gitops("smoke", *options, CLUSTER)
    assert (answer.code, answer.out, answer.err) == (2, "", f"gitops smoke: {said}\n")


def test_another_cluster_is_refused(gitops: Gitops, fake: Fake) -> None:
    root = {"kind": "Application", "metadata": {"name": "root", "namespace": "argocd"}}
    fake.holds([*fake.objects, {**root, "spec": {"source": {"path": "clusters/eks-staging-us-east-1/apps"}}}])
    answer = gitops("smoke", CLUSTER)
    assert answer.code == 2
    assert f"kept by clusters/eks-staging-us-east-1/apps, not clusters/{CLUSTER}; check --context" in answer.err


def test_unknown_cluster_and_time(gitops: Gitops) -> None:
    assert "did you mean bare-metal-staging-fra1?" in gitops("smoke", "bare-metal-stagin-fra1").err
    assert "'3x' is no duration; write 90s, 15m or 1h" in gitops("smoke", CLUSTER, "--timeout", "3x").err
