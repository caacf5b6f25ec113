"""Argo CD: which Application runs where, and what each of them says (S10, S16, S98, S144; rules.md section 5)."""

import copy
import posixpath
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Any

import pytest
from lupa.lua51 import LuaRuntime

from gitops.fleet import Fleet
from gitops.manifests import CLUSTER_SCOPED, Build, Manifest, mapping, strings

IN_CLUSTER = "https://kubernetes.default.svc"
EVERYWHERE = {"root", "argocd", "sealed-secrets", "pybase"}
ADD_ONS = {
    "eks": {"aws-load-balancer-controller", "external-dns"},
    "gke": {"external-dns"},
    "aks": {"cert-manager", "external-dns"},
    "bare-metal": {
        "cert-manager",
        "envoy-gateway",
        "envoy-gateway-crds",
        "gateway-api",
        "longhorn",
        "metallb",
        "metrics-server",
    },
}
OTHERWISE = {"bare-metal-development-local": EVERYWHERE}  # its distribution brings storage and addresses
WAVES = {
    "projects": -40,
    "argocd": -30,
    "gateway-api": -20,
    "envoy-gateway-crds": -20,
    "sealed-secrets": -20,
    "pybase": 0,
}
ADD_ON_WAVE = -10
OPTIONS = {
    "ServerSideApply=true",
    "PruneLast=true",
    "ApplyOutOfSyncOnly=true",
    "RespectIgnoreDifferences=true",
    "FailOnSharedResource=true",
}
FINALIZER = "resources-finalizer.argocd.argoproj.io"
RESTRICTED, BASELINE, PRIVILEGED = "restricted", "baseline", "privileged"
POD_SECURITY = {
    "argocd": BASELINE,
    "cert-manager": RESTRICTED,
    "envoy-gateway-system": BASELINE,
    "external-dns": RESTRICTED,
    "longhorn-system": PRIVILEGED,
    "metallb-system": PRIVILEGED,
    "monitoring": PRIVILEGED,
}


@pytest.fixture(scope="session")
def apps(the_fleet: Fleet) -> dict[str, Build]:
    """cluster -> its apps build."""
    return {build.cluster: build for build in the_fleet.builds if build.part == "apps"}


@pytest.fixture(scope="session")
def workload(the_fleet: Fleet) -> dict[str, Build]:
    """cluster -> its workload build."""
    return {build.cluster: build for build in the_fleet.builds if build.part == "workload"}


def applications(builds: dict[str, Build]) -> Iterator[Manifest]:
    for build in builds.values():
        yield from build.of_kind("Application")


def option(application: Manifest, name: str) -> str | None:
    """The value of a sync option, None when it is not there."""
    options = dict(text.split("=") for text in application.get("spec", "syncPolicy", "syncOptions"))
    return options.get(name)


def test_each_cluster_runs_exactly_its_applications(the_fleet: Fleet, apps: dict[str, Build]) -> None:
    shown = {name: {manifest.name for manifest in build.of_kind("Application")} for name, build in apps.items()}
    expected = {
        cluster.name: OTHERWISE.get(cluster.name, EVERYWHERE | ADD_ONS[cluster.provider])
        for cluster in the_fleet.clusters
    }
    assert shown == expected


def test_each_cluster_has_both_projects(apps: dict[str, Build]) -> None:
    for build in apps.values():
        assert {manifest.name for manifest in build.of_kind("AppProject")} == {"platform", "pybase"}, build.cluster


def test_policy_of_every_application(apps: dict[str, Build]) -> None:
    for application in applications(apps):
        policy = application.get("spec", "syncPolicy")
        assert policy["automated"] == {"enabled": True, "prune": True, "selfHeal": True, "allowEmpty": False}
        assert policy["retry"] == {
            "limit": 5,
            "refresh": True,
            "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"},
        }
        assert set(policy["syncOptions"]) >= OPTIONS, application.name
        assert application.get("spec", "destination", "server") == IN_CLUSTER
        assert application.namespace == "argocd"


