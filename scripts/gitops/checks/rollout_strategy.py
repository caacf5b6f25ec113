"""A rollout leaves no pod to answer, cannot go on, or starts a second pod on a volume for one.

Why: maxUnavailable is rounded down and maxSurge up; what may be away is away at once. With both at 0 the API server
refuses the Deployment. Recreate stops every pod before the first new one. A ReadWriteOnce volume is attached to one
node: the new pod of a RollingUpdate waits for a volume that the old one keeps, and of several replicas all but those of
one node. Outside development at least one pod must stay.

Fails:

    strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 100%}}

Passes:

    strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}

Fix: set maxUnavailable 0 or 1; use Recreate or a StatefulSet for a volume with one writer.
Cannot see: claims that other programs make.
Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy
"""

from collections.abc import Iterator
from typing import Any

from gitops import budgets, volumes
from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest, mapping
from gitops.pod_security import Fault
from gitops.problems import Problem
from gitops.scaling import maximum, minimum

ID = "rollout-strategy"
SEVERITY = "error"
CONTROLS = ("AV11", "AV12")
READS = ("render",)
STRATEGY, ROLLING = ("spec", "strategy"), ("spec", "strategy", "rollingUpdate")
_ONE_NODE = ("ReadWriteOnce", "ReadWriteOncePod")


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.builds:
        judged = fleet.environment(build) not in ("", "development")
        for workload in build.of_kind("Deployment", "StatefulSet"):
            claim = _claim(build, workload)
            faults = [*_on_a_volume(build, workload, claim)] if claim else []
            if workload.kind == "Deployment" and not faults and not claim:
                faults += _capacity(workload, max(1, minimum(build, workload)), judged)
            for fault in faults:
                yield fleet.at(ID, workload, *fault)


def _capacity(workload: Manifest, pods: int, judged: bool) -> Iterator[Fault]:
    strategy = mapping(workload.get(*STRATEGY))
    if strategy.get("type") == "Recreate":
        if judged and pods > 1:
            message = f"Recreate stops all {pods} pods before the first new one starts"
            yield Fault((*STRATEGY, "type"), message, "write type: RollingUpdate")
        return
    rolling = mapping(strategy.get("rollingUpdate"))
    away, more = _figure(rolling, "maxUnavailable", pods), budgets.scaled(rolling.get("maxSurge", "25%"), pods)
    if away is None or more is None:
        return
    if away == 0 and more == 0:
        message = "with maxSurge and maxUnavailable at 0 no pod can be replaced"
        yield Fault((*ROLLING, "maxSurge"), message, "write maxSurge: 1")
    elif judged and pods <= away:
        message = f"maxUnavailable {rolling.get('maxUnavailable')} lets all of {pods} pods go at once"
        yield Fault((*ROLLING, "maxUnavailable"), message, f"write maxUnavailable: {0 if pods == 1 else 1}")


def _figure(rolling: dict[str, Any], field: str, pods: int) -> int | None:
    """A number, or a percentage of the pods rounded down; 25 % where it is not written."""
    value = rolling.get(field, "25%")
    exact = budgets.scaled(value, 100 * pods)
    return exact // 100 if isinstance(value, str) and exact is not None else budgets.scaled(value, pods)


def _claim(build: Build, workload: Manifest) -> str:
    """The claim of its pods that one node can attach, "" without one. One for each pod is no matter; one that other
    workloads mount too is said by volume-source."""
    used = [(use.namespace, use.name) for use in volumes.claims_in_use(build, ID)]
    for _, volume, _ in volumes.volumes(workload):
        name = str(mapping(volume.get("persistentVolumeClaim")).get("claimName") or "")
        claim = build.find(volumes.CLAIM, workload.namespace, name)
        modes = claim.get("spec", "accessModes") if claim else None
        alone = used.count((workload.namespace, name)) == 1
        if alone and isinstance(modes, list) and modes and all(mode in _ONE_NODE for mode in modes):
            return name
    return ""


def _on_a_volume(build: Build, workload: Manifest, claim: str) -> Iterator[Fault]:
    pods = maximum(build, workload)
    if pods > 1:
        message = f"up to {pods} pods share the claim {claim}, which one node can attach"
        yield Fault(("spec", "replicas"), message, "write replicas: 1, or use a StatefulSet with a claim for each pod")
    if workload.kind == "Deployment" and workload.get(*STRATEGY, "type") != "Recreate":
        message = f"a RollingUpdate starts a second pod on the claim {claim}, which one node can attach"
        yield Fault((*STRATEGY, "type"), message, "write strategy: {type: Recreate}")
