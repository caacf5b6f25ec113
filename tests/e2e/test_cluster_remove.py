"""What `gitops cluster remove` says of a cluster is what happens there, done as it is printed.

The tests are the steps of one story and run in this order.
"""

import re
import shutil
from pathlib import Path

import pytest

import histories
import snapshots
from gitops.cluster import Cluster
from gitops.layout import Repository
from gitops.local import applications, network
from gitops.local.instance import Instance
from gitops.manifests import Build, Manifest
from gitops.render import render
from platforms import commit, refresh
from snapshots import Snapshot
from support import Answer, Gitops

pytestmark = pytest.mark.usefixtures("state")  # never the person's own instance
CLUSTER = "bare-metal-staging-fra1"
FOLDER = f"clusters/{CLUSTER}"
SECONDS = 120
DEFAULTS = {"ConfigMap/kube-root-ca.crt", "ServiceAccount/default"}  # Kubernetes gives them to every namespace


@pytest.fixture(scope="module")
def tree(tree: Path) -> Path:
    return histories.repository(tree)


@pytest.fixture(scope="module")
def workload(tree: Path) -> Build:
    """What the folder renders, kept for when it is gone."""
    (build,) = render(Repository(tree), [f"{FOLDER}/workload"])
    return build


def run(gitops: Gitops, tree: Path, *words: str) -> Answer:
    answer = gitops(*words, folder=tree)
    assert answer.code == 0, answer.out + answer.err
    return answer


def told(gitops: Gitops, tree: Path) -> str:
    return run(gitops, tree, "cluster", "remove", CLUSTER, "--dry-run").out


def printed(gitops: Gitops, tree: Path, option: str = "") -> list[str]:
    """The words of the command that it prints for a cluster that still runs, with or without an option."""
    lines = re.findall(r"^  gitops (teardown .+?)(?: {2,}|  )\S.*$", told(gitops, tree), re.MULTILINE)
    (found,) = [line for line in lines if line.endswith(option or " CONTEXT")]
    return str(found).split()


def section(text: str, head: str) -> set[str]:
    """Kind/name of the table below a line."""
    after = re.split(rf"^{head}.*\n", text, maxsplit=1, flags=re.MULTILINE)[1]
    rows = re.match(r"(?:  [A-Z].*\n)*", after)
    assert rows
    lines = [line.split(maxsplit=2) for line in rows[0].splitlines()]
    assert all(int(count) == len(names.partition(" (")[0].split(", ")) for _, count, names in lines)
    return {f"{kind}/{name}" for kind, _, names in lines for name in names.partition(" (")[0].split(", ")}


def short(items: Snapshot) -> set[str]:
    return {f"{item.kind}/{item.name}" for item in items.values()}


def gone(before: Snapshot, after: Snapshot) -> Snapshot:
    """What is not there any more, or is another object now."""
    uids = {snapshots.uid(item) for item in after.values()}
    return {key: item for key, item in before.items() if snapshots.uid(item) not in uids}


def torn_down(
    gitops: Gitops, tree: Path, state: Instance, patch: pytest.MonkeyPatch, option: str = "", dry: bool = False
) -> Answer:
    """Do what is printed, as a person with kubectl and a kubeconfig does it."""
    cluster = Cluster(str(state.path("bin", "kubectl")), str(state.path("kubeconfig")))
    context = cluster.run("config", "current-context").strip()
    patch.setenv("PATH", str(state.path("bin")), prepend=":")
    patch.setenv("KUBECONFIG", str(state.path("kubeconfig")))
    patch.setattr("sys.stdin.isatty", lambda: True)
    patch.setattr("sys.stdin.readline", lambda: f"{CLUSTER}\n")
    words = [context if word == "CONTEXT" else word for word in printed(gitops, tree, option)]
    return run(gitops, tree, *words, *(["--dry-run"] if dry else []))


