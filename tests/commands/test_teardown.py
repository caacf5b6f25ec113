"""gitops teardown on the command line: what it asks and refuses, and that a dry run shows the set of the real one."""

from pathlib import Path

import pytest

import fake_cluster
from fake_cluster import Fake
from gitops.fleet import Fleet
from support import Answer, Gitops

CLUSTER = "bare-metal-staging-fra1"


@pytest.fixture
def fake(tmp_path: Path, the_fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """PyBase, installed without Argo CD and without a node to end pods on."""
    build = next(b for b in the_fleet.builds if b.folder == f"clusters/{CLUSTER}/workload")
    objects = [item for item in fake_cluster.running(build.objects) if item["kind"] not in ("Pod", "EndpointSlice")]
    made = fake_cluster.install(tmp_path / "bin", objects)
    monkeypatch.setenv("PATH", str(made.folder), prepend=":")
    return made


@pytest.fixture
def argocd(fake: Fake, the_fleet: Fleet) -> Fake:
    """The same, kept by Argo CD."""
    apps = next(b for b in the_fleet.builds if b.folder == f"clusters/{CLUSTER}/apps")
    fake.holds([*fake.objects, *(app.data for app in apps.of_kind("Application"))])
    return fake


def teardown(gitops: Gitops, *options: str) -> Answer:
    return gitops("teardown", *options, CLUSTER)


def listed(out: str) -> list[str]:
    """The lines between the head and the volumes."""
    return [line for line in out.splitlines() if line.startswith((" ", "to delete", "kept"))]


def changes(fake: Fake) -> list[str]:
    return [call for call in fake.calls() if call.split()[1] in ("delete", "patch", "apply")]


def test_dry_run_prints_the_set_of_the_real_run_and_changes_nothing(gitops: Gitops, fake: Fake) -> None:
    before = fake.objects
    dry = teardown(gitops, "--dry-run")
    assert (dry.code, fake.objects, changes(fake)) == (0, before, [])
    assert "removed" not in dry.out and dry.out.endswith("nothing was changed (--dry-run)\n")
    real = teardown(gitops, "--yes")
    assert (real.code, listed(real.out)) == (0, listed(dry.out))
    assert real.out.endswith("objects; nothing of the list is left\n")
    kept = {"SealedSecret", "PersistentVolumeClaim", "StorageClass", "Namespace", "Node"}
    assert {item["kind"] for item in fake.objects} == kept


def test_applications_go_first_and_without_what_they_made(gitops: Gitops, argocd: Fake) -> None:
    answer = teardown(gitops, "--force")
    assert answer.out.startswith(f"{CLUSTER}: installed by Argo CD (root Unknown/Unknown, pybase Unknown/Unknown)\n")
    words = [call.split()[1:4] for call in changes(argocd)][:4]
    assert words == [[do, "applications.argoproj.io", app] for app in ("root", "pybase") for do in ("patch", "delete")]
    assert '{"metadata": {"finalizers": null}}' in changes(argocd)[0]
    left = {item["metadata"]["name"] for item in argocd.objects if item["kind"] == "Application"}
    assert "argocd" in left and not left & {"root", "pybase"}


def test_a_helm_release_goes_with_its_record_and_its_data_stays(gitops: Gitops, fake: Fake) -> None:
    record = {"name": "sh.helm.release.v1.pybase.v2", "namespace": "pybase", "labels": {"owner": "helm"}}
    fake.holds([*fake.objects, {"apiVersion": "v1", "kind": "Secret", "metadata": record}])
    answer = teardown(gitops, "--yes")
    assert answer.code == 0 and answer.out.startswith(f"{CLUSTER}: installed by Helm (pybase)\n")
    left = {(item["kind"], item["metadata"]["name"]) for item in fake.objects}
    assert ("Secret", record["name"]) not in left and ("PersistentVolumeClaim", "data-pybase-minio-0") in left


def test_another_cluster_is_refused(gitops: Gitops, argocd: Fake) -> None:
    answer = gitops("teardown", "bare-metal-production-fra1", "--yes")
    assert (answer.code, answer.out, changes(argocd)) == (2, "", [])
    assert f"kept by clusters/{CLUSTER}/apps, not clusters/bare-metal-production-fra1; check --context" in answer.err


def test_without_a_terminal_it_needs_yes(gitops: Gitops, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    answer = teardown(gitops)
    assert (answer.code, changes(fake)) == (2, [])
    assert "no terminal to ask on; add --yes to do it, or --dry-run" in answer.err


@pytest.mark.parametrize("typed, done", [("yes\n", False), ("\n", False), (f"{CLUSTER}\n", True)])
def test_the_clusters_name_is_the_answer(
    typed: str, done: bool, gitops: Gitops, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stdin.readline", lambda: typed)
    answer = teardown(gitops)
    assert f"type {CLUSTER} to go on" in answer.out
    assert (answer.code == 0, bool(changes(fake)), "removed" in answer.out) == (done, done, done)


def test_namespace_needs_its_data_and_foreign_claims_stop_it(gitops: Gitops, fake: Fake) -> None:
    answer = teardown(gitops, "--delete-namespace", "--yes")
    assert answer.code == 2 and "write --delete-all when that is meant" in answer.err
    other = {"kind": "PersistentVolumeClaim", "metadata": {"name": "backup", "namespace": "pybase"}}
    fake.holds([*fake.objects, other])
    answer = teardown(gitops, "--delete-all", "--yes")
    assert (answer.code, changes(fake)) == (2, [])
    assert "pybase/backup: not PyBase's, and would go with the namespace" in answer.err


def test_what_does_not_go_is_named_and_exit_1(gitops: Gitops, fake: Fake) -> None:
    pod = {"labels": {"app.kubernetes.io/name": "pybase", "app.kubernetes.io/component": "api"}}
    build = next(
        item for item in fake.objects if item["metadata"]["name"] == "pybase-api" and item["kind"] == "Deployment"
    )
    pod["labels"] = build["spec"]["template"]["metadata"]["labels"]
    ending = {"kind": "Pod", "metadata": {"name": "pybase-api-0", "namespace": "pybase", **pod}}
    fake.holds([*fake.objects, ending])
    answer = teardown(gitops, "--yes", "--timeout", "1s")
    assert answer.code == 1 and "removed" not in answer.out
    assert answer.err == "left: Pod/pybase/pybase-api-0, ending\n"


def test_nothing_installed_is_said(gitops: Gitops, fake: Fake) -> None:
    fake.holds([])
    answer = teardown(gitops, "--yes")
    assert (answer.code, answer.out) == (0, f"{CLUSTER}: nothing is installed\n")


def test_reclaim_policies_are_printed(gitops: Gitops, fake: Fake) -> None:
    claim = {"namespace": "pybase", "name": "data-pybase-minio-0"}
    spec = {"claimRef": claim, "persistentVolumeReclaimPolicy": "Retain", "capacity": {"storage": "10Gi"}}
    fake.holds([*fake.objects, {"kind": "PersistentVolume", "metadata": {"name": "pv-1"}, "spec": spec}])
    line = "PersistentVolume pv-1: 10Gi, Retain, stays when its claim goes pybase/data-pybase-minio-0\n"
    assert line in teardown(gitops, "--dry-run").out
