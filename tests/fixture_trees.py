"""Trees for tests: the small valid fleet of fixtures/base and the cases laid over it."""

import shutil
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ROOT / "tests" / "fixtures"


def overlay(case: Path, tree: Path) -> dict[str, Any]:
    """Lay a case over a copy of the base tree: files of `tree/` are copied, those listed under `remove` deleted.
    Returns the case's expect.yaml, {} when it has none."""
    expect = case / "expect.yaml"
    expected: dict[str, Any] = yaml.safe_load(expect.read_text()) if expect.is_file() else {}
    for path in expected.get("remove", []):
        (tree / path).unlink()
    if (case / "tree").is_dir():
        shutil.copytree(case / "tree", tree, dirs_exist_ok=True, symlinks=True)
    return expected
