"""An Application's project is missing, is `default`, or forbids its repository, its destination or a kind it renders.

Why: Argo CD refuses the whole sync for one object that the project does not permit, and says so only in the cluster.
`default` permits everything. Judged as Argo CD does: globs, entries with `!`, the lists of namespaced and of
cluster-wide kinds (without a list every namespaced kind is permitted, and no cluster-wide one). Every object of the
build that the Application syncs is looked at.

Fails:

    spec: {project: pybase}  # and its build holds an Ingress, which the project does not list

Passes:

    namespaceResourceWhitelist:
      - {group: networking.k8s.io, kind: Ingress}

Fix: add the named kind, destination or repository to the project.
Cannot see: what charts render (tests/rendered/test_add_ons.py does), and clusters that only belong to a project.
Source: argo-cd v3.5.3, pkg/apis/application/v1alpha1/app_project_types.go
"""

from collections.abc import Iterator

from gitops import argocd
from gitops.fleet import Fleet
from gitops.kubeconform import unknown_kind
from gitops.layout import nearest
from gitops.manifests import CLUSTER_SCOPED, Build, Manifest
from gitops.problems import Problem

ID = "project-permits"
SEVERITY = "error"
CONTROLS = ("AR01",)
READS = ("fleet",)


def check(fleet: Fleet) -> Iterator[Problem]:
    for build, application in argocd.applications(fleet):
        name = str(application.get("spec", "project") or "default")
        known = {project.name: project for project in build.of_kind("AppProject")}
        if name == "default" or name not in known:
            message = "project default permits everything" if name == "default" else f"project {name} is not there"
            near = nearest(name, [other for other in known if other != "default"])
            fix = f"name a project of apps/projects{near}"
            yield fleet.at(ID, application, ("spec", "project"), message, fix)
            continue
        yield from _place(fleet, application, known[name])
        for applied in argocd.synced(fleet, application):
            yield from _objects(fleet, application, known[name], applied)


def _place(fleet: Fleet, application: Manifest, project: Manifest) -> Iterator[Problem]:
    for source in argocd.sources(application):
        url = source.text("repoURL")
        ours = source.text("path").startswith("clusters/")  # then application-source judges the address
        if url and not ours and not argocd.permits_source(project, url):
            message, fix = f"forbids {url}, the repository of Application {application.name}", f"add {url}"
            yield fleet.at(ID, project, ("spec", "sourceRepos"), message, fix)
    server, name, namespace = argocd.destination(application)
    if (server or name) and namespace and not argocd.permits_destination(project, server, name, namespace):
        message = (
            f"forbids namespace {namespace} of {server or name}, the destination of Application {application.name}"
        )
        where = f"server: {server}" if server else f"name: {name}"
        fix = f"add {{{where}, namespace: {namespace}}}"
        yield fleet.at(ID, project, ("spec", "destinations"), message, fix)


def _objects(fleet: Fleet, application: Manifest, project: Manifest, build: Build) -> Iterator[Problem]:
    """One problem of each kind and of each namespace."""
    server, name, own = argocd.destination(application)
    seen: set[tuple[str, ...]] = {(own,)}
    unknown = {id(failure.manifest) for failure in fleet.schema_failures if unknown_kind(failure)}  # schema-valid's
    for manifest in build.objects:
        kind, namespace = (argocd.group(manifest), manifest.kind), manifest.namespace
        plain = kind == ("", "Secret")  # plain-secret wants it gone, not permitted
        if (
            kind not in seen
            and not plain
            and id(manifest) not in unknown
            and not argocd.permits_kind(project, manifest)
        ):
            scope = "cluster" if manifest.kind in CLUSTER_SCOPED else "namespace"
            group = kind[0] or '""'
            message = f"forbids {manifest.kind} of group {group}, which {build.part} of the cluster renders"
            fix = f"add {{group: {group}, kind: {manifest.kind}}} to {scope}ResourceWhitelist"
            yield fleet.at(ID, project, ("spec", f"{scope}ResourceWhitelist"), message, fix)
        sealed = manifest.kind == "SealedSecret"  # bound to its namespace: sealed-secret-scope and secret-key-sealed
        if (
            (namespace,) not in seen
            and namespace
            and not sealed
            and not argocd.permits_destination(project, server, name, namespace)
        ):
            message = f"forbids namespace {namespace}, where {build.part} of the cluster puts objects"
            fix = f"add {{server: {server}, namespace: {namespace}}}"
            yield fleet.at(ID, project, ("spec", "destinations"), message, fix)
        seen |= {kind} if sealed else {kind, (namespace,)}
