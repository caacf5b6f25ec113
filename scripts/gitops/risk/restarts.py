"""Pods that are made anew: why, and whether anybody notices."""

from collections.abc import Iterator

from gitops import scaling
from gitops.manifests import Manifest
from gitops.risk.case import LOW, MEDIUM, Case, Flag

_KINDS = ("Deployment", "StatefulSet", "DaemonSet")


def restarted(case: Case) -> Iterator[tuple[str, bool]]:
    """(object, is the hash of a generated object all that changes in its pods) of every workload that stays."""
    for found, _, _ in case.changed(*_KINDS):
        template = any(change.path[:2] == ("spec", "template") for change in found.changes)
        if template or found.rehashed:
            yield found.identity, not template


def hash_only_restart(case: Case) -> Iterator[Flag]:
    by_identity = {found.identity: found for found, _, _ in case.changed(*_KINDS)}
    for identity, only_hash in restarted(case):
        if only_hash:
            names = ", ".join(by_identity[identity].rehashed)
            text = f"its pods restart for {names} alone: nothing else of it changes"
            yield Flag(LOW, "hash-only-restart", identity, text)


def outage(case: Case) -> Iterator[Flag]:
    """A restart of what runs once: nothing serves until the new pod is ready."""
    again = {identity for identity, _ in restarted(case)}
    for found, _, new in case.changed(*_KINDS):
        if found.identity in again and _alone(case, new):
            yield Flag(
                MEDIUM,
                "outage",
                found.identity,
                "has one pod, which is replaced: it is away until the new one is ready",
            )


def _alone(case: Case, workload: Manifest) -> bool:
    """Is the old pod gone before the new one is there?"""
    if workload.kind == "DaemonSet":
        return False
    recreated = workload.kind == "StatefulSet" or workload.get("spec", "strategy", "type") == "Recreate"
    return recreated and scaling.minimum(case.new, workload) == 1
