"""What the cluster has, read with one query per kind, and what a check says about it."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from gitops.cluster import Cluster, Object
from gitops.errors import GitopsError
from gitops.manifests import Build, Manifest, mapping, selects

PASSED, FAILED, WARNING, SKIPPED = "passed", "failed", "warning", "skipped"
SIMULATED = "kwok.x-k8s.io/node"  # the annotation of a node whose pods are played (kwok.sigs.k8s.io)
KINDS = (
    "deployments.apps", "statefulsets.apps", "jobs.batch", "pods", "services", "endpointslices.discovery.k8s.io",
    "persistentvolumeclaims", "horizontalpodautoscalers.autoscaling", "networkpolicies.networking.k8s.io",
    "poddisruptionbudgets.policy", "ingresses.networking.k8s.io", "events",
)  # fmt: skip
# Kinds that controllers bring: asked for when the render has them, in a query of their own, which may fail.
CUSTOM = {
    "Gateway": "gateways.gateway.networking.k8s.io",
    "HTTPRoute": "httproutes.gateway.networking.k8s.io",
    "SealedSecret": "sealedsecrets.bitnami.com",
}
COMPONENT = "app.kubernetes.io/component"


@dataclass(frozen=True)
class Result:
    """One answer of a check; `hint` is what to do or look at next, "" when nothing is to be done."""

    check: str
    outcome: str
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Live:
    """The objects of the render's namespaces; `simulated` are the nodes whose pods are played."""

    cluster: Cluster
    objects: list[Manifest] = field(default_factory=list)
    simulated: frozenset[str] = frozenset()
    seconds: int = 10  # that one program inside a pod may take

    def of_kind(self, *kinds: str) -> Iterator[Manifest]:
        return (found for found in self.objects if found.kind in kinds)

    def find(self, wanted: Manifest) -> Manifest | None:
        """The object that the cluster has for one of the render."""
        return self.named(wanted.kind, wanted.namespace, wanted.name)

    def named(self, kind: str, namespace: str, name: str) -> Manifest | None:
        match = (kind, namespace, name)
        return next((found for found in self.objects if (found.kind, found.namespace, found.name) == match), None)

    def pods(self, owner: Manifest) -> list[Manifest]:
        """The pods of a workload that are not on their way out, by name."""
        found = (pod for pod in self.of_kind("Pod") if pod.namespace == owner.namespace)
        mine = (pod for pod in found if selects(mapping(owner.get("spec", "selector")), pod.labels))
        return sorted((pod for pod in mine if not pod.get("metadata", "deletionTimestamp")), key=lambda pod: pod.name)

    def played(self, pod: Manifest) -> bool:
        """Is the pod on a simulated node? Then nothing runs in it."""
        return str(pod.get("spec", "nodeName")) in self.simulated


def read(cluster: Cluster, build: Build) -> Live:
    """All objects of the kinds in the namespaces of the build, and which nodes are simulated."""
    found = [item for namespace in namespaces(build) for item in cluster.every(",".join(KINDS), namespace)]
    for kind, namespace in sorted({(item.kind, item.namespace) for item in build.of_kind(*CUSTOM)}):
        with contextlib.suppress(GitopsError):  # not served, or not allowed: then its objects are not there
            found += cluster.every(CUSTOM[kind], namespace)
    nodes: list[Manifest] = []
    with contextlib.suppress(GitopsError):  # whoever may look at one namespace only may not see nodes
        nodes = [Manifest(node) for node in cluster.every("nodes")]
    simulated = frozenset(node.name for node in nodes if SIMULATED in node.annotations)
    return Live(cluster, [Manifest(item) for item in found], simulated)


def namespaces(build: Build) -> list[str]:
    """The namespaces that the build makes, else those that it uses."""
    made = [manifest.name for manifest in build.of_kind("Namespace")]
    return sorted(made or {manifest.namespace for manifest in build.objects} - {""})


def number(item: Manifest | Object, *path: str | int) -> int:
    """A count of a status, 0 where it is left out."""
    value = Manifest(item).get(*path) if isinstance(item, dict) else item.get(*path)
    return value if isinstance(value, int) else 0


def condition(item: Manifest, kind: str) -> tuple[str, str]:
    """(status, message) of a condition, ("", "") when the object has none of that type."""
    for entry in item.get("status", "conditions") or []:
        if mapping(entry).get("type") == kind:
            return str(entry.get("status", "")), str(entry.get("message") or entry.get("reason") or "")
    return "", ""
