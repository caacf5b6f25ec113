"""Kubernetes for one machine: how each distribution is recognised, and how a person gives it what it lacks. Pure.

Commands are those of minikube.sigs.k8s.io, kind.sigs.k8s.io, docs.k3s.io, k3d.io, microk8s.io and docs.docker.com.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gitops.manifests import Manifest


@dataclass(frozen=True)
class Distribution:
    """`contexts`: the names of its contexts; `alone`: its clusters are always on the person's own machine. `{name}` in
    the commands is that of the cluster, `{image}` an image of the local engine; "" where nothing is to be done."""

    name: str
    contexts: str = "(?!)"
    alone: bool = False
    start: str = ""
    load: str = "load {image} into its nodes, or push it where they can pull it"
    storage: str = "install a provisioner, and mark its StorageClass as the default one"
    metrics: str = "install metrics-server"


UNKNOWN = Distribution("another distribution")
KNOWN = (
    Distribution(
        "minikube", "minikube", True,
        "minikube start --profile {name}",
        "minikube image load {image} --profile {name}",
        "minikube addons enable default-storageclass --profile {name}; also storage-provisioner",
        "minikube addons enable metrics-server --profile {name}",
    ),
    Distribution(
        "kind", "kind-.*", True,
        "docker start {name}-control-plane, or when that is not there kind create cluster --name {name}",
        "kind load docker-image {image} --name {name}",
    ),
    Distribution(
        "k3d", "k3d-.*", True, "k3d cluster start {name}", "k3d image import {image} --cluster {name}",
    ),
    Distribution(
        "microk8s", "microk8s", False, "microk8s start",
        "docker save {image} --output image.tar; microk8s ctr image import image.tar",
        "microk8s enable hostpath-storage", "microk8s enable metrics-server",
    ),
    Distribution(
        "docker-desktop", "docker-desktop", True, "switch Kubernetes on in the settings of Docker Desktop",
        "docker build --tag {image} in the sources of PyBase: the cluster shares the engine's images",
    ),
    Distribution(
        "k3s", start="sudo systemctl start k3s",
        load="docker save {image} --output image.tar; sudo k3s ctr images import image.tar",
    ),
)  # fmt: skip
OTHER_CONTEXTS = ("rancher-desktop", "orbstack", "colima.*")  # of one machine too, nothing else is known of them
LOCAL = re.compile("|".join([*(known.contexts for known in KNOWN), *OTHER_CONTEXTS]))


def detect(context: str, nodes: Iterable[Manifest] = ()) -> Distribution:
    """By the name of the context, else by what the nodes say of themselves."""
    for known in KNOWN:
        if re.fullmatch(known.contexts, context):
            return known
    names = {_of(node) for node in nodes}
    return next((known for known in KNOWN if known.name in names), UNKNOWN)


def _of(node: Manifest) -> str:
    """The distribution of a node by its labels, its provider's id and the version of its kubelet."""
    if "minikube.k8s.io/name" in node.labels:
        return "minikube"
    if str(node.get("spec", "providerID")).startswith("kind://"):
        return "kind"
    if "microk8s.io/cluster" in node.labels:
        return "microk8s"
    if "+k3s" in str(node.get("status", "nodeInfo", "kubeletVersion")):
        return "k3d" if node.name.startswith("k3d-") else "k3s"
    return node.name if node.name == "docker-desktop" else ""


def fill(command: str, context: str, image: str = "") -> str:
    """The command for the cluster of that context."""
    name = re.sub(r"^(kind|k3d)-", "", context)
    return command.replace("{name}", name).replace("{image}", image)
