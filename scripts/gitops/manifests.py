"""Rendered objects: identity, pods, containers, selectors. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

# Where each kind keeps its pod template.
POD_PATHS: dict[str, tuple[str, ...]] = {
    "Pod": (),
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")

# Kinds of this repository without a namespace; every other one is namespaced.
CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "CSIDriver",
        "ClusterIssuer",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "GatewayClass",
        "IngressClass",
        "IngressClassParams",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeSnapshotClass",
    }
)


@dataclass(frozen=True)
class Manifest:
    """One object of a build. `origin` and `changed_in` are repository paths: where it is defined, who changed it."""

    data: dict[str, Any]
    origin: str = ""
    changed_in: tuple[str, ...] = ()
    build: str = ""

    @property
    def kind(self) -> str:
        return str(self.data.get("kind", ""))

    @property
    def name(self) -> str:
        return str(self.get("metadata", "name") or "")

    @property
    def namespace(self) -> str:
        """The namespace, "" for cluster-scoped kinds."""
        return "" if self.kind in CLUSTER_SCOPED else str(self.get("metadata", "namespace") or "")

    @property
    def identity(self) -> str:
        """Kind/namespace/name, with `-` for the namespace of a cluster-scoped object."""
        return f"{self.kind}/{self.namespace or '-'}/{self.name}"

    @property
    def written(self) -> str:
        """The identity as people wrote it: a generated object without its hash."""
        generated = self.kind in ("ConfigMap", "Secret") and self.origin.endswith("/kustomization.yaml")
        return unhashed(self.identity) if generated else self.identity

    @property
    def labels(self) -> dict[str, str]:
        return mapping(self.get("metadata", "labels"))

    @property
    def annotations(self) -> dict[str, str]:
        return mapping(self.get("metadata", "annotations"))

    def get(self, *path: str | int) -> Any:
        """The value at `path`, or None."""
        return dig(self.data, *path)

    @property
    def pod_path(self) -> tuple[str, ...] | None:
        """Path of the pod template (metadata and spec), None for objects without pods."""
        return POD_PATHS.get(self.kind)

    @property
    def pod(self) -> dict[str, Any]:
        """The pod spec, {} for objects without pods."""
        return {} if self.pod_path is None else mapping(self.get(*self.pod_path, "spec"))

    @property
    def pod_labels(self) -> dict[str, str]:
        return {} if self.pod_path is None else mapping(self.get(*self.pod_path, "metadata", "labels"))


def unhashed(name: str) -> str:
    """A name without the hash that a generator appended (kustomize/api: hasher.encode)."""
    return re.sub(r"-[24-9bcdfghkmt]{10}$", "", name)


class Container(NamedTuple):
    """A container and its path inside the object."""

    spec: dict[str, Any]
    path: tuple[str | int, ...]
    init: bool

    @property
    def name(self) -> str:
        return str(self.spec.get("name", ""))


def containers(manifest: Manifest) -> Iterator[Container]:
    """Every container of the object's pods, init and ephemeral ones too; one without an image is schema-valid's."""
    return (container for container in _containers(manifest) if container.spec.get("image"))


def imageless(manifest: Manifest) -> list[Container]:
    """The containers without an image: written by a patch that misspells the name of one, as a rule."""
    return [container for container in _containers(manifest) if not container.spec.get("image")]


def _containers(manifest: Manifest) -> Iterator[Container]:
    for where in CONTAINER_LISTS if manifest.pod_path is not None else ():
        for index, spec in enumerate(sequence(manifest.pod.get(where))):
            if isinstance(spec, dict):
                yield Container(spec, (*(manifest.pod_path or ()), "spec", where, index), where != "containers")


def dig(value: Any, *path: str | int) -> Any:
    """The value below `value` at `path`, or None where a step does not exist."""
    for key in path:
        if isinstance(value, dict) and isinstance(key, str):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and -len(value) <= key < len(value):
            value = value[key]
        else:
            return None
    return value


def strings(value: Any, *path: str | int) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """(path, text) of every text below `value`, which is itself at `path`."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, held in value.items():
            yield from strings(held, *path, key)
    elif isinstance(value, list):
        for index, held in enumerate(value):
            yield from strings(held, *path, index)


def mapping(value: Any) -> dict[str, Any]:
    """`value` if it is a mapping, else {}: what is of the wrong type is the schema rule's business."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """`value` if it is a list, else []."""
    return value if isinstance(value, list) else []


def selects(selector: Mapping[str, Any] | None, labels: Mapping[str, str]) -> bool:
    """Does a Kubernetes label selector match? None selects nothing, {} everything (LabelSelector, meta/v1)."""
    if not isinstance(selector, Mapping):
        return False
    if any(labels.get(key) != value for key, value in mapping(selector.get("matchLabels")).items()):
        return False
    return all(_expression(mapping(entry), labels) for entry in sequence(selector.get("matchExpressions")))


def _expression(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = str(expression.get("key")), sequence(expression.get("values"))
    match expression.get("operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
    return False


@dataclass(frozen=True)
class Build:
    """One rendered kustomization folder. `reads`: every repository file the build opened."""

    folder: str
    cluster: str = ""
    part: str = ""
    objects: list[Manifest] = field(default_factory=list)
    reads: frozenset[str] = frozenset()
    error: str = ""

    def of_kind(self, *kinds: str) -> Iterator[Manifest]:
        return (manifest for manifest in self.objects if manifest.kind in kinds)

    def find(self, kind: str, namespace: str, name: str) -> Manifest | None:
        """The object with that identity, or None."""
        return self._index.get((kind, namespace, name))

    @cached_property
    def _index(self) -> dict[tuple[str, str, str], Manifest]:
        return {(manifest.kind, manifest.namespace, manifest.name): manifest for manifest in self.objects}

    def with_pods(self) -> Iterator[Manifest]:
        return (manifest for manifest in self.objects if manifest.pod_path is not None)
