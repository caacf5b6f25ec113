"""What it means for a cluster that its folder leaves the fleet, in lines. Pure."""

from collections.abc import Iterator

from gitops import argocd, installed, removal
from gitops.fleet import Fleet
from gitops.layout import Cluster
from gitops.manifests import Build
from gitops.output import printable
from gitops.risk.deletion import counted


def told(seen: Fleet, cluster: Cluster, mentions: list[str], unsaved: list[str]) -> Iterator[str]:
    """What it has, what a teardown deletes and keeps, the files that name it, and those that Git lacks."""
    name = cluster.name
    yield f"{name}: {cluster.state}; its folder goes, and nothing in the cluster with it:"
    yield f"Its Applications root and pybase follow clusters/{name}. Without it they change, heal and delete nothing;"
    yield "the add-ons go on as they are."
    builds = {build.part: build for build in seen.builds}
    broken = [build for build in seen.builds if build.error]
    for build in broken:
        yield printable(f"{build.folder}: does not build, so what the cluster has is not known: {build.error}")
    if not broken:
        yield from _deleted(name, builds["apps"], builds["workload"])
    yield from _paths("Files that name it, to be changed with the same commit:", mentions)
    yield from _paths("In no commit as they are now, so that nothing brings them back:", unsaved)


def _paths(head: str, paths: list[str]) -> Iterator[str]:
    if paths:
        yield head
    yield from (f"  {printable(path)}" for path in paths)


def _deleted(name: str, apps: Build, workload: Build) -> Iterator[str]:
    mine = installed.own(apps)
    yield "If the cluster still runs PyBase, empty it first, while the folder says what is there:"
    yield f"  gitops teardown {name} --context CONTEXT               data, secrets and namespaces stay"
    yield f"  gitops teardown {name} --context CONTEXT --delete-all  they go too"
    yield "As rendered, a teardown has"
    yield from removal.listing(mine, removal.plan(workload, removal.expected(workload)))
    rest = [app for app in apps.of_kind("Application") if app not in mine]
    if rest:
        yield f"and leaves running: {', '.join(app.name for app in rest)}"
    owners = [app.name for app in apps.of_kind("Application") if argocd.takes_along(app)]
    held = [item for item in workload.objects if argocd.syncs_with(item, "Delete=false")]
    if owners:
        yield "Deleted by hand, an Application with the finalizer takes along what it deployed: " + ", ".join(owners)
        yield f"Delete=false keeps even then {counted(held)}."
