"""Rendered objects by short name."""

from collections.abc import Callable
from typing import Any

import pytest

from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest

Get = Callable[..., Any]


@pytest.fixture(scope="session")
def workloads(the_fleet: Fleet) -> dict[str, Build]:
    """cluster -> its workload build."""
    return {build.cluster: build for build in the_fleet.builds if build.part == "workload"}


@pytest.fixture(scope="session")
def bundled(workloads: dict[str, Build]) -> Build:
    """A production cluster with every store bundled."""
    return workloads["bare-metal-production-fra1"]


@pytest.fixture(scope="session")
def external(workloads: dict[str, Build]) -> Build:
    """A production cluster with managed database, cache and object store."""
    return workloads["eks-production-us-east-1"]


@pytest.fixture(scope="session")
def get(bundled: Build) -> Get:
    """get("Deployment", "api"): the object pybase-api of the bundled production cluster."""

    def find(kind: str, component: str, build: Build = bundled) -> Manifest:
        found = build.find(kind, "pybase", f"pybase-{component}")
        assert found is not None, f"{kind}/pybase-{component} is not rendered"
        return found

    return find
