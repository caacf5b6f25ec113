"""What tests share: the small valid fleet of fixtures/base with the cases laid over it, and a command's answer."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ROOT / "tests" / "fixtures"


@dataclass(frozen=True)
class Answer:
    """What a command left: exit code and what it printed."""

    code: int
    out: str
    err: str


Gitops = Callable[..., Answer]  # the fixture of that name


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
