"""Fields that cannot be changed, and neighbours that can."""

from typing import Any

import pytest

from gitops.comparison import Comparison, Pair
from gitops.difference import differences
from gitops.fleet import Fleet
from gitops.layout import Repository
from gitops.manifests import Build, Manifest
from gitops.risk import Case
from gitops.risk.immutable import immutable_field
from support import ROOT

HOOK = {"argocd.argoproj.io/hook": "Sync"}
CLAIM = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}
FILLED = {
    **CLAIM,
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "spec": {**CLAIM["spec"], "volumeMode": "Filesystem"},
}


def said(kind: str, old: dict[str, Any], new: dict[str, Any], annotations: dict[str, str] | None = None) -> str:
    """The message of the flag, "" without one."""
    about = {"kind": kind, "metadata": {"name": "x", "namespace": "n", "annotations": annotations or {}}}
    before, after = (Build("b", objects=[Manifest({**about, **fields})]) for fields in (old, new))
    sides = Fleet(Repository(ROOT), [], [], {}, [])
    pair = Pair("b", "", "", before, after, differences(before, after))
    return "".join(flag.message for flag in immutable_field(Case(pair, Comparison("a", "b", [pair], sides, sides))))


@pytest.mark.parametrize(
    ("kind", "old", "new", "field"),
    [
        ("Job", {"spec": {"template": {"a": 1}}}, {"spec": {"template": {"a": 2}}}, "spec.template"),
        ("StorageClass", {}, {"reclaimPolicy": "Retain"}, "reclaimPolicy"),
        ("StorageClass", {"provisioner": "a"}, {"provisioner": "b"}, "provisioner"),
        (
            "PersistentVolumeClaim",
            {"spec": {"accessModes": ["a"]}},
            {"spec": {"accessModes": ["b"]}},
            "spec.accessModes",
        ),
        ("ConfigMap", {"immutable": True, "data": {"a": "1"}}, {"immutable": True, "data": {"a": "2"}}, "data"),
        ("Secret", {"type": "kubernetes.io/tls"}, {}, "type"),
        ("Service", {"spec": {"clusterIP": "10.0.0.1"}}, {"spec": {"clusterIP": "10.0.0.2"}}, "spec.clusterIP"),
        ("CustomResourceDefinition", {"spec": {"scope": "Cluster"}}, {"spec": {"scope": "Namespaced"}}, "spec.scope"),
        ("StatefulSet", {"spec": {"volumeClaimTemplates": [CLAIM]}}, {"spec": {}}, "spec.volumeClaimTemplates"),
    ],
)
def test_what_the_api_server_refuses(kind: str, old: dict[str, Any], new: dict[str, Any], field: str) -> None:
    assert said(kind, old, new).startswith(f"{field} cannot be changed: the API server refuses it")


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("Job", {"spec": {"suspend": True}}, {"spec": {"suspend": False}}),
        ("StorageClass", {}, {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"}),
        ("StorageClass", {}, {"allowVolumeExpansion": True}),
        ("ConfigMap", {"data": {"a": "1"}}, {"data": {"a": "2"}}),
        ("Secret", {}, {"type": "Opaque"}),
        ("Service", {"spec": {}}, {"spec": {"clusterIP": "10.0.0.2"}}),
        ("StatefulSet", {"spec": {"volumeClaimTemplates": [CLAIM]}}, {"spec": {"volumeClaimTemplates": [FILLED]}}),
        ("StatefulSet", {"spec": {"replicas": 1}}, {"spec": {"replicas": 2}}),
    ],
)
def test_what_may_change(kind: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    assert said(kind, old, new) == ""


def test_a_hook_is_made_anew_unless_its_policy_keeps_it() -> None:
    old, new = {"spec": {"template": {"a": 1}}}, {"spec": {"template": {"a": 2}}}
    assert said("Job", old, new, HOOK) == ""
    assert said("Job", old, new, {**HOOK, "argocd.argoproj.io/hook-delete-policy": "HookSucceeded"}) != ""
