"""Chart.yaml and values.yaml have what the requirements count: fields, sections, replicas, images, sizes, bounds."""

from typing import Any

import pytest
import yaml

from chart_cases import CHART
from gitops import helm

CHART_YAML = yaml.safe_load((CHART / "Chart.yaml").read_text())
VALUES: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
WORKLOADS = {"api": 10, "extractionWorker": 8, "searchWorker": 6, "frontend": 6}  # most replicas
STORES = ("postgresql", "redis", "minio", "meilisearch")


def test_s44_s45_fields_of_the_chart() -> None:
    fields = {"apiVersion", "name", "version", "appVersion", "description", "type", "keywords", "home", "sources"}
    assert set(CHART_YAML) == fields | {"maintainers", "icon", "kubeVersion"}  # and no dependencies
    assert (CHART_YAML["apiVersion"], CHART_YAML["type"]) == ("v2", "application")


def test_s62_sections() -> None:
    assert {"global", "pybase", *WORKLOADS, *STORES, "ingress", "externalServices", "s3"} <= set(VALUES)


@pytest.mark.parametrize("workload", WORKLOADS)
def test_s47_to_s61_workloads(workload: str) -> None:
    section = VALUES[workload]
    scaling = section["autoscaling"]
    assert (section["replicaCount"], scaling["minReplicas"]) == (2, 2)
    assert scaling["maxReplicas"] == WORKLOADS[workload]


@pytest.mark.parametrize("section", [*WORKLOADS, *STORES])
def test_s51_s64_resources_and_images(section: str) -> None:
    held = VALUES[section]
    assert {(kind, unit) for kind in held["resources"] for unit in held["resources"][kind]} == {
        (kind, unit) for kind in ("requests", "limits") for unit in ("cpu", "memory")
    }
    assert {"repository", "tag", "pullPolicy"} <= set(held["image"])


def test_s53_to_s56_sizes() -> None:
    sizes = [VALUES["postgresql"]["primary"], VALUES["redis"]["master"], VALUES["minio"], VALUES["meilisearch"]]
    assert [section["persistence"]["size"] for section in sizes] == ["10Gi", "2Gi", "10Gi", "5Gi"]


@pytest.mark.parametrize("workload", WORKLOADS)
def test_s127_an_autoscaler_needs_its_component_and_its_own_flag(workload: str) -> None:
    assert len(scaled({})) == 4
    name = f"pybase-{workload.replace('Worker', '-worker')}"
    for off in ({"enabled": False}, {"autoscaling": {"enabled": False}}):
        assert sorted(scaled({}) - scaled({workload: off})) == [name]


def scaled(values: dict[str, Any]) -> set[str]:
    """What the autoscalers of a render scale."""
    found = [item for item in helm.template(CHART, values) if item.kind == "HorizontalPodAutoscaler"]
    return {str(item.get("spec", "scaleTargetRef", "name")) for item in found}
