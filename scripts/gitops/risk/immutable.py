"""Fields that the API server does not let anyone change.

Sources: ValidateStatefulSetUpdate, ValidateJobUpdate, ValidatePersistentVolumeClaimUpdate, ValidateServiceUpdate and
their neighbours in kubernetes/pkg/apis (v1.37).
"""

from collections.abc import Iterator
from typing import Any

from gitops import argocd
from gitops.manifests import Manifest, dig, mapping, sequence
from gitops.risk.case import HIGH, MEDIUM, Case, Flag

_FIELDS: dict[str, tuple[str, ...]] = {
    "CSIDriver": ("spec.attachRequired",),
    "ClusterRoleBinding": ("roleRef",),
    "CustomResourceDefinition": ("spec.group", "spec.scope", "spec.names.kind", "spec.names.plural"),
    "DaemonSet": ("spec.selector",),
    "Deployment": ("spec.selector",),
    "GatewayClass": ("spec.controllerName",),
    "IngressClass": ("spec.controller",),
    "Job": ("spec.template", "spec.selector", "spec.completions", "spec.completionMode", "spec.podFailurePolicy"),
    "PersistentVolumeClaim": (
        "spec.accessModes",
        "spec.dataSource",
        "spec.dataSourceRef",
        "spec.selector",
        "spec.volumeMode",
    ),
    "PriorityClass": ("value", "preemptionPolicy"),
    "ReplicaSet": ("spec.selector",),
    "RoleBinding": ("roleRef",),
    "RuntimeClass": ("handler",),
    "Secret": ("type",),
    "StatefulSet": ("spec.selector", "spec.serviceName", "spec.podManagementPolicy", "spec.volumeClaimTemplates"),
    "StorageClass": ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"),
}
_DEFAULTS = {
    "spec.podManagementPolicy": "OrderedReady",
    "reclaimPolicy": "Delete",
    "volumeBindingMode": "Immediate",
    "spec.completionMode": "NonIndexed",
    "spec.volumeMode": "Filesystem",
    "type": "Opaque",
}


def immutable_field(case: Case) -> Iterator[Flag]:
    """A trailer `Replaces: Kind/namespace/name` declares that the object is made anew."""
    for found, old, new in case.changed():
        fields = changed(old, new)
        if fields and not _hook(new):
            yield _flag(found.identity, fields, new)


def changed(old: Manifest, new: Manifest) -> list[str]:
    """The fields of an object, as dotted paths, that differ and that the API server does not let anyone change."""
    fields = [field for field in _FIELDS.get(new.kind, ()) if _value(old, field) != _value(new, field)]
    fields += ["spec.clusterIP"] if new.kind == "Service" and _address(old, new) else []
    if new.kind in ("ConfigMap", "Secret") and old.get("immutable") is True and _content(old) != _content(new):
        fields.append("data")
    return fields


def _flag(identity: str, fields: list[str], new: Manifest) -> Flag:
    what = f"{', '.join(fields)} cannot be changed"
    if argocd.syncs_with(new, "Replace=true") or argocd.syncs_with(new, "Force=true"):
        return Flag(MEDIUM, "immutable-field", identity, f"{what}: Argo CD deletes the object and makes it anew")
    remedy = "delete it by hand first, or keep the field" if new.kind != "StatefulSet" else (
        "delete it first with --cascade=orphan, which keeps its pods, or keep the field"
    )  # fmt: skip
    return Flag(
        HIGH, "immutable-field", identity, f"{what}: the API server refuses it and the sync fails; {remedy}", identity
    )


def _hook(manifest: Manifest) -> bool:
    """Is it deleted before it is made anew? What Argo CD does with a hook by default, too."""
    policy = manifest.annotations.get("argocd.argoproj.io/hook-delete-policy", "BeforeHookCreation")
    return "argocd.argoproj.io/hook" in manifest.annotations and "BeforeHookCreation" in policy


def _value(manifest: Manifest, field: str) -> Any:
    value = dig(manifest.data, *field.split("."))
    if field == "spec.volumeClaimTemplates":
        return {Manifest(mapping(template)).name: _template(mapping(template)) for template in sequence(value)}
    return _DEFAULTS.get(field) if value is None else value


def _template(template: dict[str, Any]) -> object:
    """A claim as it is compared: without what Argo CD wants written and the API server fills in."""
    spec = {"volumeMode": "Filesystem", **mapping(template.get("spec"))}
    about = {key: value for key, value in mapping(template.get("metadata")).items() if key != "creationTimestamp"}
    return about, spec


def _address(old: Manifest, new: Manifest) -> bool:
    """Does a Service get another address, or become headless, or stop being it?"""
    was, now = old.get("spec", "clusterIP"), new.get("spec", "clusterIP")
    return was != now and ("None" in (was, now) or bool(was and now))


def _content(manifest: Manifest) -> object:
    return [manifest.get(key) for key in ("data", "stringData", "binaryData")]
