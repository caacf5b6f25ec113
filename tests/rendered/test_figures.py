"""Requirements groups 1, 3 and 4: the table Figures, on the rendered production cluster."""

from collections.abc import Callable
from typing import Any

import pytest

from gitops.manifests import Build, Manifest

# component, kind, replicas in the manifest (None: the HPA owns them), requests, limits, grace period, S-numbers
FIGURES = [
    ("api", "Deployment", None, "200m", "256Mi", "1000m", "1Gi", None, "S14 S20 S21 S23"),
    ("extraction-worker", "Deployment", None, "200m", "512Mi", "1000m", "2Gi", 3600, "S25 S26 S27 S28 S30"),
    ("search-worker", "Deployment", None, "100m", "256Mi", "500m", "1Gi", 300, "S32 S33 S34 S35 S36"),
    ("frontend", "Deployment", None, "50m", "64Mi", "200m", "128Mi", None, "S38 S39 S40 S42"),
    ("postgresql", "StatefulSet", 1, "100m", "256Mi", "500m", "512Mi", None, "S67"),
    ("redis", "Deployment", 1, "50m", "64Mi", "200m", "256Mi", None, "S73"),
    ("minio", "StatefulSet", 1, "100m", "256Mi", "500m", "512Mi", None, "S78"),
    ("meilisearch", "Deployment", 1, "100m", "128Mi", "500m", "512Mi", None, "S84"),
]
IDS = [f"{row[-1]}-{row[0]}" for row in FIGURES]

# component -> min, max, cpu %, memory %, scale-down seconds, window (S99-S125)
AUTOSCALING = {
    "api": (2, 10, 70, 80, 60, 300),
    "extraction-worker": (2, 8, 75, 85, 90, 600),
    "search-worker": (2, 6, 70, 80, 60, 300),
    "frontend": (2, 6, 70, 80, 60, 300),
}


def cpu(value: str) -> int:
    """Millicores."""
    return int(value[:-1]) if value.endswith("m") else int(value) * 1000


def memory(value: str) -> int:
    """MiB."""
    return int(value[:-2]) * {"Mi": 1, "Gi": 1024}[value[-2:]]


def container(manifest: Manifest) -> dict[str, Any]:
    (only,) = manifest.pod["containers"]
    return dict(only)


@pytest.mark.parametrize("row", FIGURES, ids=IDS)
def test_replicas_resources_and_grace(row: tuple[Any, ...], get: Any) -> None:
    component, kind, replicas, *quantities, grace, _ = row
    manifest = get(kind, component)
    resources = container(manifest)["resources"]
    shown = [cpu(resources["requests"]["cpu"]), memory(resources["requests"]["memory"])]
    shown += [cpu(resources["limits"]["cpu"]), memory(resources["limits"]["memory"])]
    assert shown == [cpu(quantities[0]), memory(quantities[1]), cpu(quantities[2]), memory(quantities[3])]
    assert manifest.get("spec", "replicas") == replicas
    if grace:
        assert manifest.pod["terminationGracePeriodSeconds"] == grace


