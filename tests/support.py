"""What tests share: the small valid fleet of fixtures/base with the cases laid over it, and a command's answer."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gitops.manifests import Build, Manifest, mapping

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


def required(module: str, program: str = "platform") -> str:
    """The version of a Go module that tools/<program> is built from."""
    text = (ROOT / "tools" / program / "go.mod").read_text()
    found = re.search(rf"^\s+{re.escape(module)} (v\S+)(?: // indirect)?$", text, re.MULTILINE)
    assert found, f"{program}: {module}"
    return found[1]


IN_CLUSTER = "https://kubernetes.default.svc"


def applications(builds: dict[str, Build]) -> Iterator[Manifest]:
    """Every Application of the apps builds."""
    return (application for build in builds.values() for application in build.of_kind("Application"))


def argocd_values(builds: dict[str, Build]) -> dict[str, Any]:
    """The chart values of Argo CD's own Application."""
    application = next(a for a in applications(builds) if a.name == "argocd")
    return mapping(application.get("spec", "source", "helm", "valuesObject"))