def test_the_root_has_no_finalizer_and_every_child_has_it(apps: dict[str, Build]) -> None:
    for application in applications(apps):
        wanted = None if application.name == "root" else [FINALIZER]
        assert application.get("metadata", "finalizers") == wanted, application.name


def test_waves(apps: dict[str, Build]) -> None:
    for application in applications(apps):
        if application.name != "root":
            wave = application.annotations["argocd.argoproj.io/sync-wave"]
            assert wave == str(WAVES.get(application.name, ADD_ON_WAVE)), application.name
    for build in apps.values():
        for project in build.of_kind("AppProject"):
            assert project.annotations["argocd.argoproj.io/sync-wave"] == str(WAVES["projects"])


def test_revisions_are_pinned(apps: dict[str, Build]) -> None:
    for application in applications(apps):
        revision = application.get("spec", "source", "targetRevision")
        assert revision.startswith("refs/") or revision.removeprefix("v")[0].isdigit(), application.name
        assert not any(sign in revision for sign in "*^~><x"), application.name


def test_root_and_pybase_sync_the_folders_of_their_cluster(apps: dict[str, Build]) -> None:
    for cluster, build in apps.items():
        for name, folder in (("root", "apps"), ("pybase", "workload")):
            source = build.find("Application", "argocd", name).get("spec", "source")  # type: ignore[union-attr]
            assert source["path"] == f"clusters/{cluster}/{folder}"
            assert set(source) == {"repoURL", "targetRevision", "path"}, "what a reviewer renders is what is applied"


def test_own_applications_render_again_for_what_their_build_reads(
    the_fleet: Fleet, apps: dict[str, Build], workload: dict[str, Build]
) -> None:
    for cluster in the_fleet.clusters:
        for name, build in (("root", apps[cluster.name]), ("pybase", workload[cluster.name])):
            application = apps[cluster.name].find("Application", "argocd", name)
            assert application is not None
            paths = application.annotations["argocd.argoproj.io/manifest-generate-paths"].split(";")
            watched = {posixpath.normpath(posixpath.join("/", build.folder, path)) for path in paths}
            assert {f"/{path}" for path in build.reads if not below(f"/{path}", watched)} == set(), build.folder
            others = [folder for folder in watched if folder.startswith("/environments/")]
            assert others == ([f"/environments/{cluster.environment}"] if name == "pybase" else [])


def below(path: str, folders: set[str]) -> bool:
    return any(path.startswith(f"{folder}/") for folder in folders)


def test_root_leaves_what_a_person_changes_on_a_child(apps: dict[str, Build]) -> None:
    for build in apps.values():
        root = build.find("Application", "argocd", "root")
        assert root is not None
        (entry,) = root.get("spec", "ignoreDifferences")
        assert entry["kind"] == "Application"
        assert "/spec/syncPolicy/automated" in entry["jsonPointers"]


def test_s128_replicas_of_autoscaled_workloads_are_ignored(apps: dict[str, Build], workload: dict[str, Build]) -> None:
    for cluster, build in apps.items():
        pybase = build.find("Application", "argocd", "pybase")
        assert pybase is not None
        ignored = {
            entry["name"]
            for entry in pybase.get("spec", "ignoreDifferences")
            if "/spec/replicas" in entry["jsonPointers"]
        }
        scaled = {
            hpa.get("spec", "scaleTargetRef", "name") for hpa in workload[cluster].of_kind("HorizontalPodAutoscaler")
        }
        assert scaled <= ignored, cluster


