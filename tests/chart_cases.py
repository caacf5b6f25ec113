"""Values of the chart that tests render: every example, every flag the other way round, every set of outside stores."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, reduce
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from gitops import chart, chart_values
from gitops.layout import Repository
from gitops.manifests import dig
from support import ROOT

REPOSITORY = Repository(ROOT)
CHART = ROOT / REPOSITORY.chart_folder()
EXAMPLES = [Path(file).stem for file in REPOSITORY.examples]
# The cluster that an example equals.
CLUSTERS = {
    "aks": "aks-production-westeurope",
    "bare-metal": "bare-metal-production-fra1",
    "eks": "eks-production-us-east-1",
    "gke": "gke-production-us-central1",
}
# The platform of the others, and their facts.
PLATFORMS = {"eks-gateway": "eks", "gke-ingress": "gke", "opt-ins": "bare-metal"}
FACTS = "tests/parity/facts/kustomization.yaml"
# Switch of the chart -> the component that does the same.
FEATURES = {
    "monitoring.enabled": "features/monitoring",
    "networkPolicy.apiServerForAllPods": "features/api-server-egress",
    "sentry.enabled": "features/sentry",
    "werk24.enabled": "features/werk24",
}
OUTSIDE = {
    "postgresql": ("postgresql", "externalServices"),
    "redis": ("redis", "externalServices"),
    "minio": ("minio", "s3"),
    "meilisearch": ("meilisearch",),
}
STORES = tuple(OUTSIDE)
# The example in which a switch has a meaning.
BASES = {
    "api.enabled": "all-bundled",
    "certManager": "bare-metal",
    "frontend.enabled": "all-bundled",
    "gateway": "gateway",
    "storageClass": "eks",
}
Values = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """An example and values that win over it."""

    name: str
    example: str
    values: Values = field(default_factory=dict)

    @property
    def cluster(self) -> str:
        """The cluster whose environment and platform the case has."""
        return CLUSTERS[self.example if self.example in CLUSTERS else PLATFORMS.get(self.example, "aks")]

    @property
    def facts(self) -> str:
        return REPOSITORY.facts_file(self.cluster) if self.example in CLUSTERS else FACTS

    @property
    def components(self) -> set[str]:
        """What a cluster would list to run the same."""
        values = self.merged
        stores = {f"stores/{store}" + ("" if values[store]["enabled"] else "-external") for store in STORES}
        return stores | {component for name, component in FEATURES.items() if dig(values, *name.split("."))}

    @property
    def merged(self) -> Values:
        """All values that count, the chart's defaults too."""
        example = yaml.safe_load((ROOT / REPOSITORY.example_file(self.example)).read_text())
        return merged(merged(chart.defaults(REPOSITORY), example), self.values)


def merged(below: Values, above: Values) -> Values:
    """As helm merges values files: mappings by key, all else is replaced."""
    both = {
        key: merged(below[key], value)
        for key, value in above.items()
        if isinstance(value, dict) and isinstance(below.get(key), dict)
    }
    return below | above | both


def at(path: tuple[str, ...], value: Any) -> Values:
    """{"a": {"b": value}} for ("a", "b")."""
    for key in reversed(path):
        value = {key: value}
    return value


@cache
def leaves() -> list[chart_values.Leaf]:
    return chart_values.leaves(chart.schema(REPOSITORY))


def examples() -> Iterator[Case]:
    yield from (Case(name, name) for name in EXAMPLES)


def outside(store: str) -> Values:
    """What the example all-external says about a store."""
    values = yaml.safe_load((ROOT / REPOSITORY.example_file("all-external")).read_text())
    return {section: values[section] for section in OUTSIDE[store]}


# What else a switch needs.
TOGETHER: dict[str, Values] = {
    "gateway.create": {"gateway": {"name": "shared"}},
    "meilisearch.enabled": outside("meilisearch"),
    "minio.enabled": outside("minio"),
    "sharedUploads.enabled": {"sharedUploads": {"storageClass": "shared"}},
}


def stores() -> Iterator[Case]:
    """Every set of stores outside the cluster."""
    for count in range(len(STORES) + 1):
        for chosen in combinations(STORES, count):
            values = reduce(merged, map(outside, chosen), {})
            yield Case(f"outside: {', '.join(chosen) or 'none'}", "ingress", values)


def flags() -> Iterator[Case]:
    """Every switch the other way round, those of the stores (see above) left out."""
    for leaf in leaves():
        if leaf.schema.get("type") == "boolean" and leaf.name not in {f"{store}.enabled" for store in STORES}:
            example = next((known for part, known in BASES.items() if leaf.name.startswith(part)), "ingress")
            now = chart_values.default(leaf, Case("", example).merged)
            other = leaf.schema["examples"][0] if now is None else not now
            values = merged(TOGETHER.get(leaf.name, {}), at(leaf.path, other))
            yield Case(f"{leaf.name}: {str(other).lower()}", example, values)
