"""What an instance's API server is given before Argo CD starts. Pure.

Nodes for KWOK to play, metrics-server's API, the sealed-secrets controller's account, and Argo CD's own settings: those
of apps/argocd, which are the fleet's.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from gitops.manifests import Build, mapping

Object = dict[str, Any]
NODES = 3
UNSEALER = {"name": "sealed-secrets-controller", "namespace": "kube-system"}


def nodes() -> list[Object]:
    found = []
    for number in range(1, NODES + 1):
        name = f"kwok-{number}"
        labels = {
            "kubernetes.io/hostname": name,
            "kubernetes.io/os": "linux",
            "topology.kubernetes.io/zone": f"zone-{number}",
        }
        annotations = {
            "kwok.x-k8s.io/node": "fake",
            "metrics.k8s.io/resource-metrics-path": f"/metrics/nodes/{name}/metrics/resource",
        }
        metadata = {"name": name, "labels": labels, "annotations": annotations}
        found.append({"apiVersion": "v1", "kind": "Node", "metadata": metadata})
    return found


def node_status() -> Object:
    """What a node has to give; the status is a part of its own for the API server."""
    room = {"cpu": "16", "memory": "64Gi", "pods": "110"}
    return {"status": {"allocatable": room, "capacity": room}}


def metrics() -> list[Object]:
    """metrics-server's API; an ExternalName Service lets the API server find it on this machine."""
    port = {"name": "https", "port": 10252, "protocol": "TCP"}
    where = {"name": "metrics-server", "namespace": "kube-system"}
    service = {"type": "ExternalName", "externalName": "localhost", "ports": [port]}
    api = {
        "group": "metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100,
        "insecureSkipTLSVerify": True, "service": {**where, "port": 10252},
    }  # fmt: skip
    return [
        {"apiVersion": "v1", "kind": "Service", "metadata": where, "spec": service},
        {
            "apiVersion": "apiregistration.k8s.io/v1",
            "kind": "APIService",
            "metadata": {"name": "v1beta1.metrics.k8s.io"},
            "spec": api,
        },
    ]


def unsealer() -> list[Object]:
    """The account of the sealed-secrets controller, with what its chart grants."""
    rules = [
        _rule("bitnami.com", "sealedsecrets", "get", "list", "watch"),
        _rule("bitnami.com", "sealedsecrets/status", "update"),
        _rule("", "secrets", "get", "list", "watch", "create", "update", "delete"),
        _rule("", "events", "create", "patch"),
        _rule("", "namespaces", "get"),
    ]
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "secrets-unsealer"}
    rbac = {"apiVersion": "rbac.authorization.k8s.io/v1"}
    name = {"name": UNSEALER["name"]}
    subjects = [{"kind": "ServiceAccount", **UNSEALER}]
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": dict(UNSEALER)},
        {**rbac, "kind": "ClusterRole", "metadata": {"name": "secrets-unsealer"}, "rules": rules},
        {**rbac, "kind": "ClusterRoleBinding", "metadata": name, "roleRef": reference, "subjects": subjects},
    ]


def unsealer_service(port: int) -> list[Object]:
    """The Service by which kubeseal finds the controller, and a Pod in place of the process, with its status beside it:
    KWOK leaves a Pod alone that has an address, and the API server passes requests to addresses of Pods only."""
    labels = {"app.kubernetes.io/name": "sealed-secrets"}
    container = {"name": "controller", "image": "none", "ports": [{"name": "http", "containerPort": port}]}
    pod = {"containers": [container], "nodeName": "kwok-1", "automountServiceAccountToken": False}
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": dict(UNSEALER),
            "spec": {"ports": [{"name": "http", "port": 8080, "targetPort": "http"}], "selector": labels},
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {**UNSEALER, "labels": labels},
            "spec": pod,
        },
    ]


def unsealer_status(address: str) -> Object:
    """What the kubelet would say of that Pod."""
    ready = [{"type": "Ready", "status": "True"}]
    return {"status": {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "conditions": ready}}


def _rule(group: str, resource: str, *verbs: str) -> Object:
    return {"apiGroups": [group], "resources": [resource], "verbs": list(verbs)}


def argocd_settings(apps: Build, session_key: str) -> list[Object]:
    """argocd-cm as the Application argocd of the cluster has it, and the key that Argo CD wants to have."""
    own = apps.find("Application", "argocd", "argocd")
    values = mapping(own.get("spec", "source", "helm", "valuesObject", "configs", "cm") if own else None)
    data = {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}
    labels = {"app.kubernetes.io/part-of": "argocd"}
    return [
        _config("ConfigMap", {"name": "argocd-cm", "labels": labels}, "data", data),
        _config("Secret", {"name": "argocd-secret", "labels": labels}, "stringData", {"server.secretkey": session_key}),
    ]


def _config(kind: str, metadata: Object, field: str, values: Mapping[str, str]) -> Object:
    metadata = {**metadata, "namespace": "argocd"}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, field: dict(values)}


def storage_classes(builds: Iterable[Build]) -> list[str]:
    """The classes whose claims KWOK is to bind: those that the builds name."""
    names = set()
    for build in builds:
        for manifest in build.of_kind("PersistentVolumeClaim"):
            names.add(str(manifest.get("spec", "storageClassName") or ""))
        for manifest in build.of_kind("StatefulSet"):
            for template in manifest.get("spec", "volumeClaimTemplates") or []:
                names.add(str(mapping(mapping(template).get("spec")).get("storageClassName") or ""))
    return sorted({*names, "kwok-volume"} - {""})
