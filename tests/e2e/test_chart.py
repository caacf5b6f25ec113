"""The chart installed, tested, upgraded, rolled back and uninstalled by Helm 3 and 4 against a real API server.

Nodes are KWOK's: pods become ready and Jobs complete without running, so `helm test` proves that its objects are taken
and waited for, not that PyBase is well.
"""

import subprocess
from collections.abc import Iterator

import pytest

from chart_cases import CHART, EXAMPLES, REPOSITORY
from gitops import chart, helm, tools
from gitops.cluster import Cluster
from gitops.local import definitions, platform
from gitops.local.instance import Instance
from gitops.progress import silent
from support import ROOT

[PACKAGE] = (ROOT / "tests/parity/released").glob("pybase-*.tgz")
RELEASE = NAMESPACE = "pybase"
WAIT = ("--wait", "--timeout=5m")
ATOMIC = {3: "--atomic", 4: "--rollback-on-failure"}  # an upgrade that fails is taken back
KEPT = "persistentvolumeclaims"
LEVELS = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """The platform with what the examples need, and nothing synced."""
    made = Instance("chart", tmp_path_factory.mktemp("chart") / "state")
    builds = chart.builds(REPOSITORY)
    assert [build.error for build in builds if build.error] == []
    try:
        platform.up(made, tools.build("platform"), builds, definitions.needed(REPOSITORY, builds), silent)
        yield made
    finally:
        platform.down(made, purge=True)


@pytest.fixture(scope="module")
def cluster(state: Instance) -> Cluster:
    return platform.kubectl(state)


@pytest.fixture
def room(cluster: Cluster) -> Iterator[None]:
    """The namespaces and Secrets that a user brings; gone afterwards, with all that is in them."""
    names = (NAMESPACE, "edge")
    namespaces = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": n, "labels": LEVELS}} for n in names]
    cluster.apply([*namespaces, *secrets()])
    yield
    cluster.run("delete", "namespace", *names, "--wait")


def secrets() -> Iterator[dict[str, object]]:
    """Every Secret with every key that the chart's pods ask for."""
    keys: dict[str, set[str]] = {}
    for build in chart.builds(REPOSITORY):
        for reference in references([manifest.pod for manifest in build.with_pods()]):
            keys.setdefault(str(reference["name"]), set()).add(str(reference["key"]))
    for name, held in keys.items():
        data = {key: "redis://:x@pybase-redis:6379/0" if key.endswith("url") else "value-of-16-bytes" for key in held}
        metadata = {"name": name, "namespace": NAMESPACE}
        yield {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": data}


def references(value: object) -> Iterator[dict[str, object]]:
    """Every secretKeyRef below a value."""
    if isinstance(value, dict):
        if isinstance(value.get("secretKeyRef"), dict):
            yield value["secretKeyRef"]
        for held in value.values():
            yield from references(held)
    elif isinstance(value, list):
        for held in value:
            yield from references(held)


def run(state: Instance, version: int, *arguments: str) -> str:
    """What helm prints; the release's namespace and the cluster are given."""
    where = [f"--namespace={NAMESPACE}", f"--kubeconfig={state.path('kubeconfig')}"]
    done = subprocess.run([helm.pinned(version), *arguments, *where], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"helm {version} {' '.join(arguments)}: {done.stdout}{done.stderr}"
    return done.stdout


def example(name: str) -> str:
    return f"--values={ROOT / REPOSITORY.example_file(name)}"


def image(cluster: Cluster) -> str:
    api = cluster.get("deployment", "pybase-api", NAMESPACE) or {}
    return str(api["spec"]["template"]["spec"]["containers"][0]["image"])


def claims(cluster: Cluster) -> set[str]:
    return {item["metadata"]["name"] for item in cluster.every(KEPT, NAMESPACE)}


@pytest.mark.parametrize("version", helm.PINNED)
@pytest.mark.parametrize("name", EXAMPLES)
def test_example_is_installed_tested_and_gone_but_for_its_data(
    name: str, version: int, state: Instance, cluster: Cluster, room: None
) -> None:
    run(state, version, "install", RELEASE, str(CHART), example(name), *WAIT)
    run(state, version, "test", RELEASE, "--timeout=2m")
    before = claims(cluster)
    run(state, version, "uninstall", RELEASE, "--wait")
    left = cluster.every("deployments,statefulsets,services,networkpolicies,serviceaccounts,configmaps", NAMESPACE)
    assert {i["metadata"]["name"] for i in left} <= {"default", "kube-root-ca.crt"}
    assert claims(cluster) == before


@pytest.mark.parametrize("version", helm.PINNED)
def test_release_is_upgraded_rolled_back_and_its_data_kept(
    version: int, state: Instance, cluster: Cluster, room: None
) -> None:
    """From the last released package to this chart, as the README says."""
    options = (example("ingress"), *WAIT)
    old, new = (("upgrade", "--install", RELEASE, str(of), *options) for of in (PACKAGE, CHART))
    assert "pybase-api" in run(state, version, *old, "--dry-run=client")
    assert cluster.get("deployment", "pybase-api", NAMESPACE) is None
    run(state, version, *old)
    volumes = claims(cluster)
    run(state, version, *new, "--set", "pybase.image.tag=1.0.1", ATOMIC[version])
    assert image(cluster).endswith(":1.0.1")
    run(state, version, "rollback", RELEASE, *WAIT)
    assert image(cluster).endswith(":1.0.0")
    assert claims(cluster) == volumes
    run(state, version, "uninstall", RELEASE, "--wait")
    run(state, version, *new)
    assert claims(cluster) == volumes


@pytest.mark.parametrize("version", helm.PINNED)
def test_an_upgrade_that_fails_is_taken_back(version: int, state: Instance, cluster: Cluster, room: None) -> None:
    install = ("upgrade", "--install", RELEASE, str(CHART), example("all-external"), "--wait", "--timeout=30s")
    run(state, version, *install)
    broken = ("--set", "api.nodeSelector.nowhere=x", "--set", "migrate.enabled=false")
    with pytest.raises(AssertionError, match=r"pybase-api|rolled back"):
        run(state, version, *install, ATOMIC[version], *broken)
    assert '"status":"deployed"' in run(state, version, "status", RELEASE, "--output=json")
    api = cluster.get("deployment", "pybase-api", NAMESPACE) or {}
    assert "nodeSelector" not in api["spec"]["template"]["spec"]
