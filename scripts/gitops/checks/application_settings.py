"""An Application or AppProject lacks a setting that every one of them has here.

Why: each was added for an outage. Without RespectIgnoreDifferences the ignore list changes only what is shown and the
autoscaler's replicas are set back; without PruneLast a hashed ConfigMap vanishes before the new pods run; an object
over 262,144 bytes does not fit into the annotation of a client-side apply. `kustomize`, `helm` or `directory` beside a
path of this repository would apply something else than a reviewer renders. The root ignores
/spec/syncPolicy/automated of its children, so that a person can pause one. A project warns of orphans, lists the
namespaced kinds it permits, and has a finalizer.

Fails:

    syncOptions: [ServerSideApply=true]

Passes:

    syncOptions: [ServerSideApply=true, PruneLast=true, ApplyOutOfSyncOnly=true, RespectIgnoreDifferences=true, ...]

Fix: add the named field.
Cannot see: fields for which a value is a matter of taste: the numbers of `retry`, sync windows.
Source: https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/
"""

import json
from collections.abc import Iterator
from dataclasses import replace

from gitops import argocd
from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest, mapping, sequence
from gitops.nodes import Key
from gitops.problems import Problem
from gitops.scaling import autoscalers

ID = "application-settings"
SEVERITY = "error"
CONTROLS: tuple[str, ...] = ()
READS = ("source", "render")
_OPTIONS = ("ServerSideApply", "PruneLast", "ApplyOutOfSyncOnly", "RespectIgnoreDifferences")
_LIMIT = 262_144  # bytes of all annotations (k8s.io/apimachinery/pkg/api/validation, TotalAnnotationSizeLimitB)
_POLICY, _IGNORED = ("spec", "syncPolicy"), ("spec", "ignoreDifferences")
Fault = tuple[tuple[Key, ...], str, str]  # field, message, fix


def check(fleet: Fleet) -> Iterator[Problem]:
    for _, application in argocd.applications(fleet):
        for fault in (*_policy(application), *_place(application), *_pausable(application)):
            yield fleet.at(ID, application, *fault)
        for build in argocd.synced(fleet, application):
            for fault in _scaled(application, build):
                problem = fleet.at(ID, application, *fault)
                yield replace(problem, builds=(*problem.builds, build.folder))
    for _, project in argocd.projects(fleet):
        for fault in _project(project):
            yield fleet.at(ID, project, *fault)
    yield from _large(fleet)


def _policy(application: Manifest) -> Iterator[Fault]:
    automated = mapping(application.get(*_POLICY, "automated"))
    wanted = {"prune": True, "selfHeal": True} | ({"enabled": True} if "enabled" in automated else {})
    lacking = [field for field, value in wanted.items() if automated.get(field) is not value]
    if lacking:
        said = ", ".join(f"{field}: true" for field in lacking)
        yield (*_POLICY, "automated"), f"automated lacks {said}", f"write {said}"
    if not application.get(*_POLICY, "retry", "limit"):
        fix = "write retry: {limit: 5, backoff: {duration: 5s, factor: 2, maxDuration: 3m}}"
        yield (*_POLICY, "retry"), "a sync that fails once is not tried again", fix
    missing = [f"{name}=true" for name in _OPTIONS if f"{name}=true" not in argocd.options(application)]
    if missing:
        said = ", ".join(missing)
        yield argocd.SYNC_OPTIONS, f"syncOptions lacks {said}", f"add {said}"


def _place(application: Manifest) -> Iterator[Fault]:
    server, name, namespace = argocd.destination(application)
    if not namespace or not (server or name):
        message = "destination names no " + ("namespace" if server or name else "cluster")
        yield ("spec", "destination"), message, "write server and namespace"
    for source in argocd.sources(application):
        for field in ("kustomize", "helm", "directory"):
            if source.entry.get(field) and source.text("path").startswith("clusters/") and not source.text("chart"):
                message = f"{field} changes what a reviewer renders"
                yield (*source.path, field), message, "delete it, and write the change into the folder"


def _pausable(application: Manifest) -> Iterator[Fault]:
    if argocd.is_root(application) and not _ignores(application, "Application", "", "/spec/syncPolicy/automated"):
        fix = "ignore /spec/syncPolicy/automated of kind Application"
        yield _IGNORED, "a person cannot pause an Application: the root starts it again", fix


def _scaled(application: Manifest, build: Build) -> Iterator[Fault]:
    for autoscaler in autoscalers(build):
        target = next((each for each in build.objects if autoscaler.scales(each)), None)
        if target and not _ignores(application, target.kind, target.name, "/spec/replicas"):
            message = f"replicas of {target.kind}/{target.name}, which an autoscaler owns, is not ignored"
            fix = f"add {{group: apps, kind: {target.kind}, name: {target.name}, jsonPointers: [/spec/replicas]}}"
            yield _IGNORED, message, fix


def _ignores(application: Manifest, kind: str, name: str, pointer: str) -> bool:
    entries = [mapping(entry) for entry in sequence(application.get(*_IGNORED))]
    return any(
        entry.get("kind") in (kind, "*")
        and entry.get("name") in (None, "", name)
        and (
            pointer in sequence(entry.get("jsonPointers"))
            or f"{pointer.replace('/', '.')}" in sequence(entry.get("jqPathExpressions"))
        )
        for entry in entries
    )


def _project(project: Manifest) -> Iterator[Fault]:
    spec = mapping(project.get("spec"))
    if project.get("spec", "orphanedResources", "warn") is not True:
        yield ("spec", "orphanedResources"), "says nothing of objects that nobody owns", "write {warn: true}"
    if not spec.get("namespaceResourceWhitelist"):
        field = ("spec", "namespaceResourceWhitelist")
        yield field, "permits every namespaced kind", "list the kinds that its Applications render"
    if not any(entry in argocd.FINALIZERS for entry in sequence(project.get("metadata", "finalizers"))):
        message = "has no finalizer: it can go before its Applications, which then cannot"
        yield ("metadata", "finalizers"), message, f"add finalizers: [{argocd.FINALIZER}]"
    for at, entry in enumerate(map(mapping, sequence(spec.get("destinations")))):
        if not entry.get("namespace") or not (entry.get("server") or entry.get("name")):
            yield ("spec", "destinations", at), "destination lacks server or namespace", "write both"


def _large(fleet: Fleet) -> Iterator[Problem]:
    for _, application in argocd.applications(fleet):
        if "ServerSideApply=true" in argocd.options(application):
            continue
        for build in argocd.synced(fleet, application):
            for manifest in build.objects:
                size = len(json.dumps(manifest.data, default=str).encode())
                if size > _LIMIT and "ServerSideApply=true" not in argocd.listed(manifest, argocd.OPTIONS):
                    path = ("metadata", "annotations", argocd.OPTIONS)
                    message = f"{size:,} bytes do not fit into the annotation of a client-side apply"
                    yield fleet.at(ID, manifest, path, message, f"add {argocd.OPTIONS}: ServerSideApply=true")