def test_namespaces_have_one_maker_and_a_pod_security_level(apps: dict[str, Build]) -> None:
    for build in apps.values():
        makers: dict[str, list[str]] = {}
        for application in build.of_kind("Application"):
            if option(application, "CreateNamespace") == "true":
                namespace = application.get("spec", "destination", "namespace")
                makers.setdefault(namespace, []).append(application.name)
                labels = application.get("spec", "syncPolicy", "managedNamespaceMetadata", "labels")
                prefix = "pod-security.kubernetes.io/"
                assert labels[prefix + "enforce"] == POD_SECURITY[namespace]
                assert labels[prefix + "enforce-version"] != "latest"
                assert {prefix + "audit", prefix + "warn"} <= set(labels)
        assert all(len(names) == 1 for names in makers.values()), makers


@pytest.mark.parametrize("name", ["gateway-api", "envoy-gateway-crds"])
def test_shared_kinds_are_neither_pruned_nor_deleted(name: str, apps: dict[str, Build]) -> None:
    found = [application for application in applications(apps) if application.name == name]
    assert found
    assert all((option(a, "Prune"), option(a, "Delete")) == ("false", "false") for a in found)


@pytest.mark.parametrize("name", ["argocd", "sealed-secrets", "longhorn"])
def test_s144_deleting_what_guards_data_or_secrets_asks_first(name: str, apps: dict[str, Build]) -> None:
    found = [application for application in applications(apps) if application.name == name]
    assert found
    assert all(option(application, "Delete") == "confirm" for application in found)


def test_projects_permit_what_is_there_and_nothing_else(apps: dict[str, Build], workload: dict[str, Build]) -> None:
    for cluster, build in apps.items():
        for application in build.of_kind("Application"):
            project = build.find("AppProject", "argocd", application.get("spec", "project"))
            assert project is not None, application.name
            assert application.get("spec", "source", "repoURL") in project.get("spec", "sourceRepos")
            assert application.get("spec", "destination") in project.get("spec", "destinations"), application.name
        for name, part in (("platform", build), ("pybase", workload[cluster])):
            project = build.find("AppProject", "argocd", name)
            assert project is not None
            refused = [manifest.identity for manifest in part.objects if not permitted(project, manifest)]
            assert refused == [], f"{cluster}: {name}"


def permitted(project: Manifest, manifest: Manifest) -> bool:
    """Does the project allow this object: its kind, and where it is?"""
    scoped = manifest.kind in CLUSTER_SCOPED
    listed = project.get("spec", "clusterResourceWhitelist" if scoped else "namespaceResourceWhitelist")
    group = manifest.data["apiVersion"].rpartition("/")[0]
    namespaces = {place["namespace"] for place in project.get("spec", "destinations")}
    return {"group": group, "kind": manifest.kind} in listed and (scoped or manifest.namespace in namespaces)


def test_projects_hold_no_wildcard_and_watch_orphans(apps: dict[str, Build]) -> None:
    for build in apps.values():
        for project in build.of_kind("AppProject"):
            assert not [text for _, text in strings(project.get("spec")) if fnmatch(text, "*[*]*")], project.name
            assert project.get("spec", "orphanedResources") == {"warn": True}
            assert project.get("metadata", "finalizers") == [FINALIZER]
            if project.name != "platform":
                assert not [d for d in project.get("spec", "destinations") if d["namespace"] == "argocd"]


def test_facts_reach_the_add_ons(the_fleet: Fleet, apps: dict[str, Build]) -> None:
    for cluster in the_fleet.clusters:
        build = apps[cluster.name]
        dns = build.find("Application", "argocd", "external-dns")
        if dns is not None:
            values = dns.get("spec", "source", "helm", "valuesObject")
            assert values["txtOwnerId"] == cluster.name
            assert values["policy"] == "upsert-only"
            assert ("gateway-httproute" in values["sources"]) == bool(workload_routes(the_fleet, cluster.name))
            assert PROVIDER_CHECKS[cluster.provider](values)
        balancer = build.find("Application", "argocd", "aws-load-balancer-controller")
        if balancer is not None:
            assert balancer.get("spec", "source", "helm", "valuesObject", "clusterName") == cluster.name