def test_a_folder_that_goes_deletes_and_heals_nothing(
    tree: Path, gitops: Gitops, state: Instance, cluster: Cluster
) -> None:
    run(gitops, tree, "local", "up", "--cluster", CLUSTER)
    before = snapshots.take(cluster)
    assert f"{CLUSTER}: planned; its folder goes, and nothing in the cluster with it:" in told(gitops, tree)
    shutil.rmtree(state.path("git", "work", FOLDER))
    commit(state)

    def lost() -> bool:
        refresh(state)
        found = applications.read(cluster.every("applications.argoproj.io", "argocd"))
        return [(app.name, app.sync) for app in found] == [("root", "Unknown"), ("pybase", "Unknown")]

    assert network.wait(lost, SECONDS)
    assert gone(before, snapshots.take(cluster)) == {}
    cluster.run("delete", "service", "pybase-api", "--namespace=pybase")
    seen = looked(cluster)
    refresh(state)
    assert network.wait(lambda: looked(cluster) > seen and lost(), SECONDS)
    assert short(gone(before, snapshots.take(cluster))) == {"Service/pybase-api"}
    run(gitops, tree, "local", "sync")
    assert cluster.get("service", "pybase-api", "pybase")


def looked(cluster: Cluster) -> str:
    """When Argo CD looked at the Application last (RFC 3339 sorts as text)."""
    found = cluster.get("applications.argoproj.io", "pybase", "argocd")
    return str(found["status"]["reconciledAt"]) if found else ""


def test_an_application_that_is_deleted_by_hand_leaves_the_data(
    tree: Path, gitops: Gitops, cluster: Cluster, workload: Build
) -> None:
    """With the finalizer it takes along what it deployed; Delete=false keeps, and claims of StatefulSets stay."""
    before = snapshots.take(cluster)
    said = told(gitops, tree)
    cluster.run("delete", "applications.argoproj.io", "root", "--namespace=argocd")
    assert short(gone(before, snapshots.take(cluster))) == {"Application/root"}
    cluster.run("delete", "applications.argoproj.io", "pybase", "--namespace=argocd", f"--timeout={SECONDS}s")
    kept = {item.identity for item in workload.objects if "Delete=false" in sync_options(item)}
    assert f"Delete=false keeps even then {len(kept)} objects" in said
    secrets = {f"Secret/{item.namespace}/{item.name}" for item in workload.of_kind("SealedSecret")}
    wanted = {item.identity for item in workload.objects} - kept | {
        "Application/argocd/root",
        "Application/argocd/pybase",
    }

    def left() -> set[str]:
        now = gone(before, snapshots.take(cluster))
        return {item.identity for item in now.values()} ^ (wanted | secrets)

    assert network.wait(lambda: not left(), SECONDS), left()


def sync_options(item: Manifest) -> str:
    return item.annotations.get("argocd.argoproj.io/sync-options", "")


def test_a_teardown_as_printed_deletes_the_list_and_keeps_the_rest(
    tree: Path, gitops: Gitops, state: Instance, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = {snapshots.uid(item) for item in map(Manifest, cluster.every("pvc", "pybase"))}
    run(gitops, tree, "local", "sync")
    assert {snapshots.uid(item) for item in map(Manifest, cluster.every("pvc", "pybase"))} == data
    before = snapshots.take(cluster)
    said = told(gitops, tree)
    answer = torn_down(gitops, tree, state, monkeypatch)
    after = snapshots.take(cluster)
    assert short(gone(before, after)) == section(said, "to delete:") == section(answer.out, "to delete:")
    assert section(said, "kept:") <= short(after)
    assert set(after) <= set(before)
    assert [pod for pod in cluster.every("pods", "pybase") if not pod["metadata"].get("deletionTimestamp")] == []


def test_delete_all_as_printed_deletes_what_was_kept_and_nothing_else(
    tree: Path, gitops: Gitops, state: Instance, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = snapshots.take(cluster)
    said = section(told(gitops, tree), "kept:")
    preview = torn_down(gitops, tree, state, monkeypatch, "--delete-all", dry=True).out
    volumes = re.findall(r"^PersistentVolume (\S+): \S+ \w+, (goes|stays)", preview, re.MULTILINE)
    lost = {f"PersistentVolume/{name}" for name, what in volumes if what == "goes"}
    torn_down(gitops, tree, state, monkeypatch, "--delete-all")
    found = short(gone(before, snapshots.take(cluster)))
    assert found - DEFAULTS == said | lost, preview


def test_then_the_folder_goes(tree: Path, gitops: Gitops) -> None:
    answer = run(gitops, tree, "cluster", "remove", CLUSTER, "--yes")
    assert not (tree / FOLDER).exists()
    trailer = answer.out.strip().splitlines()[-1]
    histories.commit(tree, "a cluster less", trailer)
    run(gitops, tree, "diff", "--base", "HEAD~1", "--head", "HEAD")
