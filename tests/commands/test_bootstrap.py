"""gitops bootstrap on the command line: what it looks at, what stops it, its steps, and what it asks of helm."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import fake_cluster
from fake_cluster import Fake
from gitops.fleet import Fleet
from gitops.layout import MANIFEST_FOLDERS, POLICIES
from support import ROOT, Answer, Gitops

CLUSTER = "bare-metal-staging-fra1"
HERE = {
    "kind": "APIService", "metadata": {"name": "v1beta1.metrics.k8s.io"},
    "status": {"conditions": [{"type": "Available", "status": "True"}]},
}  # fmt: skip
CALICO = {"kind": "DaemonSet", "metadata": {"name": "calico-node", "namespace": "kube-system"}}
NODE = {"kind": "Node", "metadata": {"name": "node-1"}}
Run = Callable[..., Answer]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The fleet, with one cluster that has its own domain and sealed secrets."""
    for folder in (*MANIFEST_FOLDERS, POLICIES):
        shutil.copytree(ROOT / folder, tmp_path / "fleet" / folder)
    cluster = tmp_path / "fleet" / "clusters" / CLUSTER
    facts = [folder / "kustomization.yaml" for folder in (cluster / "facts", tmp_path / "fleet/components/fleet-facts")]
    for file in [*(cluster / "workload" / "sealed").glob("*.yaml"), *facts]:
        file.write_text(file.read_text().replace(": STUB", ": AgBy3i4OJSWK").replace("pybase.example.com", "acme.org"))
    return tmp_path / "fleet"


