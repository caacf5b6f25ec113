"""Autoscalers, what they scale, and how many pods a workload has at least. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gitops.manifests import Build, Manifest, mapping, sequence
from gitops.selection import owners

HPA, KEDA = "HorizontalPodAutoscaler", "ScaledObject"
SCALABLE = ("Deployment", "StatefulSet", "ReplicaSet")


@dataclass(frozen=True)
class Autoscaler:
    """A HorizontalPodAutoscaler, or a ScaledObject of KEDA, which makes one. `target` is (kind, name)."""

    manifest: Manifest
    target: tuple[str, str]
    group: str
    minimum: int
    maximum: int

    @property
    def fields(self) -> tuple[str, str]:
        """What minimum and maximum are called."""
        keda = self.manifest.kind == KEDA
        return ("minReplicaCount", "maxReplicaCount") if keda else ("minReplicas", "maxReplicas")

    def scales(self, workload: Manifest) -> bool:
        return self.manifest.namespace == workload.namespace and self.target == (workload.kind, workload.name)


def autoscalers(build: Build) -> Iterator[Autoscaler]:
    """Defaults: https://keda.sh/docs/latest/reference/scaledobject-spec/ and HorizontalPodAutoscalerSpec."""
    for manifest in build.of_kind(HPA, KEDA):
        keda = manifest.kind == KEDA
        target = mapping(manifest.get("spec", "scaleTargetRef"))
        kind, version = (target.get(key) or default for key, default in _DEFAULTS[keda].items())
        low, high = ("minReplicaCount", "maxReplicaCount") if keda else ("minReplicas", "maxReplicas")
        yield Autoscaler(
            manifest,
            (str(kind), str(target.get("name"))),
            str(version).rpartition("/")[0],
            _number(manifest.get("spec", low), 0 if keda else 1),
            _number(manifest.get("spec", high), 100),
        )


_DEFAULTS = {True: {"kind": "Deployment", "apiVersion": "apps/v1"}, False: {"kind": "", "apiVersion": ""}}


def minimum(build: Build, workload: Manifest) -> int:
    """The fewest pods it is meant to have: its autoscaler's minimum, else its replicas. One that names another workload
    than that of its own labels counts for both: autoscaler-target says that."""
    found = [autoscaler.minimum for autoscaler in _scaling(build, workload)]
    return max(found) if found else _number(workload.get("spec", "replicas"), 1)


def utilized(manifest: Manifest) -> set[str]:
    """The resources whose utilization an autoscaler computes, of the pod or of one container."""
    metrics = map(mapping, sequence(manifest.get("spec", "metrics")))
    held = (mapping(metric.get(field)) for metric in metrics for field in ("resource", "containerResource"))
    return {str(each.get("name")) for each in held if mapping(each.get("target")).get("type") == "Utilization"}


def maximum(build: Build, workload: Manifest) -> int:
    """The most pods it may have, in the same way."""
    found = [autoscaler.maximum for autoscaler in _scaling(build, workload)]
    return max(found) if found else _number(workload.get("spec", "replicas"), 1)


def _scaling(build: Build, workload: Manifest) -> list[Autoscaler]:
    known = list(autoscalers(build))
    found = [autoscaler for autoscaler in known if autoscaler.scales(workload)]
    return found or [each for each in known if workload in owners(build, each.manifest)]


def _number(value: Any, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else default
