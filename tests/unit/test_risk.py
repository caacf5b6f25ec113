"""Every kind of risk, from a change of this repository's own builds, rendered: one patch in a folder of its own."""

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from gitops import fleet, render, risk
from gitops.comparison import Comparison, Pair
from gitops.difference import differences
from gitops.fleet import Fleet
from gitops.layout import MANIFEST_FOLDERS, Repository
from gitops.manifests import Build, Manifest
from gitops.review import network
from gitops.risk import HIGH, MEDIUM, Case, Flag
from risk_changes import CHANGES, Change
from support import ROOT

CLUSTER = "bare-metal-production-fra1"
# No patch: another setting (below), and the versions of an environment (tests/commands/test_diff.py).
ELSEWHERE = {"hash-only-restart", "environment-skipped"}


def label(change: Change) -> str:
    return f"{change.id} {change.words}"


def entry(target: str, patch: Any) -> dict[str, Any]:
    kind, _, name = target.partition("/")
    about = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}}
    text = json.dumps(patch if isinstance(patch, list) else {**about, **patch})
    return {"target": {"kind": kind, "name": name}, "patch": text}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A copy of the repository, each change as a folder of the cluster, beside what it changes."""
    root = tmp_path_factory.mktemp("fleet")
    for name in (*MANIFEST_FOLDERS, "policies"):
        shutil.copytree(ROOT / name, root / name)
    for number, change in enumerate(CHANGES):
        patches = [entry(change.target, change.patch), *(entry(*each) for each in change.more)]
        folder = root / "clusters" / CLUSTER / f"change-{number}"
        folder.mkdir()
        content = {"kind": "Kustomization", "resources": [f"../{change.part}"], "patches": patches}
        (folder / "kustomization.yaml").write_text(yaml.safe_dump(content))
    return Repository(root.resolve())


@pytest.fixture(scope="module")
def cases(tree: Repository) -> dict[str, Case]:
    """change -> the build before and after it; all rendered at once."""
    parts = {part: tree.build_folder(CLUSTER, part) for part in ("apps", "workload")}
    folders = [f"clusters/{CLUSTER}/change-{number}" for number in range(len(CHANGES))]
    built = render.render(tree, [*parts.values(), *folders])
    assert [build.error for build in built if build.error] == []
    before = dict(zip(parts, built[:2], strict=True))
    sides = Fleet(tree, tree.clusters, [], fleet.read(tree), list(before.values()))
    found = {}
    for change, after in zip(CHANGES, built[2:], strict=True):
        old = before[change.part]
        pair = Pair(CLUSTER, change.part, "production", old, after, differences(old, after))
        comparison = Comparison("base", "head", [pair], sides, sides)
        found[repr(change)] = Case(pair, comparison, network.moved(comparison, pair)[0])
    return found


@pytest.mark.parametrize("change", CHANGES, ids=label)
def test_every_risk_is_said_of_its_object(change: Change, cases: dict[str, Case]) -> None:
    found = list(risk.flags(cases[repr(change)]))
    mine = [flag for flag in found if (flag.id, flag.object, flag.level) == (change.id, change.object, change.level)]
    assert [flag for flag in mine if change.words in flag.message], found


def test_every_risk_has_a_change() -> None:
    ids = {check.__name__.replace("_", "-") for check in risk.FLAGS}
    assert {change.id for change in CHANGES} | ELSEWHERE == ids


def test_nothing_changed_is_no_risk(cases: dict[str, Case]) -> None:
    for case in list(cases.values())[:1]:
        pair = Pair(CLUSTER, "workload", "production", case.pair.old, case.pair.old, [])
        assert list(risk.flags(Case(pair, case.comparison))) == []


def test_a_namespace_without_protection_takes_everything_along(cases: dict[str, Case]) -> None:
    case = next(case for case in cases.values() if "Namespace/-/pybase" in {d.identity for d in case.pair.objects})
    bare = [
        Manifest(json.loads(json.dumps(item.data).replace("Prune=false", "Prune=true"))) for item in case.old.objects
    ]
    old = Build("", objects=bare)
    pair = Pair(CLUSTER, "workload", "production", old, case.new, differences(old, case.new))
    found = [flag for flag in risk.flags(Case(pair, case.comparison)) if flag.object == "Namespace/-/pybase"]
    assert [(flag.id, flag.level) for flag in found] == [("deletion", HIGH)]
    assert "with everything in it: " in found[0].message and "StatefulSet" in found[0].message


def settings(case: Case, key: str, value: str) -> Iterator[Flag]:
    """The flags of the build with another setting: a new hash for every pod that reads it."""
    old = case.old
    name = next(item.name for item in old.of_kind("ConfigMap") if item.name.startswith("pybase-config-"))
    renamed = json.loads(json.dumps([item.data for item in old.objects]).replace(name, "pybase-config-7mtk49hb2d"))
    for data in renamed:
        if data["metadata"]["name"] == "pybase-config-7mtk49hb2d":
            data["data"][key] = value
    new = Build(old.folder, old.cluster, old.part, [Manifest(data) for data in renamed])
    yield from risk.flags(
        Case(Pair(CLUSTER, "workload", "production", old, new, differences(old, new)), case.comparison)
    )


def test_a_restart_for_a_hash_alone(cases: dict[str, Case]) -> None:
    case = next(case for case in cases.values() if case.pair.part == "workload")
    found = list(settings(case, "LOG_LEVEL", "DEBUG"))
    assert {flag.id for flag in found} == {"hash-only-restart"}
    assert "Deployment/pybase/pybase-api" in {flag.object for flag in found}
    assert {flag.message for flag in found} == {"its pods restart for pybase-config alone: nothing else of it changes"}


@pytest.mark.parametrize("options", ["Replace=true", "Force=true,Replace=true", "ServerSideApply=false, Force=true"])
def test_what_argocd_replaces_needs_no_hand(options: str, cases: dict[str, Case]) -> None:
    case = next(c for name, c in cases.items() if "'immutable-field', target='RoleBinding" in name)
    for found in case.pair.objects:
        assert found.new
        found.new.data["metadata"]["annotations"]["argocd.argoproj.io/sync-options"] = options
    flags = [flag for flag in risk.flags(case) if flag.id == "immutable-field"]
    assert [(flag.level, flag.subject) for flag in flags] == [(MEDIUM, "")]
