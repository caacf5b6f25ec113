"""A disruption budget guards no workload, or several, or lets none of its pods go; or a replicated workload has none.

Why: without a budget a drain may take every pod of a workload at once. A budget that allows nothing at the smallest
number of pods blocks each drain and node upgrade until somebody deletes it. The eviction API refuses pods that two
budgets select. Percentages are rounded up, as the controller does: minAvailable 51 % of 2 pods is 2. Outside
development each Deployment and StatefulSet with 2 pods or more (replicas, or its autoscaler's minimum) needs one.

Fails:

    kind: PodDisruptionBudget
    spec: {minAvailable: 2}  # of an autoscaler's minimum of 2

Passes:

    kind: PodDisruptionBudget
    spec: {maxUnavailable: 1}

Fix: use the workload's two selector labels and `maxUnavailable: 1`.
Cannot see: pods that charts and operators make.
Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
"""

from collections.abc import Iterator

from gitops import budgets
from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest, mapping, selects
from gitops.problems import Problem
from gitops.references import left_out
from gitops.scaling import SCALABLE, autoscalers, minimum
from gitops.selection import Fault, fault, names, owners, selected, service_selector

ID = "disruption-budget"
SEVERITY = "error"
CONTROLS = ("AV02", "AV03")
READS = ("render",)
KIND = "PodDisruptionBudget"


def check(fleet: Fleet) -> Iterator[Problem]:
    unlisted = left_out(fleet)
    loose = [manifest.pod_labels for manifest in unlisted]
    for build in fleet.builds:
        guarded: dict[str, Manifest] = {}
        for budget in sorted(build.of_kind(KIND), key=lambda each: each.name):
            found = fault(build, budget, _selector(budget), loose)
            workloads = selected(build, budget.namespace, _selector(budget))
            if found:
                guarded.update((m.identity, budget) for m in [*owners(build, budget), *workloads])
                if not _said(build, found):
                    yield fleet.at(ID, found.manifest, found.path, found.message, found.fix)
            for workload in [] if found else workloads:
                first = guarded.setdefault(workload.identity, budget)
                if first is not budget:
                    message = f"{names([first])} selects the pods of {names([workload])} too, and none can be evicted"
                    yield fleet.at(ID, budget, ("spec", "selector"), message, "delete one of the two")
                else:
                    yield from _figure(fleet, build, budget, workload)
        if fleet.environment(build) != "development":
            yield from _without(fleet, build, guarded, [m for m in unlisted if m.kind == KIND])


def _selector(budget: Manifest) -> dict[str, object]:
    """In policy/v1 an empty selector means every pod, a missing one none."""
    selector = budget.get("spec", "selector")
    return mapping(selector) if selector is not None else {"matchExpressions": [{}]}


def _said(build: Build, found: Fault) -> bool:
    """Does service-selects-pods name the same pods?"""
    if found.manifest.kind == KIND:
        return False
    faults = (fault(build, service, s) for service in build.of_kind("Service") if (s := service_selector(service)))
    return any(other is not None and other.manifest is found.manifest for other in faults)


def _figure(fleet: Fleet, build: Build, budget: Manifest, workload: Manifest) -> Iterator[Problem]:
    pods, name = _pods(fleet, build, workload), budgets.field(budget)
    if workload.kind in SCALABLE and pods > 0 and budgets.allowed(budget, pods) == 0:
        value = budget.get("spec", name)
        message = f"{name} {value} of {pods} pod{'s' if pods > 1 else ''} lets none go: drains of their nodes never end"
        fix = "write maxUnavailable: 1" + (f" in place of {name}" if name != "maxUnavailable" else "")
        yield fleet.at(ID, budget, ("spec", name), message, fix)


def _pods(fleet: Fleet, build: Build, workload: Manifest) -> int:
    """An autoscaler's minimum below 2 is autoscaler-target's business, where it has to be 2."""
    pods = minimum(build, workload)
    scaled = any(autoscaler.scales(workload) for autoscaler in autoscalers(build))
    return max(pods, 2) if scaled and fleet.environment(build) != "development" else pods


def _without(fleet: Fleet, build: Build, guarded: dict[str, Manifest], unlisted: list[Manifest]) -> Iterator[Problem]:
    for workload in build.of_kind("Deployment", "StatefulSet"):
        pods = _pods(fleet, build, workload)
        if pods < 2 or workload.identity in guarded:
            continue
        if not any(selects(_selector(budget), workload.pod_labels) for budget in unlisted):
            message = f"{pods} pods or more, and no {KIND} selects them"
            fix = f"add a {KIND} with its selector labels and maxUnavailable: 1"
            yield fleet.at(ID, workload, ("metadata", "name"), message, fix)
