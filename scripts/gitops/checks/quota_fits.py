"""What all pods of a namespace may take is more than its ResourceQuota, or a container is outside a LimitRange.

Why: past the quota no pod is made, and a rollout or an autoscaler stops without an error on the workload itself.
Counted is every workload at its autoscaler's maximum, with what a rollout adds (maxSurge), Jobs, and CronJobs once,
with the defaults of LimitRanges; of a pod its containers together, or its largest init container when that is more.

Fails:

    kind: ResourceQuota
    spec: {hard: {requests.cpu: "1"}}  # and ten pods of 200m

Passes:

    kind: ResourceQuota
    spec: {hard: {requests.cpu: "3"}}

Fix: raise the quota or lower maxReplicas.
Cannot see: pods that are still ending, DaemonSets (one pod for each node), quotas with scopes, counts of other things
than cpu, memory, ephemeral-storage and pods, and pods that charts and operators make.
Source: https://kubernetes.io/docs/concepts/policy/resource-quotas/
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from gitops import budgets, pod_resources, quantity
from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest, containers, mapping
from gitops.problems import Problem
from gitops.scaling import maximum

ID = "quota-fits"
SEVERITY = "error"
CONTROLS = ("RS05",)
READS = ("render",)
_COUNTED = ("cpu", "memory", "ephemeral-storage")


def check(fleet: Fleet) -> Iterator[Problem]:
    worst: dict[tuple[str, int, str], tuple[Decimal, Problem]] = {}
    sums: list[tuple[tuple[str, int, str], Problem]] = []
    for build in fleet.builds:
        for manifest in build.with_pods():
            yield from _bounds(fleet, build, manifest)
        for quota in build.of_kind("ResourceQuota"):
            for name, needed, problem in _quota(fleet, build, quota):
                place = (problem.path, problem.line, name)
                sums.append((place, problem))
                if place not in worst or needed > worst[place][0]:
                    worst[place] = needed, problem
    for place, problem in sums:  # one quota is one mistake: of the cluster that needs the most
        yield replace(problem, message=worst[place][1].message)


def _quota(fleet: Fleet, build: Build, quota: Manifest) -> Iterator[tuple[str, Decimal, Problem]]:
    spec = mapping(quota.get("spec"))
    if spec.get("scopes") or spec.get("scopeSelector"):
        return
    limits = [e for _, _, e in pod_resources.ranges(build, quota.namespace) if e.get("type") == "Container"]
    pods = [(m, _pods(build, m), pod_resources.of_pod(m, limits)) for m in _workloads(build, quota.namespace)]
    for name, value in mapping(spec.get("hard")).items():
        hard, (field, resource) = quantity.number(value), _meant(str(name))
        if hard is None or resource not in (*_COUNTED, "pods"):
            continue
        each = [(m, Decimal(n), Decimal(1) if resource == "pods" else a[field].get(resource)) for m, n, a in pods]
        needed = sum((number * (amount or 0) for _, number, amount in each), Decimal(0))
        if needed > hard:
            most = max(each, key=lambda entry: entry[1] * (entry[2] or 0))
            message = f"{name} {value} is less than the {_text(resource, needed)} of all pods at their maximum"
            message += f", of {most[0].kind}/{most[0].name} alone {_text(resource, most[1] * (most[2] or 0))}"
            fix = "raise it, or lower maxReplicas"
            yield str(name), needed, fleet.at(ID, quota, ("spec", "hard", name), message, fix)


def _meant(name: str) -> tuple[str, str]:
    """(requests or limits, resource) of a key of `hard`."""
    if name in ("pods", "count/pods"):
        return "requests", "pods"
    field, dot, resource = name.partition(".")
    return (field, resource) if dot and field in pod_resources.FIELDS else ("requests", name)


def _workloads(build: Build, namespace: str) -> Iterator[Manifest]:
    return (m for m in build.with_pods() if m.namespace == namespace and m.kind != "DaemonSet")


def _pods(build: Build, manifest: Manifest) -> int:
    """The most at one time."""
    if manifest.kind in ("Job", "CronJob"):
        at_once = manifest.get(*(manifest.pod_path or ())[:-1], "parallelism")
        return at_once if isinstance(at_once, int) else 1
    pods = maximum(build, manifest) if manifest.kind != "Pod" else 1
    strategy = mapping(manifest.get("spec", "strategy"))
    if manifest.kind != "Deployment" or strategy.get("type") == "Recreate":
        return pods
    return pods + (budgets.scaled(mapping(strategy.get("rollingUpdate")).get("maxSurge", "25%"), pods) or 0)


def _bounds(fleet: Fleet, build: Build, manifest: Manifest) -> Iterator[Problem]:
    entries = [entry for _, _, entry in pod_resources.ranges(build, manifest.namespace)]
    own = [entry for entry in entries if entry.get("type") == "Container"]
    for container in containers(manifest) if own else ():
        held, path = pod_resources.of_container(container, own), (*container.path, "resources")
        for entry in own:
            for bound, field in (("max", "limits"), ("min", "requests")):
                for name, figure in pod_resources.amounts(entry.get(bound)).items():
                    value = held[field].get(name)
                    if value is None or (value <= figure if bound == "max" else value >= figure):
                        continue
                    written: Any = mapping(mapping(container.spec.get("resources")).get(field)).get(name, value)
                    message = f"container {container.name}: {field}.{name} {written} is outside the {bound}"
                    message += f" {mapping(entry.get(bound))[name]} of the LimitRange"
                    yield fleet.at(
                        ID, manifest, (*path, field, name), message, f"keep within it, or change its {bound}"
                    )


def _text(resource: str, figure: Decimal) -> str:
    """Cores, or Mi of bytes."""
    if resource in ("memory", "ephemeral-storage"):
        return f"{-(-figure // 1024**2)}Mi"
    return f"{figure.normalize():f}"
