"""A person's own cluster, played by a fake kubectl, and what `gitops local up --context` did to it."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fake_cluster
from fake_cluster import Fake
from gitops.fleet import Fleet
from gitops.manifests import Build
from support import Answer

CLUSTER = "bare-metal-development-local"
LABELS = {"minikube.k8s.io/name": "dev"}
CLASS = {
    "kind": "StorageClass",
    "metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
}
Run = Callable[..., Answer]


def node(**fields: Any) -> dict[str, Any]:
    metadata = {"name": fields.pop("name", "node-1"), "labels": fields.pop("labels", {})}
    return {"kind": "Node", "metadata": metadata, "status": fake_cluster.true("Ready"), **fields}


def workload(fleet: Fleet) -> Build:
    return next(build for build in fleet.builds if build.folder == f"clusters/{CLUSTER}/workload")


def minikube(folder: Path, fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """An empty minikube with the profile dev, that has never heard of sealed secrets."""
    made = fake_cluster.install(folder / "bin", [node(labels=LABELS), CLASS])
    objects = workload(fleet).objects
    kinds = {(str(item.get("apiVersion")), item.kind) for item in objects if item.kind != "SealedSecret"}
    (made.folder / "kinds.json").write_text(json.dumps(sorted([*kinds, ("v1", "Secret")])))
    monkeypatch.setenv("PATH", str(made.folder), prepend=":")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    monkeypatch.setenv("FAKE_CONTEXT", "dev https://192.168.49.2:8443")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    return made


def changes(fake: Fake) -> list[str]:
    return [call for call in fake.calls() if call.split()[2] in ("apply", "delete", "patch")]


def secrets(fake: Fake) -> dict[str, dict[str, str]]:
    """Name -> key -> value of what the cluster has."""
    found = (item for item in fake.objects if item["kind"] == "Secret")
    return {
        item["metadata"]["name"]: {key: base64.b64decode(text).decode() for key, text in item["data"].items()}
        for item in found
    }
