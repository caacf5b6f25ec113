"""The health checks of argocd-cm, run as Argo CD runs them: in Lua 5.1, the object as a table (rules.md 5.3)."""

import copy
from typing import Any

import pytest
from lupa.lua51 import LuaRuntime

from gitops.manifests import Build
from support import IN_CLUSTER, argocd_values

SOURCE = {"repoURL": "r", "chart": "c", "targetRevision": "1", "helm": {"valuesObject": {"on": True, "hosts": ["a"]}}}
DESTINATION = {"server": IN_CLUSTER, "namespace": "n"}
COMPARED = ("status", "sync", "comparedTo")
PHASE = ("status", "operationState", "phase")
HEALTH = ("status", "health", "status")
SYNC = ("status", "sync", "status")
VALUES = ("spec", "source", "helm", "valuesObject")

# What the root sees of a settled child after these changes -> the health it has to see (None takes a field away).
CHILD_HEALTH = [
    ("settled", {}, "Healthy"),
    ("just created", {("status",): None}, "Progressing"),
    ("never compared", {COMPARED: None}, "Progressing"),
    ("new version, old verdict", {("spec", "source", "targetRevision"): "2"}, "Progressing"),
    ("new value, old verdict", {(*VALUES, "on"): False}, "Progressing"),
    ("value added, even a false one", {(*VALUES, "off"): False}, "Progressing"),
    ("list grown", {(*VALUES, "hosts"): ["a", "b"]}, "Progressing"),
    ("moved", {("spec", "destination", "namespace"): "m"}, "Progressing"),
    ("second source", {("spec", "sources"): [SOURCE, SOURCE]}, "Progressing"),
    ("empty field that Argo CD leaves out", {("spec", "source", "helm", "skipCrds"): False}, "Healthy"),
    ("sync asked for", {("operation",): {"sync": {}}}, "Progressing"),
    ("sync running", {PHASE: "Running"}, "Progressing"),
    ("degraded while its sync is retried", {PHASE: "Running", HEALTH: "Degraded"}, "Progressing"),
    ("degraded", {HEALTH: "Degraded"}, "Degraded"),
    ("missing", {HEALTH: "Missing"}, "Missing"),
    ("out of sync", {SYNC: "OutOfSync"}, "Progressing"),
    ("sync failed", {SYNC: "OutOfSync", PHASE: "Failed"}, "Degraded"),
    ("failed once, synced by a later commit", {PHASE: "Failed"}, "Healthy"),
    ("paused by a person", {SYNC: "OutOfSync", ("spec", "syncPolicy", "automated", "enabled"): False}, "Healthy"),
    (
        "the root itself",
        {
            PHASE: "Running",
            ("metadata", "annotations"): {"argocd.argoproj.io/tracking-id": "x:argoproj.io/Application:argocd/x"},
        },
        "Healthy",
    ),
]
AUTOSCALER_HEALTH = [
    ("new", [], "Progressing"),
    ("no metrics yet", [("AbleToScale", "True", ""), ("ScalingActive", "False", "FailedGetResourceMetric")], "Healthy"),
    ("no target", [("AbleToScale", "False", "FailedGetScale")], "Degraded"),
    ("bad selector", [("AbleToScale", "True", ""), ("ScalingActive", "False", "InvalidSelector")], "Degraded"),
]


def settled_child() -> dict[str, Any]:
    return {
        "metadata": {"name": "x", "namespace": "argocd"},
        "spec": {
            "source": copy.deepcopy(SOURCE),
            "destination": dict(DESTINATION),
            "syncPolicy": {"automated": {"enabled": True}},
        },
        "status": {
            "health": {"status": "Healthy"},
            "sync": {"status": "Synced", "comparedTo": {"source": copy.deepcopy(SOURCE), "destination": DESTINATION}},
            "operationState": {"phase": "Succeeded"},
        },
    }


def lua_health(apps: dict[str, Build], kind: str, obj: dict[str, Any]) -> str:
    """Run a health check of argocd-cm as Argo CD does: Lua 5.1, the object in `obj`."""
    runtime = LuaRuntime()
    runtime.globals().obj = runtime.table_from(obj, recursive=True)
    return str(runtime.execute(argocd_values(apps)["configs"]["cm"][f"resource.customizations.health.{kind}"]).status)


@pytest.mark.parametrize("changes, seen", [row[1:] for row in CHILD_HEALTH], ids=[row[0] for row in CHILD_HEALTH])
def test_health_of_a_child_application(changes: dict[tuple[str, ...], Any], seen: str, apps: dict[str, Build]) -> None:
    child = settled_child()
    for (*path, last), value in changes.items():
        place = child
        for key in path:
            place = place[key]
        if value is None:
            del place[last]
        else:
            place[last] = value
    assert lua_health(apps, "argoproj.io_Application", child) == seen


@pytest.mark.parametrize(
    "conditions, seen", [row[1:] for row in AUTOSCALER_HEALTH], ids=[row[0] for row in AUTOSCALER_HEALTH]
)
def test_health_of_an_autoscaler(conditions: list[tuple[str, str, str]], seen: str, apps: dict[str, Build]) -> None:
    shown = [{"type": kind, "status": status, "reason": reason} for kind, status, reason in conditions]
    assert lua_health(apps, "autoscaling_HorizontalPodAutoscaler", {"status": {"conditions": shown}}) == seen