def workload_routes(the_fleet: Fleet, cluster: str) -> list[Manifest]:
    (build,) = (build for build in the_fleet.builds if (build.cluster, build.part) == (cluster, "workload"))
    return list(build.of_kind("HTTPRoute"))


PROVIDER_CHECKS = {
    "eks": lambda values: values["provider"] == {"name": "aws"} and "serviceAccount" not in values,
    "gke": lambda values: values["serviceAccount"]["annotations"]["iam.gke.io/gcp-service-account"].endswith(
        f"@{values['extraArgs'][0].partition('=')[2]}.iam.gserviceaccount.com"
    ),
    "aks": lambda values: (
        values["podLabels"] == {"azure.workload.identity/use": "true"}
        and '"useWorkloadIdentityExtension": true' in values["secretConfiguration"]["data"]["azure.json"]
    ),
}


def settings(apps: dict[str, Build]) -> dict[str, Any]:
    """The values of Argo CD's own Application."""
    application = next(a for a in applications(apps) if a.name == "argocd")
    return mapping(application.get("spec", "source", "helm", "valuesObject"))


def test_argo_cd_settings(apps: dict[str, Build]) -> None:
    values = settings(apps)
    assert "@sha256:" in values["global"]["image"]["tag"]
    assert values["configs"]["cm"]["application.resourceTrackingMethod"] == "annotation"
    assert values["configs"]["cm"]["kustomize.buildOptions"] == "", "renders are made without flags"
    assert values["configs"]["params"]["controller.diff.server.side"] == "true"


def test_s16_a_sync_that_hangs_makes_way_for_the_next_commit(apps: dict[str, Build], bundled: Build) -> None:
    limit = int(settings(apps)["configs"]["params"]["controller.sync.timeout.seconds"])
    waits = [job.get("spec", "activeDeadlineSeconds") for job in bundled.of_kind("Job")]
    waits += [
        probe["periodSeconds"] * probe["failureThreshold"]
        for manifest in bundled.with_pods()
        for probe in (manifest.pod["containers"][0].get("startupProbe"),)
        if probe
    ]
    assert 3 * max(waits) < limit <= 3600, "stores, Jobs and workloads one after another, and no longer than an hour"


def test_sealed_secrets_keeps_the_name_that_kubeseal_looks_for(apps: dict[str, Build]) -> None:
    found = [application for application in applications(apps) if application.name == "sealed-secrets"]
    for application in found:
        values = application.get("spec", "source", "helm", "valuesObject")
        assert values["fullnameOverride"] == "sealed-secrets-controller"
        assert "@sha256:" in values["image"]["tag"]
        assert application.get("spec", "destination", "namespace") == "kube-system"


SOURCE = {"repoURL": "r", "chart": "c", "targetRevision": "1", "helm": {"valuesObject": {"on": True, "hosts": ["a"]}}}
DESTINATION = {"server": IN_CLUSTER, "namespace": "n"}
COMPARED = ("status", "sync", "comparedTo")
PHASE = ("status", "operationState", "phase")
HEALTH = ("status", "health", "status")
SYNC = ("status", "sync", "status")
VALUES = ("spec", "source", "helm", "valuesObject")

