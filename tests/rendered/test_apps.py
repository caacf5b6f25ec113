"""Argo CD: which Application runs where, and what each of them says (S10, S16, S98, S144; rules.md section 5)."""

import posixpath
from fnmatch import fnmatch

import pytest

from gitops.fleet import Fleet
from gitops.manifests import CLUSTER_SCOPED, Build, Manifest, strings
from support import IN_CLUSTER, applications

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
GENERATE_PATHS = "argocd.argoproj.io/manifest-generate-paths"
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


def test_the_root_renders_again_for_what_its_build_reads(the_fleet: Fleet, apps: dict[str, Build]) -> None:
    for build in apps.values():
        root = build.find("Application", "argocd", "root")
        assert root is not None
        paths = root.annotations[GENERATE_PATHS].split(";")
        watched = {posixpath.normpath(posixpath.join("/", build.folder, path)) for path in paths}
        assert {f"/{path}" for path in build.reads if not below(f"/{path}", watched)} == set(), build.folder


def test_an_application_with_hooks_renders_every_commit(apps: dict[str, Build]) -> None:
    """tests/e2e/test_faults.py shows why: with the annotation a migration can be left out."""
    for build in apps.values():
        pybase = build.find("Application", "argocd", "pybase")
        assert pybase is not None and GENERATE_PATHS not in pybase.annotations


def below(path: str, folders: set[str]) -> bool:
    return any(path.startswith(f"{folder}/") for folder in folders)


def test_root_leaves_what_a_person_changes_on_a_child(apps: dict[str, Build]) -> None:
    for build in apps.values():
        root = build.find("Application", "argocd", "root")
        assert root is not None
        (entry,) = root.get("spec", "ignoreDifferences")
        assert entry["kind"] == "Application"
        assert "/spec/syncPolicy/automated" in entry["jsonPointers"]


def test_s128_replicas_of_autoscaled_workloads_are_ignored(apps: dict[str, Build], workloads: dict[str, Build]) -> None:
    for cluster, build in apps.items():
        pybase = build.find("Application", "argocd", "pybase")
        assert pybase is not None
        ignored = {
            entry["name"]
            for entry in pybase.get("spec", "ignoreDifferences")
            if "/spec/replicas" in entry["jsonPointers"]
        }
        scaled = {
            hpa.get("spec", "scaleTargetRef", "name") for hpa in workloads[cluster].of_kind("HorizontalPodAutoscaler")
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


def test_projects_permit_what_is_there_and_nothing_else(apps: dict[str, Build], workloads: dict[str, Build]) -> None:
    for cluster, build in apps.items():
        for application in build.of_kind("Application"):
            project = build.find("AppProject", "argocd", application.get("spec", "project"))
            assert project is not None, application.name
            assert application.get("spec", "source", "repoURL") in project.get("spec", "sourceRepos")
            assert application.get("spec", "destination") in project.get("spec", "destinations"), application.name
        for name, part in (("platform", build), ("pybase", workloads[cluster])):
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
