"""Quantities of Kubernetes as numbers (k8s.io/apimachinery/pkg/api/resource). Pure."""

import re
from decimal import Decimal
from typing import Any

_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18}
_UNITS |= {f"{unit}i": 1024**power for power, unit in enumerate("KMGTPE", 1)}
_SMALL = {"m": Decimal("0.001"), "u": Decimal("0.000001"), "n": Decimal("0.000000001")}
_SHAPE = re.compile(r"([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d{1,3})?)(m|u|n|[kMGTPE]|[KMGTPE]i)?")


def number(value: Any) -> Decimal | None:
    """The number that "500m", "1Gi" or 2 stands for; None for what is no quantity."""
    found = _SHAPE.fullmatch(str(value).strip()) if not isinstance(value, bool) else None
    if found is None:
        return None
    unit = found.group(2) or ""
    return Decimal(found.group(1)) * _SMALL.get(unit, Decimal(_UNITS.get(unit, 1)))
