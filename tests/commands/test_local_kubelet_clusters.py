"""Which clusters `gitops local up --context` takes: the guard, the distributions and their hints, what is missing."""

from pathlib import Path
from typing import Any

import pytest

import fake_cluster
from fake_cluster import Fake
from gitops.fleet import Fleet
from kubelets import CLASS, CLUSTER, LABELS, Run, changes, minikube, node
from support import Gitops


@pytest.fixture
def fake(tmp_path: Path, the_fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> Fake:
    return minikube(tmp_path, the_fleet, monkeypatch)


@pytest.fixture
def up(gitops: Gitops, fake: Fake) -> Run:
    return lambda *options: gitops("local", "up", "--context", "dev", "--no-wait", *options)


@pytest.mark.parametrize("name", ["arn:aws:eks:us-east-1:1:cluster/prod", "gke_prod", "..", "kubernetes-admin@ü"])
def test_a_cluster_elsewhere_is_asked_about(
    name: str, up: Run, fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.holds([node(), CLASS])
    monkeypatch.setenv("FAKE_CONTEXT", f"{name} https://10.0.0.1")
    question = f"context {name} (https://10.0.0.1) does not look like a cluster of this machine"
    assert f"asks first: {question}\n" in up("--context", name, "--dry-run").out
    answer = up("--context", name)
    assert (answer.code, changes(fake)) == (2, []) and "add --yes" in answer.err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stdin.readline", lambda: "yes\n")
    assert (up("--context", name).code, changes(fake)) == (1, [])
    assert up("--context", name, "--yes").code == 0
    assert len(list((tmp_path / "pybase-gitops").iterdir())) == 1


@pytest.mark.parametrize(
    "context", ["minikube https://192.168.49.2", "kind-dev https://10.0.0.1", "k3s https://127.0.0.1:6443"]
)
def test_a_cluster_of_this_machine_is_not(context: str, up: Run, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.holds([node(), CLASS])
    monkeypatch.setenv("FAKE_CONTEXT", context)
    assert up("--context", context.split()[0]).code == 0


SAVE = "docker save {} --output image.tar; "


K3S = {"nodeInfo": {"kubeletVersion": "v1.36.3+k3s1"}, **fake_cluster.true("Ready")}


@pytest.mark.parametrize(
    "context, fields, load, storage",
    [
        ("dev", {"labels": LABELS}, "minikube image load {} --profile dev", "minikube addons enable default-storage"),
        ("kind-two", {}, "kind load docker-image {} --name two", "install a provisioner"),
        ("mine", {"spec": {"providerID": "kind://docker/mine/a"}}, "kind load docker-image {} --name mine", "install"),
        ("k3d-a", {"status": K3S}, "k3d image import {} --cluster a", "install a provisioner"),
        ("default", {"status": K3S}, SAVE + "sudo k3s ctr images import image.tar", "install a provisioner"),
        ("microk8s", {}, SAVE + "microk8s ctr image import image.tar", "microk8s enable hostpath-storage"),
        ("docker-desktop", {}, "docker build --tag {} in the sources of PyBase", "install a provisioner"),
        ("x", {}, "load {} into its nodes, or push it", "install a provisioner"),
    ],
)  # fmt: skip
def test_hints_are_those_of_the_distribution(
    context: str, fields: dict[str, Any], load: str, storage: str, up: Run, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.holds([node(**fields)])
    monkeypatch.setenv("FAKE_CONTEXT", f"{context} https://127.0.0.1:6443")
    answer = up("--context", context)
    assert (answer.code, changes(fake)) == (1, []) and "mend what FAILED first" in answer.err
    assert "FAILED   storage            default StorageClass is not there\n" in answer.out
    assert f"-> {storage}" in answer.out
    assert f"-> {load.format('ghcr.io/pybase/pybase:1.0.0')}" in answer.out


def test_images_on_a_node_are_well(up: Run, fake: Fake) -> None:
    images = [{"names": ["ghcr.io/pybase/pybase:1.0.0"]}]
    fake.holds([node(labels=LABELS, status={"images": images, **fake_cluster.true("Ready")}), CLASS])
    out = up("--dry-run").out
    assert "ok       images             ghcr.io/pybase/pybase:1.0.0 is on a node\n" in out
    assert "warning  images             ghcr.io/pybase/pybase-frontend:1.0.0" in out


def test_a_cluster_that_is_down_gets_the_command_that_starts_it(up: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_DOWN", "The connection to the server 192.168.49.2:8443 was refused")
    monkeypatch.setenv("FAKE_CONTEXT", "minikube https://192.168.49.2:8443")
    answer = up("--context", "minikube")
    assert (answer.code, answer.out) == (2, "")
    assert "was refused" in answer.err and answer.err.endswith(": minikube start --profile minikube\n")


def test_another_cluster_that_is_down_gets_no_guess(up: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_DOWN", 'context "nope" does not exist')
    answer = up("--context", "nope")
    assert answer.code == 2 and answer.err.endswith("--context, and check that it is up\n")


def test_no_node_is_ready(up: Run, fake: Fake) -> None:
    fake.holds([node(labels=LABELS, status={}), CLASS])
    answer = up()
    assert answer.code == 1 and "FAILED   nodes              0 of 1 nodes are ready (minikube)\n" in answer.out


def test_an_api_server_that_policies_close_is_named(up: Run, fake: Fake) -> None:
    slices = {"kind": "EndpointSlice", "metadata": {"name": "kubernetes", "namespace": "default"}}
    fake.holds([node(status=K3S), CLASS, {**slices, "endpoints": [{"addresses": ["10.1.2.3"]}]}])
    out = up("--dry-run").out
    assert "NetworkPolicy pybase-api-server keeps workers from 10.1.2.3, the API server\n" in out
    assert f"-> write api-server-cidr=10.1.2.3/32 in the facts of {CLUSTER}\n" in out
