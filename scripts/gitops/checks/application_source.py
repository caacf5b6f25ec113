"""An Application follows a path that is not there, another repository than this one, or what nobody has pinned.

Why: Argo CD then compares with nothing, with somebody else's folder, or takes whatever a branch or a range of chart
versions holds tomorrow. A production cluster follows a tag, a commit, or the branch of `revision` in
components/fleet-facts, which has to be protected; `HEAD` is whatever the server calls its default branch.

Fails:

    targetRevision: HEAD

Passes:

    targetRevision: refs/heads/main

Fix: correct the path or URL; pin the revision.
Cannot see: whether the branch is protected, whether the tag or chart version is there. A path that does not build is
kustomize-builds' business.
Source: https://argo-cd.readthedocs.io/en/stable/user-guide/tracking_strategies/
"""

import re
from collections.abc import Iterator

from gitops import argocd, facts, kustomizations
from gitops.argocd import Source
from gitops.fleet import Fleet
from gitops.layout import nearest
from gitops.manifests import Build, Manifest
from gitops.problems import Problem

ID = "application-source"
SEVERITY = "error"
CONTROLS = ("AR03", "AR04")
READS = ("source", "fleet")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_VERSION = re.compile(r"v?\d+(?:\.\d+)+(?:[-+][0-9A-Za-z.+-]+)?")
_PROTECTED = ("main", "master")


def check(fleet: Fleet) -> Iterator[Problem]:
    for build, application in argocd.applications(fleet):
        for source in argocd.sources(application):
            yield from _place(fleet, build, application, source)
            yield from _revision(fleet, build, application, source)


def _ours(fleet: Fleet, source: Source) -> bool:
    return source.text("path").startswith("clusters/") or (
        argocd.normalized(source.text("repoURL")) == argocd.normalized(argocd.repository(fleet))
    )


def _place(fleet: Fleet, build: Build, application: Manifest, source: Source) -> Iterator[Problem]:
    own, url, path = argocd.repository(fleet), source.text("repoURL"), source.text("path").strip("/")
    if not _ours(fleet, source) or source.text("chart") or "CLUSTER_" in path:
        return
    if own and url and not url.startswith("FLEET_") and argocd.normalized(url) != argocd.normalized(own):
        message, fix = f"{url} is not this repository", "write FLEET_REPOSITORY, which components/facts-wiring fills in"
        yield fleet.at(ID, application, (*source.path, "repoURL"), message, fix)
    if not kustomizations.of_folder(fleet.sources, path) and not source.entry.get("ref"):
        folders = {kustomizations.folder_of(file) for file in fleet.sources if kustomizations.is_kustomization(file)}
        message, fix = f"{path or 'no path'} has no kustomization", f"correct the path{nearest(path, sorted(folders))}"
        message, fix = (
            text.replace(build.cluster, "CLUSTER_NAME") for text in (message, fix)
        )  # alike in every cluster
        yield fleet.at(ID, application, (*source.path, "path"), message, fix)
    elif path.startswith("clusters/") and path.split("/")[1] != build.cluster:
        message, fix = f"{path} is another cluster's", f"write clusters/{build.cluster}/..."
        yield fleet.at(ID, application, (*source.path, "path"), message, fix)


def _revision(fleet: Fleet, build: Build, application: Manifest, source: Source) -> Iterator[Problem]:
    revision = source.text("targetRevision")
    if not source.entry or revision.startswith(("FLEET_", "CLUSTER_")):
        return
    if revision in ("", "HEAD"):
        message = "HEAD is whatever the default branch holds" if revision else "no targetRevision: that is HEAD"
    elif _pinned(revision) or (not source.text("chart") and _ours(fleet, source) and _followed(fleet, build, revision)):
        return
    else:
        message = f"{revision} is not pinned"
    fix = "write a tag, a commit or FLEET_REVISION" if _ours(fleet, source) else "write one version"
    yield fleet.at(ID, application, (*source.path, "targetRevision"), message, fix)


def _pinned(revision: str) -> bool:
    return revision.startswith("refs/tags/") or any(form.fullmatch(revision) for form in (_COMMIT, _VERSION))


def _followed(fleet: Fleet, build: Build, revision: str) -> bool:
    """Any branch outside production; there the fleet's own one."""
    file = fleet.sources.get(fleet.repository.fleet_facts_file())
    followed = facts.read(file).get("revision", "") if file else ""
    branch = revision.removeprefix("refs/heads/")
    return fleet.environment(build) != "production" or branch in (*_PROTECTED, followed.removeprefix("refs/heads/"))
