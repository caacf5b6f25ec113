"""All that a cluster holds at a moment, but for what lives by itself, and what differs between two moments."""

import copy
from collections.abc import Mapping
from typing import Any

from gitops import installed
from gitops.cluster import Cluster
from gitops.difference import Difference, differences
from gitops.manifests import Build, Manifest

# Made, renewed and deleted by controllers for other objects, all the time.
LIVING = frozenset(
    {"ControllerRevision", "EndpointSlice", "Endpoints", "Event", "IPAddress", "Lease", "Node", "Pod", "ReplicaSet"}
)
_SERVER = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "uid")
_WRITTEN = (  # annotations: a count of ReplicaSets; the object as Argo CD knows it, with its hash
    "deployment.kubernetes.io/revision",
    "argocd.argoproj.io/tracking-id",
)
_OWN = ("batch.kubernetes.io/controller-uid", "controller-uid")  # the labels that tie a Job's pods to it
Snapshot = Mapping[tuple[str, str], Manifest]  # API group, Kind/namespace/name


def take(cluster: Cluster) -> Snapshot:
    """Every object of every kind that the API server serves, as it is; one that is about to go is gone."""
    kinds = [name for (_, kind), name in installed.resources(cluster).items() if kind not in LIVING]
    found = map(Manifest, cluster.every(",".join(sorted(kinds))))
    return {
        (installed.group(item), item.identity): item for item in found if not item.get("metadata", "deletionTimestamp")
    }


def between(before: Snapshot, after: Snapshot) -> list[Difference]:
    """What a reviewer would call different, found as `gitops diff` finds it between two renders."""
    return differences(*(Build("", objects=[plain(item) for item in side.values()]) for side in (before, after)))


def plain(item: Manifest) -> Manifest:
    """The object without its state and what the API server and controllers write into it."""
    data: dict[str, Any] = copy.deepcopy(item.data)
    data.pop("status", None)
    metadata = data["metadata"]
    for key in _SERVER:
        metadata.pop(key, None)
    for key in _WRITTEN:
        metadata.get("annotations", {}).pop(key, None)
    if item.kind == "Job":
        data["spec"].pop("selector", None)
        for labels in (metadata.get("labels", {}), data["spec"]["template"]["metadata"].get("labels", {})):
            for key in _OWN:
                labels.pop(key, None)
    return Manifest(data)


def uid(item: Manifest) -> str:
    return str(item.get("metadata", "uid"))
