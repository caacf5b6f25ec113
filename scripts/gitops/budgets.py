"""How many pods a PodDisruptionBudget lets go at once. Pure.

As the disruption controller computes it (k8s.io/kubernetes pkg/controller/disruption, getExpectedPodCount): percentages
of the expected pods are rounded up, of minAvailable and of maxUnavailable alike.
"""

import re
from typing import Any

from gitops.manifests import Manifest, mapping

FIELDS = ("maxUnavailable", "minAvailable")


def field(budget: Manifest) -> str:
    """The one that decides, "" when it has none."""
    spec = mapping(budget.get("spec"))
    return next((name for name in FIELDS if spec.get(name) is not None), "")


def allowed(budget: Manifest, pods: int) -> int | None:
    """How many of that many healthy pods may be evicted; None for a figure that is none."""
    name = field(budget)
    figure = scaled(budget.get("spec", name), pods) if name else 0
    if figure is None:
        return None
    return max(0, min(pods, figure) if name == "maxUnavailable" else pods - figure)


def scaled(value: Any, pods: int) -> int | None:
    """A number, or a percentage of the pods, rounded up."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}%", value):
        return -(-int(value[:-1]) * pods // 100)
    return None
