"""Every object of every cluster is taken by real API servers, that of the platform and one of the newest Kubernetes:
no unknown field, no warning, nothing dropped.

No warning either: Pod Security warns about a workload whose pods its namespace would refuse, the API server about a
deprecated or duplicated field.
"""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from gitops import tools
from gitops.cluster import Cluster, Object
from gitops.fleet import Fleet
from gitops.layout import PARTS, Repository
from gitops.local import definitions, platform
from gitops.local.instance import Instance
from gitops.progress import silent
from support import ROOT, required

SERVERS = ("platform", "kube-apiserver")  # the programs of tools/ that hold an API server
LOCAL = "bare-metal-development-local"

BUILDS = [f"clusters/{cluster.name}/{part}" for cluster in Repository(ROOT).clusters for part in PARTS]
STRICT = (
    "apply",
    "--server-side",
    "--force-conflicts",
    "--dry-run=server",
    "--validate=strict",
    "--output=json",
    "--filename=-",
)
# The name is Argo CD's own, and older than the advice.
KNOWN = 'metadata.finalizers: "resources-finalizer.argocd.argoproj.io": prefer a domain-qualified finalizer name'
LEVELS = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}


def lost(sent: Any, kept: Any, path: str = "") -> list[str]:
    """The fields of `sent` that `kept` has not, or has with another value; the server writes quantities anew."""
    if isinstance(sent, dict) and isinstance(kept, dict):
        return [found for key, value in sent.items() for found in lost(value, kept.get(key), f"{path}.{key}")]
    if isinstance(sent, list) and isinstance(kept, list) and len(sent) == len(kept):
        return [found for index, value in enumerate(sent) for found in lost(value, kept[index], f"{path}[{index}]")]
    empty = sent in ({}, [], "", None, 0, False) and kept in ({}, [], "", None, 0, False)
    return [] if empty or str(sent) == str(kept) or quantity(sent) == quantity(kept) is not None else [path]


def quantity(value: Any) -> float | None:
    """A quantity of CPU or memory as a number."""
    text = str(value)
    for suffix, factor in {"m": 0.001, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}.items():
        if text.endswith(suffix) and text.removesuffix(suffix).isdigit():
            return int(text.removesuffix(suffix)) * factor
    return float(text) if text.isdigit() else None


def dry_run(kubectl: Cluster, objects: list[Object]) -> tuple[list[Object], list[str]]:
    """(the objects as the server would keep them, the lines it says beside)."""
    body = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    command = [kubectl.kubectl, f"--kubeconfig={kubectl.kubeconfig}", *STRICT]
    done = subprocess.run(command, input=body, capture_output=True, text=True, check=False)
    answer = json.loads(done.stdout) if done.stdout.strip() else {"kind": "List", "items": []}
    return answer["items"] if answer["kind"] == "List" else [answer], done.stderr.strip().splitlines()


def version(server: str) -> str:
    return required("k8s.io/kubernetes", server)


@pytest.fixture(scope="module", params=SERVERS, ids=version)
def server(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def kubectl(server: str, tmp_path_factory: pytest.TempPathFactory, the_fleet: Fleet) -> Iterator[Cluster]:
    """The platform with that API server; it knows every custom kind of the fleet, and nothing is synced."""
    made = Instance("e2e", tmp_path_factory.mktemp("e2e") / "state")
    local = [build for build in the_fleet.builds if build.cluster == LOCAL]
    kinds = definitions.needed(the_fleet.repository, the_fleet.builds)
    try:
        platform.up(made, tools.build("platform"), local, kinds, silent, tools.build(server))
        yield platform.kubectl(made)
    finally:
        platform.down(made, purge=True)


@pytest.fixture(scope="module", autouse=True)
def namespaces(kubectl: Cluster, the_fleet: Fleet) -> None:
    """A dry run makes none; each enforces and warns at the level `restricted`, whatever the fleet says."""
    names = {manifest.namespace for build in the_fleet.builds for manifest in build.objects} - {"", "kube-system"}
    made = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": n, "labels": LEVELS}} for n in sorted(names)]
    kubectl.apply(made)


@pytest.mark.parametrize("folder", BUILDS)
def test_the_api_server_takes_every_object_as_it_is(folder: str, kubectl: Cluster, the_fleet: Fleet) -> None:
    (build,) = [build for build in the_fleet.builds if build.folder == folder]
    objects = [manifest.data for manifest in build.objects]
    kept, warnings = dry_run(kubectl, objects)
    assert [line for line in warnings if KNOWN not in line and "warning received" not in line] == []
    assert len(kept) == len(objects)
    for sent, back in zip(objects, kept, strict=True):
        assert lost(sent, back) == [], f"{sent['kind']}/{sent['metadata']['name']}"


def test_the_api_server_is_that_of_its_module(server: str, kubectl: Cluster) -> None:
    said = json.loads(kubectl.run("version", "--output=json"))
    assert said["serverVersion"]["gitVersion"] == version(server)


def test_a_pod_that_is_not_restricted_is_refused(kubectl: Cluster) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "pybase"}}
    kept, said = dry_run(kubectl, [{**pod, "spec": {"containers": [{"name": "c", "image": "i"}]}}])
    assert kept == [] and 'violates PodSecurity "restricted' in said[0]
