"""Values that the API server refuses and the schemas let through: words of a closed list, quantities, names. Pure.

The published schemas of Kubernetes say `string` for all of them
(https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/).
"""

import re
from collections.abc import Iterator
from typing import Any

from gitops.layout import closest, nearest
from gitops.manifests import Manifest, containers, imageless, mapping
from gitops.nodes import Key

Wrong = tuple[tuple[Key, ...], str, str]  # path, message, fix

_GROUPS = ("", "apps", "autoscaling", "batch", "networking.k8s.io", "policy", "storage.k8s.io")
_FREE = ("annotations", "binaryData", "data", "labels", "matchLabels", "parameters", "stringData")  # anybody's words
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt", "Equal")
# By the last key of the path, or the last two.
_WORDS = {
    "accessModes": ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"),
    "concurrencyPolicy": ("Allow", "Forbid", "Replace"),
    "dnsPolicy": ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
    "fsGroupChangePolicy": ("OnRootMismatch", "Always"),
    "imagePullPolicy": ("Always", "IfNotPresent", "Never"),
    "nodeAffinityPolicy": ("Honor", "Ignore"),
    "nodeTaintsPolicy": ("Honor", "Ignore"),
    "operator": _OPERATORS,
    "pathType": ("Exact", "Prefix", "ImplementationSpecific"),
    "podManagementPolicy": ("OrderedReady", "Parallel"),
    "policies.type": ("Pods", "Percent"),
    "policyTypes": ("Ingress", "Egress"),
    "protocol": ("TCP", "UDP", "SCTP"),
    "reclaimPolicy": ("Retain", "Delete"),
    "restartPolicy": ("Always", "OnFailure", "Never"),
    "selectPolicy": ("Max", "Min", "Disabled"),
    "sessionAffinity": ("None", "ClientIP"),
    "strategy.type": ("RollingUpdate", "Recreate"),
    "target.type": ("Utilization", "Value", "AverageValue"),
    "unhealthyPodEvictionPolicy": ("IfHealthyBudget", "AlwaysAllow"),
    "updateStrategy.type": ("RollingUpdate", "OnDelete"),
    "volumeBindingMode": ("Immediate", "WaitForFirstConsumer"),
    "whenDeleted": ("Retain", "Delete"),
    "whenScaled": ("Retain", "Delete"),
    "whenUnsatisfiable": ("DoNotSchedule", "ScheduleAnyway"),
}
_AMOUNTS = ("default", "defaultRequest", "hard", "limits", "max", "min", "requests")  # mappings of quantities
_QUANTITY = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")


def wrong(manifest: Manifest) -> Iterator[Wrong]:
    """What the API server would refuse in an object."""
    group = str(manifest.get("apiVersion")).rpartition("/")[0]
    if manifest.name and "rbac" not in group and not _NAME.fullmatch(manifest.name):
        message = f"the name {manifest.name} is not lower-case letters, digits, - and ."
        yield ("metadata", "name"), message, "rename it"
    for container in imageless(manifest):
        there = [one.name for one in containers(manifest) if one.init == container.init]
        fix = f"write its image, or name a container that is there{nearest(container.name, there)}"
        yield (*container.path, "name"), f"container {container.name} has no image", fix
    if group in _GROUPS:
        yield from _values(manifest.data, ())


def _values(value: Any, path: tuple[Key, ...]) -> Iterator[Wrong]:
    if isinstance(value, dict):
        for key, held in value.items():
            if key not in _FREE:
                yield from _values(held, (*path, key))
            if key in _AMOUNTS:
                yield from _amounts(mapping(held), (*path, key))
    elif isinstance(value, list):
        for index, held in enumerate(value):
            yield from _values(held, (*path, index))
    elif isinstance(value, str):
        yield from _word(value, path)


def _amounts(held: dict[str, Any], path: tuple[Key, ...]) -> Iterator[Wrong]:
    for name, amount in held.items():
        if isinstance(amount, str) and not _QUANTITY.fullmatch(amount):
            message = f"{_dotted((*path, name))} {amount} is no quantity"
            yield (*path, name), message, "write digits with m, Ki, Mi, Gi or nothing behind them, as 256Mi"


def _word(value: str, path: tuple[Key, ...]) -> Iterator[Wrong]:
    if path[-1] == "sizeLimit":
        yield from _amounts({"sizeLimit": value}, path[:-1])
    names = [str(key) for key in path if isinstance(key, str)]
    words = _WORDS.get(names[-1]) or _WORDS.get(".".join(names[-2:]), ())
    if words and value not in words:
        near = closest(value.lower(), [word.lower() for word in words])
        meant = next((word for word in words if word.lower() == near), "one of these")
        yield path, f"{_dotted(path)} {value} is none of {', '.join(words)}", f"write {meant}"


def _dotted(path: tuple[Key, ...]) -> str:
    return ".".join(str(step) for step in path)
