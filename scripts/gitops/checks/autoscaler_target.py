"""An autoscaler scales nothing, has bounds that keep it from working, or shares its target with another.

Why: a HorizontalPodAutoscaler with a wrong target or a metric that it cannot compute only reports a condition; the
workload stays at the size it has. A minimum below 2 takes the second pod away whenever load is low, so outside
development it is 2 or more. Utilization is a share of the request: every container of the pod needs one of the metric's
resource (a limit alone counts as one). Two autoscalers on one workload undo each other's work. Read are
HorizontalPodAutoscalers and KEDA's ScaledObjects, which count from 0 when they name no minimum.

Fails:

    scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: pybase-ap}
    minReplicas: 1

Passes:

    scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: pybase-api}
    minReplicas: 2

Fix: correct the reference or the figure; keep one autoscaler.
Cannot see: whether the metrics server or an adapter is there, and requests that a LimitRange adds.
Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
"""

from collections.abc import Iterator

from gitops.fleet import Fleet
from gitops.layout import nearest
from gitops.manifests import Build, Container, Manifest, containers, dig, mapping, sequence
from gitops.nodes import Key
from gitops.problems import Problem
from gitops.references import left_out
from gitops.scaling import SCALABLE, Autoscaler, autoscalers

ID = "autoscaler-target"
SEVERITY = "error"
CONTROLS = ("AV05", "AV07")
READS = ("render",)
TARGET = ("spec", "scaleTargetRef")


def check(fleet: Fleet) -> Iterator[Problem]:
    unlisted = {(manifest.kind, manifest.name) for manifest in left_out(fleet)}
    for build in fleet.builds:
        seen: dict[tuple[str, tuple[str, str]], Autoscaler] = {}
        for autoscaler in sorted(autoscalers(build), key=lambda each: (each.manifest.kind, each.manifest.name)):
            yield from _bounds(fleet, build, autoscaler)
            target = build.find(autoscaler.target[0], autoscaler.manifest.namespace, autoscaler.target[1])
            if target is None and autoscaler.target not in unlisted:
                yield _missing(fleet, build, autoscaler)
            if target is None:
                continue
            yield from _kind(fleet, autoscaler, target)
            first = seen.setdefault((autoscaler.manifest.namespace, autoscaler.target), autoscaler)
            if first is not autoscaler:
                message = f"{'/'.join(autoscaler.target)} is scaled by {first.manifest.kind}/{first.manifest.name} too"
                fix = "delete one of the two, or correct its target"
                yield fleet.at(ID, autoscaler.manifest, (*TARGET, "name"), message, fix)
            yield from _metrics(fleet, autoscaler.manifest, target)


def _missing(fleet: Fleet, build: Build, autoscaler: Autoscaler) -> Problem:
    manifest, (kind, name) = autoscaler.manifest, autoscaler.target
    known = {m.name: m.kind for m in build.of_kind(*SCALABLE) if m.namespace == manifest.namespace}
    if name in known:
        message = f"there is no {kind}/{name}, but a {known[name]}"
        return fleet.at(ID, manifest, (*TARGET, "kind"), message, f"write kind: {known[name]}")
    message = f"there is no {kind}/{name}{nearest(name, known)}"
    return fleet.at(ID, manifest, (*TARGET, "name"), message, "name the workload to scale")


def _kind(fleet: Fleet, autoscaler: Autoscaler, target: Manifest) -> Iterator[Problem]:
    manifest, version = autoscaler.manifest, str(target.get("apiVersion"))
    if target.pod_path is not None and target.kind not in SCALABLE:
        message = f"a {target.kind} has no number of replicas to set"
        yield fleet.at(ID, manifest, (*TARGET, "kind"), message, f"name a {SCALABLE[0]} or {SCALABLE[1]}")
    elif autoscaler.group != version.rpartition("/")[0] or manifest.get(*TARGET, "apiVersion") not in (None, version):
        message = f"apiVersion {manifest.get(*TARGET, 'apiVersion')} is not that of {'/'.join(autoscaler.target)}"
        yield fleet.at(ID, manifest, (*TARGET, "apiVersion"), message, f"write apiVersion: {version}")


def _bounds(fleet: Fleet, build: Build, autoscaler: Autoscaler) -> Iterator[Problem]:
    manifest, (low, high) = autoscaler.manifest, autoscaler.fields
    if autoscaler.minimum > autoscaler.maximum:
        message = f"{low} {autoscaler.minimum} is above {high} {autoscaler.maximum}"
        yield fleet.at(ID, manifest, ("spec", low), message, f"lower {low} or raise {high}")
    elif autoscaler.minimum < 2 and fleet.environment(build) != "development":
        fix = f"write {low}: 2" if autoscaler.maximum > 1 else f"write {low}: 2 and a higher {high}"
        yield fleet.at(ID, manifest, ("spec", low), f"{low} {autoscaler.minimum} leaves no second pod", fix)


def _metrics(fleet: Fleet, manifest: Manifest, target: Manifest) -> Iterator[Problem]:
    """The requests behind a utilization; of all containers, or of the one that the metric names."""
    known = [container for container in containers(target) if _runs(container)]
    asked: set[tuple[str, str]] = set()
    for index, metric in enumerate(map(mapping, sequence(manifest.get("spec", "metrics")))):
        field = "resource" if metric.get("type") == "Resource" else "containerResource"
        resource = mapping(metric.get(field))
        name, only = str(resource.get("name")), str(resource.get("container", ""))
        if only and only not in {container.name for container in known}:
            path: tuple[Key, ...] = ("spec", "metrics", index, field, "container")
            message = f"there is no container {only}{nearest(only, [container.name for container in known])}"
            yield fleet.at(ID, manifest, path, message, f"name a container of {target.kind}/{target.name}")
        if resource and dig(resource, "target", "type") == "Utilization":
            asked |= {(container.name, name) for container in known if only in ("", container.name)}
    for container in known:
        for name in sorted(name for holder, name in asked if holder == container.name):
            if not any(_has(container, kind, name) for kind in ("requests", "limits")):
                path = (*container.path, "resources", "requests")
                message = f"container {container.name} requests no {name}, of which {manifest.kind}/{manifest.name}"
                yield fleet.at(ID, target, path, f"{message} computes the utilization", f"write its request of {name}")


def _runs(container: Container) -> bool:
    """Does it run beside the others? Init containers do when they are sidecars."""
    return "containers" in container.path or container.spec.get("restartPolicy") == "Always"


def _has(container: Container, kind: str, name: str) -> bool:
    return dig(container.spec, "resources", kind, name) is not None
