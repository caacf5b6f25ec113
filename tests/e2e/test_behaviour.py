"""How a cluster behaves once it is synced: it scales, it is drained, it keeps data, renders what changed, reports.

One instance of a staging cluster for all; the tests do not depend on each other, but on the first.
"""

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

import browser
import platforms
from gitops.cluster import Cluster
from gitops.errors import GitopsError
from gitops.local import applications, network, platform
from gitops.local.instance import Instance
from support import Gitops

CLUSTER = "bare-metal-staging-fra1"
WORKLOAD = f"clusters/{CLUSTER}/workload/kustomization.yaml"
# A phone's screen around the page; what it measures is written where the page was.
PHONE = """<!DOCTYPE html><body><iframe width="375" height="800" srcdoc="{page}"></iframe><script>
onload = () => {{
  const frame = document.querySelector("iframe"), inside = frame.contentDocument;
  const style = frame.contentWindow.getComputedStyle(inside.body);
  document.body.textContent = JSON.stringify({{
    width: inside.documentElement.scrollWidth, back: style.backgroundColor,
    tree: inside.querySelector(".tree").innerText,
  }});
}};
</script></body>"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return platforms.checkout(Path(tmp_path_factory.mktemp("fleet")))


@pytest.fixture(scope="module", autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with platforms.instance(Path(tmp_path_factory.mktemp("state"))) as made:
        yield made


@pytest.fixture
def cluster(state: Instance) -> Cluster:
    return platform.kubectl(state)


def pods(cluster: Cluster, component: str) -> list[str]:
    """The pods of a component that are there to stay."""
    found = [pod for pod in cluster.every("pods", "pybase") if not pod["metadata"].get("deletionTimestamp")]
    labels = "app.kubernetes.io/component"
    return [pod["metadata"]["name"] for pod in found if pod["metadata"]["labels"].get(labels) == component]


def test_everything_is_well_at_first(gitops: Gitops, tree: Path) -> None:
    answer = gitops("local", "up", "--cluster", CLUSTER, folder=tree)
    assert answer.code == 0, answer.out + answer.err


def test_a_commit_beside_its_paths_renders_nothing(state: Instance, cluster: Cluster) -> None:
    """manifest-generate-paths of the root: such a commit is taken over without running kustomize; one to its own
    folder runs it. PyBase's Application, which has hooks, is rendered for both."""
    work = state.path("git", "work")
    before = len(renders(state))
    platforms.edit(work / "environments/production/kustomization.yaml", "\n", "\n# beside\n")
    assert arrives(cluster, platforms.commit(state)) and renders(state)[before:] == ["workload"]
    platforms.edit(work / f"clusters/{CLUSTER}/apps/kustomization.yaml", "\n", "\n# its own\n")
    assert arrives(cluster, platforms.commit(state))
    assert sorted(renders(state)[before:]) == ["apps", "workload", "workload"]


def renders(instance: Instance) -> list[str]:
    """The last folders of the paths that the repo-server ran kustomize on, so far."""
    log = instance.path("log", "argocd-repo-server").read_text()
    return re.findall(r'msg=Trace args="\[kustomize build [^]]+/([^]/]+)\]"', log)


def arrives(cluster: Cluster, commit: str) -> bool:
    """Do all Applications have the commit within a minute?"""

    def there() -> bool:
        return all(app.settled(commit) for app in applications.read(cluster.every("applications", "argocd")))

    return network.wait(there, 60)


def test_the_autoscaler_follows_the_load(cluster: Cluster) -> None:
    """More than the pods may use on average: two more of them, which is the step of its scaleUp policy."""
    busy = pods(cluster, "frontend")
    assert len(busy) == 2
    cluster.run("annotate", "pods", "--namespace=pybase", *busy, "kwok.x-k8s.io/usage-cpu=1")
    assert network.wait(lambda: len(pods(cluster, "frontend")) >= 4, 60), pods(cluster, "frontend")


