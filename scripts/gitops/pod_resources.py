"""What a pod requests and is limited to, as the scheduler and a ResourceQuota count it. Pure.

Defaults come first from the container itself (a limit is its request), then from a LimitRange, whose own are filled in
from max, default and min (k8s.io/kubernetes: pkg/apis/core/v1/defaults.go, plugin/pkg/admission/limitranger). A pod
takes the sum of its containers and sidecars, or what an init container with the sidecars before it takes when that is
more (k8s.io/component-helpers/resource: PodRequests), and its overhead.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from gitops import quantity
from gitops.manifests import Build, Container, Manifest, containers, dig, mapping, sequence

Amounts = dict[str, Decimal]  # resource -> cores, or bytes
FIELDS = ("requests", "limits")


def ranges(build: Build, namespace: str) -> list[tuple[Manifest, int, dict[str, Any]]]:
    """(LimitRange, index, entry) of every limit in the namespace."""
    return [
        (manifest, index, mapping(entry))
        for manifest in build.of_kind("LimitRange")
        if manifest.namespace == namespace
        for index, entry in enumerate(sequence(manifest.get("spec", "limits")))
    ]


def of_container(container: Container, limits: Iterable[Mapping[str, Any]]) -> dict[str, Amounts]:
    """Its requests and limits with the defaults of LimitRange entries of type Container."""
    asked, most = (amounts(dig(container.spec, "resources", field)) for field in FIELDS)
    asked = {**most, **asked}
    for entry in limits:
        top = {**amounts(entry.get("max")), **amounts(entry.get("default"))}
        usual = {**amounts(entry.get("min")), **top, **amounts(entry.get("defaultRequest"))}
        most, asked = {**top, **most}, {**usual, **asked}
    return {"requests": asked, "limits": most}


def of_pod(manifest: Manifest, limits: Collection[Mapping[str, Any]]) -> dict[str, Amounts]:
    found: dict[str, Amounts] = {}
    for field in FIELDS:
        running: defaultdict[str, Decimal] = defaultdict(Decimal)
        start: Amounts = {}
        for container in sorted(containers(manifest), key=lambda each: not each.init):
            if "ephemeralContainers" in container.path:
                continue
            held = of_container(container, limits)[field]
            if container.init and container.spec.get("restartPolicy") != "Always":
                for name, value in held.items():
                    start[name] = max(start.get(name, Decimal(0)), value + running[name])
            else:
                for name, value in held.items():
                    running[name] += value
        found[field] = {name: max(running[name], start.get(name, Decimal(0))) for name in {*running, *start}}
        for name, value in amounts(manifest.pod.get("overhead")).items():
            if field == "requests" or name in found[field]:
                found[field][name] = found[field].get(name, Decimal(0)) + value
    return found


def amounts(held: Any) -> Amounts:
    """A mapping of quantities as numbers."""
    found = ((str(name), quantity.number(value)) for name, value in mapping(held).items())
    return {name: value for name, value in found if value is not None}
