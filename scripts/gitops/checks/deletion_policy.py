"""What goes with a deleted Application is not stated: by a finalizer, or by the policy of its ApplicationSet.

Why: with the finalizer everything that an Application made is deleted with it; without, it stays behind and nobody
owns it. A child has it, so that a Component out of the list is gone from the cluster too. The root does not: deleting
it must not take the fleet along. An ApplicationSet deletes what it no longer generates unless it says otherwise.

Fails:

    metadata: {name: root, finalizers: [resources-finalizer.argocd.argoproj.io]}

Passes:

    metadata: {name: pybase, finalizers: [resources-finalizer.argocd.argoproj.io]}

Fix: set it explicitly.
Cannot see: finalizers that a person adds in the cluster.
Source: https://argo-cd.readthedocs.io/en/stable/user-guide/app_deletion/
"""

from collections.abc import Iterator

from gitops import argocd
from gitops.fleet import Fleet
from gitops.manifests import Manifest, sequence
from gitops.problems import Problem

ID = "deletion-policy"
SEVERITY = "error"
CONTROLS = ("AR06",)
READS = ("source", "render")
_FIELD = ("metadata", "finalizers")
_SAFE = ("create-update", "create-only")


def check(fleet: Fleet) -> Iterator[Problem]:
    for _, application in argocd.applications(fleet):
        has = any(entry in argocd.FINALIZERS for entry in sequence(application.get(*_FIELD)))
        if has and argocd.is_root(application):
            message = "has the finalizer, so deleting it deletes every Application of the cluster"
            yield fleet.at(ID, application, _FIELD, message, "delete the finalizer")
        elif not has and not argocd.is_root(application):
            message = "has no finalizer, so what it made stays behind when it is deleted"
            yield fleet.at(ID, application, _FIELD, message, f"add finalizers: [{argocd.FINALIZER}]")
    for build in fleet.builds:
        for generator in build.of_kind("ApplicationSet"):
            yield from _generator(fleet, generator)


def _generator(fleet: Fleet, generator: Manifest) -> Iterator[Problem]:
    path = ("spec", "syncPolicy", "preserveResourcesOnDeletion")
    if generator.get(*path) is not True:
        message = "deletes the objects of its Applications when it is deleted"
        yield fleet.at(ID, generator, path, message, "write syncPolicy.preserveResourcesOnDeletion: true")
    path = ("spec", "syncPolicy", "applicationsSync")
    if generator.get(*path) not in _SAFE:
        policy = generator.get(*path) or "sync"
        message = f"applicationsSync is {policy}: an Application that is no longer generated is deleted"
        yield fleet.at(ID, generator, path, message, "write syncPolicy.applicationsSync: create-update")