def test_a_budget_blocks_an_eviction_until_the_other_pod_is_there(cluster: Cluster) -> None:
    """A drain with no room elsewhere: of two pods the first goes, the second only when the first has a successor."""
    nodes = [node["metadata"]["name"] for node in cluster.every("nodes")]
    first, second = pods(cluster, "api")
    cluster.run("cordon", *nodes)
    try:
        evict(cluster, first)
        with pytest.raises(GitopsError, match="Cannot evict pod as it would violate the pod's disruption budget"):
            evict(cluster, second)
        assert second in pods(cluster, "api")
    finally:
        cluster.run("uncordon", *nodes)
    ready = ["deployment/pybase-api", "--namespace=pybase", "--for=condition=Available", "--timeout=30s"]
    cluster.run("wait", *ready)
    assert network.wait(lambda: budget(cluster, "pybase-api") == 1, 30)
    evict(cluster, second)
    assert network.wait(lambda: second not in pods(cluster, "api"), 30)


def evict(cluster: Cluster, pod: str) -> None:
    """The eviction API, which a drain uses."""
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod, "namespace": "pybase"}}
    path = f"--raw=/api/v1/namespaces/pybase/pods/{pod}/eviction"
    cluster.run("create", path, "--filename=-", text=json.dumps(body))


def budget(cluster: Cluster, name: str) -> int:
    """How many pods may go now."""
    found = cluster.get("poddisruptionbudget", name, "pybase")
    return int(found["status"]["disruptionsAllowed"]) if found else 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_is_read_on_a_phone(scheme: str, tree: Path, gitops: Gitops, tmp_path: Path) -> None:
    answer = gitops("local", "report", "--output", str(tmp_path / "report.html"), folder=tree)
    assert (answer.code, answer.out) == (0, f"{tmp_path / 'report.html'}\n")
    text = (tmp_path / "report.html").read_text()
    (tmp_path / "phone.html").write_text(PHONE.format(page=text.replace("&", "&amp;").replace('"', "&quot;")))
    dark = ["--force-dark-mode"] if scheme == "dark" else []
    text = browser.dom(tmp_path / "phone.html", *dark)
    seen = json.loads(re.sub(r"<script.*?</script>|<[^>]+>", "", text, flags=re.DOTALL))
    assert seen["width"] <= 375
    assert seen["back"] == {"light": "rgb(246, 247, 249)", "dark": "rgb(17, 21, 27)"}[scheme]
    assert re.findall(r"^root$|^pybase$|^Synced$|^Healthy$", seen["tree"], re.MULTILINE)[:2] == ["root", "Synced"]


def test_a_removed_deployment_leaves_its_claim(state: Instance, cluster: Cluster) -> None:
    """And the Application is Synced: data that is kept on purpose is not a difference."""
    platforms.edit(state.path("git", "work", WORKLOAD), "  - ../../../components/stores/meilisearch\n", "")
    assert arrives(cluster, platforms.commit(state))
    assert cluster.get("deployment", "pybase-meilisearch", "pybase") is None
    assert kept(cluster, "pybase-meilisearch")


def test_a_removed_statefulset_runs_on_until_it_is_ended_by_hand(
    state: Instance, cluster: Cluster, tree: Path, gitops: Gitops
) -> None:
    """As docs/troubleshooting.md says; its claim outlives that too."""
    platforms.edit(state.path("git", "work", WORKLOAD), "  - ../../../components/stores/minio\n", "")
    commit = platforms.commit(state)
    ((outcome, object_),) = platforms.quoted("A removed store still runs, and the Application is OutOfSync")

    def said() -> bool:
        text = gitops("local", "status", folder=tree).out
        return outcome in text and object_ in text

    assert network.wait(said, 60)
    cluster.run("delete", "statefulset", "pybase-minio", "--namespace=pybase")
    assert arrives(cluster, commit)
    assert kept(cluster, "data-pybase-minio-0")


def kept(cluster: Cluster, claim: str) -> bool:
    found = cluster.get("persistentvolumeclaim", claim, "pybase")
    return bool(found and found["status"]["phase"] == "Bound" and not found["metadata"].get("deletionTimestamp"))


def test_without_an_api_server_the_rest_is_reported(state: Instance, tree: Path, gitops: Gitops) -> None:
    """The last one: the instance is not repaired."""
    os.kill(state.pid("kube-apiserver") or 0, signal.SIGKILL)
    assert network.wait(lambda: state.pid("kube-apiserver") is None, 10)
    answer = gitops("local", "status", folder=tree)
    assert (answer.code, answer.out) == (1, "kube-apiserver is not running; `gitops local up` starts it again\n")
    assert gitops("local", "report", folder=tree).code == 0
    text = state.path("report.html").read_text()
    assert "`gitops local up` starts what is not running" in text
    assert re.search(r"<li>kube-apiserver <span class=.badge bad.>not running", text)
