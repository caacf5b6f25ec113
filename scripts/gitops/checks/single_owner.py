"""Something has two owners or none: two Applications sync one source, or a namespace is made twice or by nobody.

Why: two Applications that hold an object overwrite each other for ever; `FailOnSharedResource=true` makes the second
fail at once. A namespace that is rendered and also made by CreateNamespace changes its labels with every sync; one
that nobody makes lets the first sync fail.

Fails:

    syncOptions: [CreateNamespace=true]  # and the build renders that Namespace

Passes:

    syncOptions: [FailOnSharedResource=true]

Fix: keep it in the named Application.
Cannot see: what charts render. The labels of a namespace that CreateNamespace makes are namespace-pod-security's
business, an object that both builds of a cluster hold is object-identity's.
Source: https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#fail-the-sync-if-a-shared-resource-is-found
"""

from collections.abc import Iterator

from gitops import argocd, kustomizations
from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest
from gitops.problems import Problem

ID = "single-owner"
SEVERITY = "error"
CONTROLS = ("AR07", "AR08")
READS = ("fleet",)
_GIVEN = ("kube-system", "default", "kube-public", "kube-node-lease")  # every cluster has them
_SHARED, _CREATE = "FailOnSharedResource=true", "CreateNamespace=true"


def check(fleet: Fleet) -> Iterator[Problem]:
    written = kustomizations.names(fleet.sources, ["Namespace"])  # one that is not listed is another rule's business
    for build in fleet.builds:
        applications = list(build.of_kind("Application"))
        for application in applications:
            if _SHARED not in argocd.options(application):
                message = "goes on when another Application holds the same object"
                yield fleet.at(ID, application, argocd.SYNC_OPTIONS, message, f"add {_SHARED} to syncOptions")
        yield from _twice(fleet, applications)
        if applications:
            yield from _namespaces(fleet, build, applications, written)


def _twice(fleet: Fleet, applications: list[Manifest]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for application in applications:
        for source in argocd.sources(application):
            place = source.text("chart") or source.text("path")
            values = source.entry.get("helm") if source.text("chart") else None
            key = repr((source.text("repoURL"), place, values, argocd.destination(application)))
            first = seen.setdefault(key, application.name)
            if place and first != application.name:
                field = "chart" if source.text("chart") else "path"
                message, fix = f"Application {first} syncs {place} too", f"keep it in Application {first}"
                yield fleet.at(ID, application, (*source.path, field), message, fix)


def _namespaces(fleet: Fleet, build: Build, applications: list[Manifest], written: list[str]) -> Iterator[Problem]:
    rendered = {
        namespace.name: namespace
        for other in fleet.of_cluster(build.cluster)
        for namespace in other.of_kind("Namespace")
    }
    made: dict[str, str] = {}
    for application in applications:
        namespace = argocd.destination(application)[2]
        if _CREATE not in argocd.options(application):
            continue
        first = rendered[namespace].origin if namespace in rendered else made.get(namespace)
        if first:
            who = first if namespace in rendered else f"Application {first}"
            message, fix = f"namespace {namespace} is also made by {who}", f"delete {_CREATE}"
            at = argocd.options(application).index(_CREATE)
            yield fleet.at(ID, application, (*argocd.SYNC_OPTIONS, at), message, fix)
        made.setdefault(namespace, application.name)
    for application in applications:
        namespace = argocd.destination(application)[2]
        if namespace and namespace not in {*made, *rendered, *written, *_GIVEN, application.namespace}:
            made[namespace] = application.name
            message = f"nobody makes namespace {namespace}"
            fix = f"add {_CREATE} to syncOptions, or render the Namespace"
            yield fleet.at(ID, application, ("spec", "destination", "namespace"), message, fix)
