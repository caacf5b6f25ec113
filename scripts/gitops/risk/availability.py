"""Fewer pods than a failure or a drain needs."""

from collections.abc import Iterator

from gitops import scaling
from gitops.difference import Difference
from gitops.manifests import Build, Manifest, mapping, selects
from gitops.risk.case import HIGH, MEDIUM, Case, Flag

SAFE = 2  # one may fail


def too_few_replicas(case: Case) -> Iterator[Flag]:
    """Fewer than two where there were two, or none at all; of workloads, by their autoscaler's minimum."""
    if not any(_scales(found) for found in case.pair.objects):
        return
    for kind in scaling.SCALABLE:
        for new in case.new.of_kind(kind):
            old = case.old.find(kind, new.namespace, new.name)
            if old is None:
                continue
            was, now = scaling.minimum(case.old, old), scaling.minimum(case.new, new)
            if now == 0 < was:
                yield Flag(
                    HIGH, "too-few-replicas", new.identity, f"goes from {was} replicas to none: it is switched off"
                )
            elif now < SAFE <= was:
                text = f"goes from {was} replicas to {now}: a failed node or a drain takes it down"
                yield Flag(
                    HIGH if case.pair.environment == "production" else MEDIUM, "too-few-replicas", new.identity, text
                )


def _scales(found: Difference) -> bool:
    """Is it an autoscaler, or a workload with other replicas?"""
    if found.either.kind in (scaling.HPA, scaling.KEDA):
        return True
    return bool(found.old and found.new) and any(change.path == ("spec", "replicas") for change in found.changes)


def disruption_budget(case: Case) -> Iterator[Flag]:
    """Gone while what it protects stays, or no longer protecting, or never letting a node drain."""
    for gone in case.gone("PodDisruptionBudget"):
        kept = _protected(case.new, gone)
        if kept:
            text = f"is deleted: a drain may take every pod of {', '.join(kept)} at once"
            yield Flag(MEDIUM, "disruption-budget", gone.identity, text)
    for found, old, new in case.changed("PodDisruptionBudget"):
        said = (_void(new) and not _void(old) and "protects nothing: a drain may take every pod at once") or (
            _blocks(new) and not _blocks(old) and "lets no pod go: a node can never be drained"
        )
        if said:
            yield Flag(MEDIUM, "disruption-budget", found.identity, said)


def _protected(build: Build, budget: Manifest) -> list[str]:
    wanted = mapping(budget.get("spec", "selector"))
    near = (item for item in build.with_pods() if item.namespace == budget.namespace)
    return [item.name for item in near if wanted and selects(wanted, item.pod_labels)]


def _void(budget: Manifest) -> bool:
    return budget.get("spec", "minAvailable") in (0, "0%") or budget.get("spec", "maxUnavailable") == "100%"


def _blocks(budget: Manifest) -> bool:
    return budget.get("spec", "maxUnavailable") in (0, "0%") or budget.get("spec", "minAvailable") == "100%"


def autoscaler_removed(case: Case) -> Iterator[Flag]:
    if not any(case.gone(scaling.HPA, scaling.KEDA)):
        return
    for scaler in scaling.autoscalers(case.old):
        gone = scaler.manifest
        kind, name = scaler.target
        workload = case.new.find(kind, gone.namespace, name)
        if workload is None or case.new.find(gone.kind, gone.namespace, gone.name):
            continue
        replicas = workload.get("spec", "replicas")
        text = f"is deleted: {kind}/{name} keeps " + (
            f"{replicas} replicas, whatever the load" if replicas else "the replicas it has, and starts anew with one"
        )
        yield Flag(MEDIUM, "autoscaler-removed", gone.identity, text)


def rollout_outage(case: Case) -> Iterator[Flag]:
    """Several pods, all of which a rollout takes at once."""
    for found, old, new in case.changed("Deployment"):
        pods = scaling.minimum(case.new, new)
        if pods >= SAFE and _stays(old, pods) > 0 and _stays(new, pods) <= 0:
            text = "a rollout takes every pod at once: nothing serves until new ones are ready"
            yield Flag(HIGH, "rollout-outage", found.identity, text)


def _stays(deployment: Manifest, pods: int) -> int:
    """How many of the pods a rollout leaves; maxUnavailable is 25 % by default, and rounded down.
    https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable"""
    if deployment.get("spec", "strategy", "type") == "Recreate":
        return 0
    value = deployment.get("spec", "strategy", "rollingUpdate", "maxUnavailable")
    if isinstance(value, str) and value.endswith("%") and value[:-1].isdecimal():
        return pods - int(value[:-1]) * pods // 100
    return pods - (value if isinstance(value, int) else pods // 4)