# What the root sees of a settled child after these changes -> the health it has to see (None takes a field away).
CHILD_HEALTH = [
    ("settled", {}, "Healthy"),
    ("just created", {("status",): None}, "Progressing"),
    ("never compared", {COMPARED: None}, "Progressing"),
    ("new version, old verdict", {("spec", "source", "targetRevision"): "2"}, "Progressing"),
    ("new value, old verdict", {(*VALUES, "on"): False}, "Progressing"),
    ("value added, even a false one", {(*VALUES, "off"): False}, "Progressing"),
    ("list grown", {(*VALUES, "hosts"): ["a", "b"]}, "Progressing"),
    ("moved", {("spec", "destination", "namespace"): "m"}, "Progressing"),
    ("second source", {("spec", "sources"): [SOURCE, SOURCE]}, "Progressing"),
    ("empty field that Argo CD leaves out", {("spec", "source", "helm", "skipCrds"): False}, "Healthy"),
    ("sync asked for", {("operation",): {"sync": {}}}, "Progressing"),
    ("sync running", {PHASE: "Running"}, "Progressing"),
    ("degraded while its sync is retried", {PHASE: "Running", HEALTH: "Degraded"}, "Progressing"),
    ("degraded", {HEALTH: "Degraded"}, "Degraded"),
    ("missing", {HEALTH: "Missing"}, "Missing"),
    ("out of sync", {SYNC: "OutOfSync"}, "Progressing"),
    ("sync failed", {SYNC: "OutOfSync", PHASE: "Failed"}, "Degraded"),
    ("failed once, synced by a later commit", {PHASE: "Failed"}, "Healthy"),
    ("paused by a person", {SYNC: "OutOfSync", ("spec", "syncPolicy", "automated", "enabled"): False}, "Healthy"),
    (
        "the root itself",
        {
            PHASE: "Running",
            ("metadata", "annotations"): {"argocd.argoproj.io/tracking-id": "x:argoproj.io/Application:argocd/x"},
        },
        "Healthy",
    ),
]
AUTOSCALER_HEALTH = [
    ("new", [], "Progressing"),
    ("no metrics yet", [("AbleToScale", "True", ""), ("ScalingActive", "False", "FailedGetResourceMetric")], "Healthy"),
    ("no target", [("AbleToScale", "False", "FailedGetScale")], "Degraded"),
    ("bad selector", [("AbleToScale", "True", ""), ("ScalingActive", "False", "InvalidSelector")], "Degraded"),
]


def settled_child() -> dict[str, Any]:
    return {
        "metadata": {"name": "x", "namespace": "argocd"},
        "spec": {
            "source": copy.deepcopy(SOURCE),
            "destination": dict(DESTINATION),
            "syncPolicy": {"automated": {"enabled": True}},
        },
        "status": {
            "health": {"status": "Healthy"},
            "sync": {"status": "Synced", "comparedTo": {"source": copy.deepcopy(SOURCE), "destination": DESTINATION}},
            "operationState": {"phase": "Succeeded"},
        },
    }


def lua_health(apps: dict[str, Build], kind: str, obj: dict[str, Any]) -> str:
    """Run a health check of argocd-cm as Argo CD does: Lua 5.1, the object in `obj`."""
    runtime = LuaRuntime()
    runtime.globals().obj = runtime.table_from(obj, recursive=True)
    return str(runtime.execute(settings(apps)["configs"]["cm"][f"resource.customizations.health.{kind}"]).status)


@pytest.mark.parametrize("changes, seen", [row[1:] for row in CHILD_HEALTH], ids=[row[0] for row in CHILD_HEALTH])
def test_health_of_a_child_application(changes: dict[tuple[str, ...], Any], seen: str, apps: dict[str, Build]) -> None:
    child = settled_child()
    for (*path, last), value in changes.items():
        place = child
        for key in path:
            place = place[key]
        if value is None:
            del place[last]
        else:
            place[last] = value
    assert lua_health(apps, "argoproj.io_Application", child) == seen


@pytest.mark.parametrize(
    "conditions, seen", [row[1:] for row in AUTOSCALER_HEALTH], ids=[row[0] for row in AUTOSCALER_HEALTH]
)
def test_health_of_an_autoscaler(conditions: list[tuple[str, str, str]], seen: str, apps: dict[str, Build]) -> None:
    shown = [{"type": kind, "status": status, "reason": reason} for kind, status, reason in conditions]
    assert lua_health(apps, "autoscaling_HorizontalPodAutoscaler", {"status": {"conditions": shown}}) == seen
