"""gitops values: what is derived from the schema of the chart's values, renewed in place."""

import json
from pathlib import Path

import pytest

from support import Gitops

FILES = {
    "README.md": "# Chart\n\n<!-- values: begin -->\n<!-- values: end -->\n",
    "values.yaml": "size: 2\n",
    "values.schema.json": '{"additionalProperties": false, "properties": '
    '{"size": {"type": "integer", "description": "All ä."}}}',
}


@pytest.fixture
def tree(base: Path) -> Path:
    folder = base / "charts/pybase"
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return base


def test_both_files_are_renewed_once(gitops: Gitops, tree: Path) -> None:
    answer = gitops("values", folder=tree)
    assert answer.out == "charts/pybase/values.schema.json: renewed\ncharts/pybase/README.md: renewed\n"
    schema = json.loads((tree / "charts/pybase/values.schema.json").read_text())
    assert schema["propertyNames"] == {"enum": ["size"]}
    assert "| `size` | integer | `2` | All ä. |" in (tree / "charts/pybase/README.md").read_text()
    again = gitops("values", folder=tree)
    assert (again.code, again.out) == (0, "")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("README.md", "# Chart\n", "README.md of the chart: the lines <!-- values: begin --> and"),
        ("values.schema.json", "{", "charts/pybase/values.schema.json: not JSON: "),
    ],
)
def test_what_is_in_the_way_is_a_sentence(name: str, text: str, said: str, gitops: Gitops, tree: Path) -> None:
    (tree / "charts/pybase" / name).write_text(text)
    answer = gitops("values", folder=tree)
    assert answer.code == 2
    assert answer.err.startswith(f"gitops values: {said}")


def test_missing_file_is_named(gitops: Gitops, tree: Path) -> None:
    (tree / "charts/pybase/values.schema.json").unlink()
    answer = gitops("values", folder=tree)
    assert (answer.code, answer.err) == (
        2,
        "gitops values: charts/pybase/values.schema.json: cannot be read: No such file or directory\n",
    )