@pytest.mark.parametrize("component", AUTOSCALING)
def test_s99_to_s125_autoscaling(component: str, get: Any) -> None:
    low, high, cpu_target, memory_target, period, window = AUTOSCALING[component]
    hpa = get("HorizontalPodAutoscaler", component).data
    assert hpa["apiVersion"] == "autoscaling/v2"
    spec = hpa["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (low, high)
    targets = {m["resource"]["name"]: m["resource"]["target"]["averageUtilization"] for m in spec["metrics"]}
    assert targets == {"cpu": cpu_target, "memory": memory_target}
    up, down = spec["behavior"]["scaleUp"], spec["behavior"]["scaleDown"]
    assert (up["selectPolicy"], up["stabilizationWindowSeconds"]) == ("Max", 0)
    assert policies(up) == {("Percent", 50, 15), ("Pods", 2, 15)}
    assert (down["selectPolicy"], down["stabilizationWindowSeconds"]) == ("Min", window)
    assert policies(down) == {("Percent", 10, period), ("Pods", 1, period)}


def policies(behavior: dict[str, Any]) -> set[tuple[str, int, int]]:
    return {(p["type"], p["value"], p["periodSeconds"]) for p in behavior["policies"]}


def test_s128_hpa_targets_have_no_replicas(workloads: dict[str, Build]) -> None:
    for build in workloads.values():
        for hpa in build.of_kind("HorizontalPodAutoscaler"):
            target = build.find("Deployment", "pybase", hpa.get("spec", "scaleTargetRef", "name"))
            assert target is not None and "replicas" not in target.data["spec"]


def test_s126_s175_autoscaling_and_policies_in_staging_and_production(workloads: dict[str, Build]) -> None:
    for cluster, build in workloads.items():
        if "development" not in cluster:
            assert len(list(build.of_kind("HorizontalPodAutoscaler"))) == 4, cluster
        assert build.find("NetworkPolicy", "pybase", "default-deny"), cluster


def test_s183_sums_of_requests_and_limits(bundled: Build) -> None:
    pods = [m for m in bundled.with_pods() if m.kind != "Job"]
    hpas = {
        hpa.get("spec", "scaleTargetRef", "name"): hpa.data["spec"]
        for hpa in bundled.of_kind("HorizontalPodAutoscaler")
    }

    def total(kind: str, bound: str) -> tuple[int, int]:
        counts = {m.name: hpas.get(m.name, {}).get(bound, 1) for m in pods}
        each = [(counts[m.name], container(m)["resources"][kind]) for m in pods]
        return sum(n * cpu(r["cpu"]) for n, r in each), sum(n * memory(r["memory"]) for n, r in each)

    assert total("requests", "minReplicas") == (1450, 2880)
    assert total("limits", "minReplicas") == (7100, 10240)
    assert total("requests", "maxReplicas") == (4850, 9280)
    assert total("limits", "maxReplicas") == (23900, 35328)


def test_s129_to_s141_four_volumes(bundled: Build) -> None:
    claims = {m.name: m.data["spec"] for m in bundled.of_kind("PersistentVolumeClaim")}
    for stateful in bundled.of_kind("StatefulSet"):
        for template in stateful.get("spec", "volumeClaimTemplates"):
            assert (template["apiVersion"], template["kind"]) == ("v1", "PersistentVolumeClaim")
            claims[stateful.name] = template["spec"]
    sizes = {name: spec["resources"]["requests"]["storage"] for name, spec in claims.items()}
    assert sizes == {
        "pybase-postgresql": "10Gi",
        "pybase-redis": "2Gi",
        "pybase-minio": "10Gi",
        "pybase-meilisearch": "5Gi",
    }
    assert all(spec["accessModes"] == ["ReadWriteOnce"] and spec["storageClassName"] for spec in claims.values())


def test_s183_the_quota_has_room_for_the_most_that_ever_runs_at_once(bundled: Build) -> None:
    (quota,) = bundled.of_kind("ResourceQuota")
    hard = quota.get("spec", "hard")
    hpas = {
        hpa.get("spec", "scaleTargetRef", "name"): hpa.data["spec"]
        for hpa in bundled.of_kind("HorizontalPodAutoscaler")
    }
    finishing = {"pybase-extraction-worker": 8, "pybase-search-worker": 6, "pybase-api": 4, "pybase-frontend": 3}
    pods = [(m, hpas.get(m.name, {}).get("maxReplicas", 1) + finishing.get(m.name, 0)) for m in bundled.with_pods()]

    def total(kind: str, name: str, number: Callable[[str], int]) -> int:
        return sum(count * number(container(m)["resources"][kind][name]) for m, count in pods)

    for kind in ("requests", "limits"):
        assert total(kind, "cpu", cpu) <= cpu(hard[f"{kind}.cpu"])
        assert total(kind, "memory", memory) <= memory(hard[f"{kind}.memory"])
    assert sum(count for _, count in pods) <= int(hard["pods"])
