"""Two renders of the same application compared object by object: Kustomize's, which clusters run, and the chart's.

Pure. What the two tools and Argo CD write for themselves is taken off both sides by the constants below, and nothing
else is: there are no exceptions for an object or a field, a wanted difference is a value of the chart.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gitops import dump
from gitops.manifests import Manifest, unhashed

# Helm creates the namespace itself (--create-namespace); a chart's user brings Secrets, a cluster's folder sealed ones.
DROPPED_KINDS = ("Namespace", "SealedSecret")
# Labels and annotations, by prefix: the two tools' own, Argo CD's, and the checksum in place of the generator's hash.
DROPPED_KEYS = (
    "app.kubernetes.io/instance",
    "app.kubernetes.io/managed-by",
    "argocd.argoproj.io/",
    "checksum/",
    "helm.sh/",
)
CONTEXT = 4  # equal lines around a difference


@dataclass(frozen=True)
class Difference:
    """An object that is not the same in both; `diff` is of its YAML: `-` is Kustomize's, `+` the chart's."""

    object: str
    diff: str


def differences(kustomize: Iterable[Manifest], chart: Iterable[Manifest]) -> list[Difference]:
    """Every object that one side lacks, has twice or has otherwise, by identity (Kind/namespace/name)."""
    wanted, found = _texts(kustomize), _texts(chart)
    names = sorted({*wanted, *found})
    compared = ((name, wanted.get(name, ""), found.get(name, "")) for name in names)
    return [Difference(name, _diff(left, right)) for name, left, right in compared if left != right]


def normalise(objects: Iterable[Manifest]) -> list[Manifest]:
    """The objects as they are compared."""
    kept = [manifest for manifest in objects if manifest.kind not in DROPPED_KINDS]
    generated = (manifest.name for manifest in kept if manifest.kind in ("ConfigMap", "Secret"))
    names = {name: unhashed(name) for name in generated if unhashed(name) != name}
    return [Manifest(_normal(manifest.data, names)) for manifest in kept]


def _normal(value: Any, names: dict[str, str]) -> Any:
    """`value` with generated names as written, without the dropped labels and annotations."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, list):
        return [_normal(entry, names) for entry in value]
    if not isinstance(value, dict):
        return value
    return {key: held for key, raw in value.items() if (held := _member(key, raw, names)) is not None or raw is None}


def _member(key: str, value: Any, names: dict[str, str]) -> Any:
    """A member of a mapping, None for labels or annotations of which nothing is left."""
    if key not in ("labels", "annotations") or not isinstance(value, dict):
        return _normal(value, names)
    return {name: text for name, text in value.items() if not name.startswith(DROPPED_KEYS)} or None


def _texts(objects: Iterable[Manifest]) -> dict[str, str]:
    """identity -> YAML; an object that is there twice is there with both texts."""
    texts: dict[str, str] = {}
    for manifest in normalise(objects):
        text = dump.as_yaml(manifest.data, sort=True)
        before = texts.get(manifest.identity)
        texts[manifest.identity] = text if before is None else f"{before}---\n{text}"
    return texts


def _diff(wanted: str, found: str) -> str:
    lines = difflib.unified_diff(wanted.splitlines(), found.splitlines(), "Kustomize", "chart", n=CONTEXT, lineterm="")
    return "\n".join(lines)
