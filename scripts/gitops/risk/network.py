"""Who is reached: selectors that pick other pods, and connections that become possible."""

from collections.abc import Iterator
from typing import Any

from gitops.difference import Difference
from gitops.manifests import Build, Manifest, mapping, selects
from gitops.matrix import INTERNET
from gitops.risk.case import HIGH, MEDIUM, Case, Flag
from gitops.selection import service_selector

SHOWN = 5
_WHAT = {
    "Service": "sends traffic to",
    "NetworkPolicy": "applies to",
    "PodDisruptionBudget": "protects",
}


def selector(case: Case) -> Iterator[Flag]:
    """Of what is on both sides: a workload that is picked no more, or newly."""
    if not any(_moves(found) for found in case.pair.objects):
        return
    for new in case.new.of_kind(*_WHAT):
        old = case.old.find(new.kind, new.namespace, new.name)
        if old is None:
            continue
        stay = {item.identity for item in case.old.with_pods()} & {item.identity for item in case.new.with_pods()}
        was, now = _picked(case.old, old) & stay, _picked(case.new, new) & stay
        if was != now:
            lost, won = ", ".join(sorted(was - now)), ", ".join(sorted(now - was))
            parts = [f"no longer {_WHAT[new.kind]} {lost}"] if lost else []
            parts += [f"now {_WHAT[new.kind]} {won}"] if won else []
            yield Flag(MEDIUM if now else HIGH, "selector", new.identity, f"{' and '.join(parts)}")


def _moves(found: Difference) -> bool:
    """Is it a selector's holder, or pods with other labels?"""
    if found.either.kind in _WHAT or found.old is None or found.new is None:
        return True
    return found.old.pod_labels != found.new.pod_labels


def _picked(build: Build, holder: Manifest) -> set[str]:
    match holder.kind:
        case "Service":
            wanted: dict[str, Any] | None = service_selector(holder) or None
        case "NetworkPolicy":
            wanted = mapping(holder.get("spec", "podSelector"))
        case _:
            wanted = holder.get("spec", "selector")
    return {
        pod.identity
        for pod in build.with_pods()
        if pod.namespace == holder.namespace and selects(wanted, pod.pod_labels)
    }


def policy_opened(case: Case) -> Iterator[Flag]:
    """Connections between pods that are there before and after; what a new workload needs is its own business."""
    known = {item.pod_labels.get("app.kubernetes.io/component", item.name) for item in case.old.with_pods()}
    fresh = {item.pod_labels.get("app.kubernetes.io/component", item.name) for item in case.new.with_pods()} - known
    found = [each for each in case.gained if not set(each[:2]) & fresh]
    if found and case.pair.old:
        ends = sorted({each[:2] for each in found}, key=lambda pair: (INTERNET.name not in pair, pair))
        shown = ", ".join(f"{source} -> {target}" for source, target in ends[:SHOWN])
        more = f" and {len(ends) - SHOWN} more pairs" if len(ends) > SHOWN else ""
        moved = [d.identity for d in case.pair.objects if d.either.kind == "NetworkPolicy"]
        about = moved[0] if len(moved) == 1 else "NetworkPolicy"
        many = f"{len(found)} connections become" if len(found) > 1 else "a connection becomes"
        text = f"{many} possible: {shown}{more}"
        yield Flag(HIGH if _unguarded(case) else MEDIUM, "policy-opened", about, text)


def _unguarded(case: Case) -> bool:
    """Has a namespace lost the policy that refuses everything else?"""
    return any(not mapping(gone.get("spec", "podSelector")) for gone in case.gone("NetworkPolicy"))
