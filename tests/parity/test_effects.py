"""Each value of the chart changes what it renders."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest
import yaml

from chart_cases import EXAMPLES, REPOSITORY, TOGETHER, Values, at, leaves, merged
from gitops import chart, chart_values, helm, kubeconform
from gitops.chart_values import Leaf
from gitops.errors import GitopsError
from support import ROOT

OWN = sorted(Path(ROOT, "tests/parity/contexts").iterdir())
CONTEXTS = [*OWN, *(ROOT / REPOSITORY.example_file(name) for name in EXAMPLES)]
WORKERS = 4


def others(leaf: Leaf, value: object) -> Iterator[object]:
    """Valid values that are not `value`: the schema's examples and closed list, the default, and the other truth."""
    default = chart_values.default(leaf, chart.defaults(REPOSITORY))
    known = [*leaf.schema.get("examples", []), *leaf.schema.get("enum", []), default]
    yield from (other for other in known if other != value)
    if leaf.schema.get("type") == "boolean":
        yield not value


@cache
def rendered(context: Path, values: str = "{}") -> str:
    """What the chart prints, "" when it refuses the values."""
    folder = ROOT / REPOSITORY.chart_folder()
    kubernetes = f"--kube-version={kubeconform.VERSIONS[-1]}"
    try:
        return helm.text(folder, yaml.safe_load(values), kubernetes, files=[context])
    except GitopsError:
        return ""


@cache
def all_values(context: Path) -> Values:
    return merged(chart.defaults(REPOSITORY), yaml.safe_load(context.read_text()))


def has_effect(leaf: Leaf) -> bool:
    """Does another value change the render in some context?"""
    needs = TOGETHER.get(leaf.name, {})
    for context in CONTEXTS:
        before = rendered(context, yaml.safe_dump(needs)) or rendered(context)
        for other in others(leaf, chart_values.default(leaf, all_values(context))):
            text = rendered(context, yaml.safe_dump(merged(needs, at(leaf.path, other))))
            if text not in ("", before):
                return True
    return False


@pytest.fixture(scope="module")
def effects() -> dict[str, bool]:
    with ThreadPoolExecutor(WORKERS) as pool:
        return dict(zip((leaf.name for leaf in leaves()), pool.map(has_effect, leaves()), strict=True))


def test_every_context_renders() -> None:
    assert [context.name for context in CONTEXTS if not rendered(context)] == []


def test_no_value_is_without_effect(effects: dict[str, bool]) -> None:
    without = [name for name, effect in effects.items() if not effect]
    assert without == [], ", ".join(without)
