"""A container requests no CPU or memory, has no memory limit, or a figure that cannot be meant.

Why: a pod without requests is put on a node that has no room for it, and is the first to be evicted; without a memory
limit its leak is the node's. A limit alone counts as the request: the API server copies it. A request above its limit
is refused. 256m of memory is a quarter of a byte, and 500 of CPU are 500 cores: the unit is missing or wrong.

Fails:

    resources: {requests: {cpu: 200m, memory: 256m}, limits: {memory: 1Gi}}

Passes:

    resources: {requests: {cpu: 200m, memory: 256Mi}, limits: {memory: 1Gi}}

Fix: set the value; write Mi or Gi for memory, m for CPU.
Cannot see: what a program really uses. A request that an autoscaler computes with is said by autoscaler-target.
Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from gitops import quantity
from gitops.fleet import Fleet
from gitops.manifests import Container, containers, dig, mapping
from gitops.pod_security import Fault, like
from gitops.problems import Problem
from gitops.scaling import autoscalers, utilized

ID = "resources-set"
SEVERITY = "error"
CONTROLS = ("RS01", "RS02", "RS04")
READS = ("render",)
# What no container of a cluster means to have: below, at or above.
_SANE = {"cpu": (Decimal("0.001"), Decimal(64)), "memory": (Decimal(4 * 1024**2), Decimal(1024**4))}
_UNIT = {"cpu": "write m behind thousandths of a core, as 200m", "memory": "write Mi or Gi behind it, as 256Mi"}


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.builds:
        computed = [(autoscaler, utilized(autoscaler.manifest)) for autoscaler in autoscalers(build)]
        for manifest in build.with_pods():
            asked = {name for autoscaler, names in computed if autoscaler.scales(manifest) for name in names}
            for container in containers(manifest):
                if "ephemeralContainers" not in container.path:  # those have none
                    for fault in _faults(container, asked):
                        yield fleet.at(ID, manifest, *fault)


def _faults(container: Container, asked: set[str]) -> Iterator[Fault]:
    resources = mapping(container.spec.get("resources"))
    path = (*container.path, "resources")
    if not resources or not any(isinstance(resources.get(field), dict) for field in ("requests", "limits")):
        if not like("resources", container.spec) and not like("requests", resources):
            message = f"container {container.name} has no resources"
            yield Fault(path, message, "write its requests of cpu and memory, and its limit of memory")
        return
    yield from _missing(container, resources, asked)
    for field in ("requests", "limits"):
        for name, value in mapping(resources.get(field)).items():
            yield from _figure(resources, (*path, field, name), field, name, value)


def _missing(container: Container, resources: dict[str, Any], asked: set[str]) -> Iterator[Fault]:
    """`asked`: of what an autoscaler computes the utilization; a request of that alone is autoscaler-target's."""
    path = (*container.path, "resources")
    held, limits = mapping(resources.get("requests")), mapping(resources.get("limits"))
    lacking = [name for name in ("cpu", "memory") if held.get(name) is None and limits.get(name) is None]
    if not asked.issuperset(lacking) and not like("requests", _others(resources, "limits")):
        message = f"container {container.name} requests no {' and no '.join(lacking)}"
        yield Fault((*path, "requests"), message, f"write its request of {' and '.join(lacking)}")
    misspelt = like("memory", limits) or like("limits", _others(resources, "requests"))
    if limits.get("memory") is None and not misspelt:
        message = f"container {container.name} has no limit of memory"
        yield Fault((*path, "limits"), message, "write its limit of memory")


def _others(resources: dict[str, Any], known: str) -> dict[str, Any]:
    """Its fields that are neither of the two: maybe one in other words, which schema-valid says."""
    return {key: value for key, value in resources.items() if key not in (known, "requests", "limits")}


def _figure(resources: dict[str, Any], path: Any, field: str, name: str, value: Any) -> Iterator[Fault]:
    figure = quantity.number(value)
    low, high = _SANE.get(name, (None, None))
    if figure is None:
        return
    if low is not None and high is not None and not low <= figure < high:
        yield Fault(path, f"{field}.{name} {value} cannot be meant", _UNIT[name])
        return
    limit = quantity.number(dig(resources, "limits", name)) if field == "requests" else None
    if limit is not None and figure > limit and _meant(name, limit):
        message = f"the request of {name}, {value}, is above its limit of {dig(resources, 'limits', name)}"
        yield Fault(path, message, "lower the request or raise the limit")


def _meant(name: str, figure: Decimal) -> bool:
    low, high = _SANE.get(name, (figure, figure + 1))
    return low <= figure < high