@pytest.fixture
def fake(tmp_path: Path, the_fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """An empty cluster that serves the kinds of the fleet."""
    made = fake_cluster.install(tmp_path / "bin", [HERE, CALICO, NODE], "helm")
    builds = [build for build in the_fleet.builds if build.cluster == CLUSTER]
    kinds = {(str(m.get("apiVersion")), m.kind) for build in builds for m in build.objects}
    (made.folder / "kinds.json").write_text(json.dumps(sorted(kinds)))
    monkeypatch.setenv("PATH", str(made.folder), prepend=":")
    return made


@pytest.fixture
def bootstrap(gitops: Gitops, tree: Path, fake: Fake) -> Run:
    return lambda *options: gitops("bootstrap", *options, CLUSTER, folder=tree)


def steps(out: str) -> list[str]:
    return [line for line in out.splitlines() if line.startswith("step ")]


def changes(fake: Fake) -> list[str]:
    words = ("apply", "delete", "annotate", "patch", "upgrade", "uninstall")
    return [call for call in fake.calls() if call.split()[1] in words]


def test_dry_run_prints_the_steps_of_the_real_run_and_changes_nothing(bootstrap: Run, fake: Fake) -> None:
    dry = bootstrap("--dry-run", "--no-wait")
    assert (dry.code, changes(fake)) == (0, []), dry.out + dry.err
    assert dry.out.endswith("nothing was changed (--dry-run)\n")
    real = bootstrap("--yes", "--no-wait")
    assert (real.code, steps(real.out)) == (0, steps(dry.out)), real.err
    assert len(steps(dry.out)) == 3
    full = steps(bootstrap("--dry-run").out)
    assert full[:3] == steps(dry.out)
    assert full[3].startswith("step 4: wait until ") and full[3].endswith("are Synced and Healthy, at most 900 s")


def test_argo_cd_comes_from_its_pinned_chart_with_the_values_of_its_application(
    bootstrap: Run, fake: Fake, the_fleet: Fleet
) -> None:
    assert bootstrap("--yes", "--no-wait", "--timeout", "10m", "--context", "prod").code == 0
    apps = next(build for build in the_fleet.builds if build.folder == f"clusters/{CLUSTER}/apps")
    own = apps.find("Application", "argocd", "argocd")
    assert own is not None
    (call,) = [call for call in fake.calls() if call.startswith("helm upgrade")]
    for word in (
        "upgrade --install argocd argo-cd", f"--version={own.get('spec', 'source', 'targetRevision')}",
        "--namespace=argocd", "--wait", "--timeout=600s", "--kube-context=prod",
    ):  # fmt: skip
        assert word in call
    values = json.loads((fake.folder / "values.json").read_text())
    assert values == own.get("spec", "source", "helm", "valuesObject")
    made = {(item["kind"], item["metadata"]["name"]) for item in fake.objects}
    assert made >= {
        ("Application", "root"),
        ("AppProject", "platform"),
        ("AppProject", "pybase"),
        ("Namespace", "argocd"),
    }
    assert ("Application", "pybase") not in made  # the root makes it


def test_an_argo_cd_that_keeps_itself_is_left_to_itself(bootstrap: Run, fake: Fake) -> None:
    own = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application"}
    metadata = {"name": "argocd", "namespace": "argocd"}
    fake.holds([*fake.objects, {**own, "metadata": metadata, "status": {"health": {"status": "Healthy"}}}])
    answer = bootstrap("--yes", "--no-wait")
    assert answer.code == 0 and len(steps(answer.out)) == 1
    assert not [call for call in fake.calls() if call.startswith("helm upgrade")]


def test_a_failed_wait_is_undone_when_asked(bootstrap: Run, fake: Fake) -> None:
    before = fake.objects
    answer = bootstrap("--yes", "--atomic", "--timeout", "1s")
    assert answer.code == 1
    assert "pybase: not there yet\n" in answer.err and "not Synced and Healthy after 1 s\n" in answer.err
    assert "undone: what this run created\n" in answer.err and "open http" not in answer.out
    assert [item for item in fake.objects if item["metadata"]["name"] != "argocd"] == before


def test_without_atomic_a_failure_leaves_what_is_there(bootstrap: Run, fake: Fake) -> None:
    assert bootstrap("--yes", "--timeout", "1s").code == 1
    assert not [call for call in changes(fake) if call.split()[1] == "delete"]


def test_planned_clusters_are_stopped_by_their_placeholders(gitops: Gitops, fake: Fake) -> None:
    answer = gitops("bootstrap", CLUSTER, "--yes")
    assert (answer.code, changes(fake)) == (1, [])
    assert "is an example; write the cluster's own (placeholder-value)" in answer.out
    assert "is not sealed yet" in answer.out
    assert answer.err == "gitops bootstrap: nothing was changed; mend what FAILED first\n"


@pytest.mark.parametrize(
    "word", ["CHANGE_ME", "REPLACE_WITH_X", "placeholder", "change-this", "minioadmin", "CLUSTER_X"]
)
def test_every_placeholder_stops_it(word: str, bootstrap: Run, fake: Fake, tree: Path) -> None:
    file = tree / "components/settings/pybase.env"
    file.write_text(file.read_text().replace("SMTP_FROM_NAME=PyBase", f"SMTP_FROM_NAME={word}"))
    answer = bootstrap("--dry-run")
    assert (answer.code, changes(fake)) == (1, [])
    assert "FAILED   placeholders       components/settings/pybase.env:" in answer.out


def test_a_key_that_is_not_sealed_stops_it(bootstrap: Run, tree: Path) -> None:
    file = tree / "clusters" / CLUSTER / "workload/sealed/pybase-api-secret.yaml"
    file.write_text("".join(line for line in file.read_text().splitlines(True) if "redis-url" not in line))
    answer = bootstrap("--dry-run")
    assert answer.code == 1 and "redis-url" in answer.out and "(secret-key-sealed)" in answer.out


def test_an_existing_installation_is_shown_before_the_question(
    bootstrap: Run, fake: Fake, the_fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    apps = next(build for build in the_fleet.builds if build.folder == f"clusters/{CLUSTER}/apps")
    fake.holds([*fake.objects, *(app.data for app in apps.of_kind("Application"))])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stdin.readline", lambda: "no\n")
    answer = bootstrap()
    assert (answer.code, changes(fake)) == (1, [])
    shown, asked = answer.out.index(f"{CLUSTER}: installed by Argo CD (root "), answer.out.index(f"type {CLUSTER}")
    assert shown < asked


def test_without_a_terminal_it_needs_yes(bootstrap: Run, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    answer = bootstrap()
    assert (answer.code, changes(fake)) == (2, []) and "add --yes" in answer.err


@pytest.mark.parametrize(
    "context, warned",
    [
        ("kind-dev https://127.0.0.1:6443", True),
        ("minikube https://192.168.49.2", True),
        ("prod https://10.0.0.1", False),
    ],
)
def test_a_local_context_is_warned_about(
    context: str, warned: bool, bootstrap: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_CONTEXT", context)
    answer = bootstrap("--dry-run")
    assert (f"warning: context {context.split()[0]} is a cluster on this machine" in answer.out) == warned


def test_what_the_cluster_lacks_is_named(bootstrap: Run, fake: Fake) -> None:
    fake.holds([NODE])
    kinds = json.loads((fake.folder / "kinds.json").read_text())
    (fake.folder / "kinds.json").write_text(
        json.dumps([kind for kind in kinds if kind[1] != "HorizontalPodAutoscaler"])
    )
    answer = bootstrap("--dry-run")
    assert answer.code == 1
    assert "FAILED   kinds              HorizontalPodAutoscaler of autoscaling is not served" in answer.out
    assert "warning  network            no network plugin that is known to enforce NetworkPolicies" in answer.out
    assert "FAILED   metrics" in answer.out or "metrics-server comes with its Application" in answer.out


def test_a_missing_helm_is_one_sentence(
    bootstrap: Run, fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (fake.folder / "helm").unlink()
    monkeypatch.setenv("PATH", str(fake.folder))
    answer = bootstrap("--yes")
    assert (answer.code, answer.out) == (2, "")
    said = "helm: not on the PATH; Argo CD comes from its chart: install helm 3.14 or newer"
    assert answer.err == f"gitops bootstrap: {said}\n"
