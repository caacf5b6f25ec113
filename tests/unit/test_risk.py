"""Every kind of risk, from a change of this repository's own builds, rendered: one patch in a folder of its own."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
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
from support import ROOT

CLUSTER = "bare-metal-production-fra1"
API, DATABASE = "Deployment/pybase-api", "StatefulSet/pybase-postgresql"
DELETE: dict[str, Any] = {"$patch": "delete"}
POD = "/spec/template/spec"


def put(path: str, value: Any) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}


def drop(path: str) -> dict[str, Any]:
    return {"op": "remove", "path": path}


@dataclass(frozen=True)
class Change:
    """A patch of `target` (Kind/name), and the flag that it raises: what must be in its message, and its object."""

    id: str
    target: str
    patch: Any
    level: str
    words: str
    about: str = ""
    part: str = "workload"
    more: tuple[tuple[str, Any], ...] = ()  # other patches that belong to the change

    @property
    def object(self) -> str:
        kind, _, name = (self.about or self.target).partition("/")
        return f"{kind}/{'-' if kind == 'Namespace' else 'argocd' if self.part == 'apps' else 'pybase'}/{name}"


REDIS, SEALED = "PersistentVolumeClaim/pybase-redis", "SealedSecret/pybase-redis-secret"
ROLE, BINDING = "Role/pybase-worker", "RoleBinding/pybase-search-worker"
BUDGET, SCALER, METALLB = "PodDisruptionBudget/pybase-api", "HorizontalPodAutoscaler/pybase-api", "Application/metallb"
PROJECT, HEADLESS = "AppProject/pybase", "Service/pybase-postgresql-headless"
IMAGE, ANNOTATIONS = f"{POD}/containers/0/image", "/metadata/annotations"
SECURITY = f"{POD}/containers/0/securityContext"
ENFORCE = "/metadata/labels/pod-security.kubernetes.io~1enforce"
OTHER_LABELS = [put("/spec/selector/matchLabels/new", "x"), put("/spec/template/metadata/labels/new", "x")]
NEXT = [put(IMAGE, "ghcr.io/pybase/pybase:1.1.0")]
CLAIM, KEEP = "/spec/volumeClaimTemplates/0/spec", "/spec/persistentVolumeClaimRetentionPolicy"
COMPONENT, SCOPE = "app.kubernetes.io~1component", "sealedsecrets.bitnami.com/cluster-wide"
EVERYONE, CHART = {"kind": "Group", "name": "everyone"}, "/spec/source/targetRevision"
SYNC, FINALIZED = "/spec/syncPolicy/automated", put("/metadata/finalizers", ["resources-finalizer.argocd.argoproj.io"])
SCRATCH = put(f"{POD}/volumes/0", {"name": "data", "emptyDir": {}}) | {"op": "replace"}
ALL_AT_ONCE = {"maxSurge": 1, "maxUnavailable": "100%"}
POSTGRES = "docker.io/library/postgres"

CHANGES = [
    Change("deletion", DATABASE, DELETE, MEDIUM, "stays in the cluster"),
    Change("deletion", API, DELETE, MEDIUM, "no pod is left behind Service pybase-api"),
    Change("deletion", SEALED, DELETE, HIGH, "pybase-redis still refer"),
    Change("deletion", "Namespace/pybase", DELETE, MEDIUM, "stays in the cluster"),
    Change("deletion", METALLB, DELETE, HIGH, "deletes with it", part="apps"),
    Change("deletion", "Application/pybase", DELETE, HIGH, "Delete=false keeps", part="apps"),
    Change("deletion", PROJECT, DELETE, HIGH, "do not sync any more: pybase", part="apps"),
    Change("immutable-field", API, OTHER_LABELS, HIGH, "spec.selector cannot be changed"),
    Change("immutable-field", DATABASE, [put("/spec/serviceName", "x")], HIGH, "orphan"),
    Change("immutable-field", BINDING, [put("/roleRef/name", "x")], HIGH, "roleRef"),
    Change("immutable-field", HEADLESS, [drop("/spec/clusterIP")], HIGH, "clusterIP"),
    Change("volume-shrinks", REDIS, [put("/spec/resources/requests/storage", "500Mi")], HIGH, "to 500Mi"),
    Change("volume-shrinks", DATABASE, [put(f"{CLAIM}/resources/requests/storage", "9Gi")], HIGH, "10Gi to 9Gi"),
    Change("volume-class", REDIS, [put("/spec/storageClassName", "slow")], HIGH, "to slow"),
    Change("volume-class", DATABASE, [put(f"{CLAIM}/storageClassName", "slow")], HIGH, "to slow"),
    Change("volume-replaced", "Deployment/pybase-redis", [SCRATCH], HIGH, "was claim pybase-redis and is emptyDir"),
    Change(
        "volume-replaced", DATABASE, [put(f"{POD}/containers/0/volumeMounts/0/mountPath", "/x")], HIGH, "not mounted"
    ),
    Change("protection-lost", DATABASE, [drop(ANNOTATIONS)], HIGH, "it is deleted when it leaves Git"),
    Change(
        "application-retargeted",
        "Application/pybase",
        [put("/spec/source/path", "x")],
        HIGH,
        "deploys x of",
        part="apps",
    ),
    Change(
        "application-retargeted",
        "Application/pybase",
        [put("/spec/destination/namespace", "x")],
        HIGH,
        "namespace pybase to x): what names no namespace",
        part="apps",
    ),
    Change(
        "application-careless", "Application/pybase", [put(f"{SYNC}/allowEmpty", True)], HIGH, "deletes", part="apps"
    ),
    Change(
        "application-careless", "Application/pybase", [put(f"{SYNC}/enabled", False)], MEDIUM, "arrive", part="apps"
    ),
    Change("application-careless", "Application/root", [FINALIZED], MEDIUM, "so is everything", part="apps"),
    Change("memory-unbounded", API, [drop(f"{POD}/containers/0/resources/limits/memory")], MEDIUM, "of 1Gi"),
    Change("rollout-outage", API, [put("/spec/strategy", {"type": "Recreate"})], HIGH, "takes every pod at once"),
    Change("rollout-outage", API, [put("/spec/strategy/rollingUpdate", ALL_AT_ONCE)], HIGH, "takes every pod at once"),
    Change("volume-retention", DATABASE, [put(f"{KEEP}/whenDeleted", "Delete")], HIGH, "with their data"),
    Change(
        "selector", "Service/pybase-api", [put(f"/spec/selector/{COMPONENT}", "frontend")], MEDIUM, "no longer sends"
    ),
    Change(
        "selector", API, [put(f"/spec/template/metadata/labels/{COMPONENT}", "x")], HIGH, "no longer protects", BUDGET
    ),
    Change("policy-opened", "NetworkPolicy/default-deny", DELETE, HIGH, "become possible"),
    Change("policy-opened", "NetworkPolicy/pybase-redis", [put("/spec/ingress/0", {})], MEDIUM, "-> redis"),
    Change("rbac-widened", ROLE, [put("/rules/0/verbs/-", "list")], MEDIUM, "list"),
    Change("rbac-widened", ROLE, [put("/rules/0/resources/-", "secrets")], HIGH, "get secrets"),
    Change("rbac-widened", BINDING, [put("/subjects/-", EVERYONE)], MEDIUM, "Group/everyone gets the rights of pybase"),
    Change("project-widened", PROJECT, [put("/spec/sourceRepos/-", "*")], HIGH, "sourceRepos", part="apps"),
    Change("secret-scope", SEALED, [put(ANNOTATIONS, {SCOPE: "true"})], HIGH, "from strict to cluster-wide"),
    Change("pod-security-loosened", API, [put(f"{SECURITY}/allowPrivilegeEscalation", True)], HIGH, "gain privileges"),
    Change("pod-security-loosened", API, [put(f"{POD}/hostNetwork", True)], HIGH, "shares the node's network"),
    Change("pod-security-loosened", API, [drop(f"{POD}/securityContext/runAsNonRoot")], HIGH, "may run as root"),
    Change(
        "namespace-loosened", "Namespace/pybase", [put(ENFORCE, "baseline")], HIGH, "baseline instead of restricted"
    ),
    Change("probe-removed", API, [drop(f"{POD}/containers/0/readinessProbe")], MEDIUM, "loses its readinessProbe"),
    Change("too-few-replicas", SCALER, [put("/spec/minReplicas", 1)], HIGH, "from 2 replicas to 1", API),
    Change("too-few-replicas", "Deployment/pybase-redis", [put("/spec/replicas", 0)], HIGH, "switched off"),
    Change("disruption-budget", BUDGET, DELETE, MEDIUM, "every pod of pybase-api at once"),
    Change("disruption-budget", BUDGET, [put("/spec/minAvailable", 0)], MEDIUM, "protects nothing"),
    Change("disruption-budget", BUDGET, [put("/spec/minAvailable", "100%")], MEDIUM, "never be drained"),
    Change("autoscaler-removed", SCALER, DELETE, MEDIUM, "starts anew with one"),
    Change(
        "image-downgrade", DATABASE, [put(IMAGE, f"{POSTGRES}:16.9-alpine3.24")], HIGH, "back from 16.15-alpine3.24"
    ),
    Change(
        "image-moved", API, [put(IMAGE, "example.org/pybase:1.0.0")], MEDIUM, "from example.org/pybase, not ghcr.io"
    ),
    Change("image-moved", DATABASE, [put(IMAGE, f"{POSTGRES}:16.15-alpine3.24")], MEDIUM, "no digest"),
    Change("without-migration", API, NEXT, HIGH, "runs 1.1.0, Job pybase-migrate still 1.0.0"),
    Change("without-migration", API, NEXT, HIGH, "is gone", more=(("Job/pybase-migrate", DELETE),)),
    Change("store-upgrade", DATABASE, [put(IMAGE, f"{POSTGRES}:17.1-alpine3.24")], HIGH, "cannot open its files"),
    Change("add-on-version", METALLB, [put(CHART, "99.0.0")], MEDIUM, "chart metallb goes from ", part="apps"),
    Change("add-on-version", METALLB, [put(CHART, "0.0.1")], HIGH, "goes back from", part="apps"),
    Change(
        "outage", DATABASE, [put(f"{POD}/containers/0/resources/limits/cpu", "2")], MEDIUM, "away until the new one"
    ),
]
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
