"""An object is applied in a wave before one that it needs, or its wave is none.

Why: Argo CD applies a wave only when the one before is healthy, so an object that waits for a later one waits for ever:
a pod without its ServiceAccount, configuration or secret, a claim that no pod uses yet (with WaitForFirstConsumer it
is never bound), an Application without its project. PreSync hooks run before every object of the sync. The order is:
namespace, secrets and configuration, stores, Jobs, workloads, edge. Equal waves are right: within one, kinds have their
order. A custom resource whose CRD comes with another Application fails the dry run of the first sync, unless it or its
Application says SkipDryRunOnMissingResource. A wave that is no integer counts as 0.

Fails:

    kind: PersistentVolumeClaim  # and the Deployment that mounts it has no wave
    metadata: {annotations: {argocd.argoproj.io/sync-wave: "-10"}}

Passes:

    kind: Deployment
    metadata: {annotations: {argocd.argoproj.io/sync-wave: "-10"}}

Fix: use the wave the message names; add the option.
Cannot see: which CRDs a chart brings but for the `group` of policies/inventory.yaml, and waves inside charts.
Source: https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
"""

from collections.abc import Iterator

from gitops import argocd, waves
from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest, mapping, sequence
from gitops.problems import Problem
from gitops.waves import Need

ID = "wave-order"
SEVERITY = "error"
CONTROLS = ("AR09", "AR10")
READS = ("fleet",)
_ANNOTATIONS = ("metadata", "annotations")
_SKIP = "SkipDryRunOnMissingResource=true"


def check(fleet: Fleet) -> Iterator[Problem]:
    applied: dict[str, list[Manifest]] = {}
    for _, application in argocd.applications(fleet):
        for build in argocd.synced(fleet, application):
            applied.setdefault(build.folder, []).append(application)
    for build in fleet.builds:
        appliers = applied.get(build.folder, [])
        if appliers:
            for manifest in build.objects:
                yield from _form(fleet, manifest)
            yield from _order(fleet, list(waves.needs(build)))
        for application in appliers:
            if _SKIP not in argocd.options(application):
                yield from _dry_runs(fleet, application, build)
        yield from _providers(fleet, build)


def _order(fleet: Fleet, needs: list[Need]) -> Iterator[Problem]:
    """Said of the one that is too early, or of the one that is too late for several or is the only one with a wave."""
    early: dict[str, list[Manifest]] = {}
    for need in needs:
        early.setdefault(need.needed.identity, []).append(need.manifest)
    late = {need.needed.identity: need.needed for need in needs}
    for identity, manifests in early.items():
        needed, first = late[identity], min(manifests, key=waves.order)
        if waves.order(first)[0] < 0:
            message = f"is a PreSync hook, and {needed.written} is applied after it"
            yield fleet.at(ID, first, (*_ANNOTATIONS, argocd.HOOK), message, "write Sync, and a wave")
        elif len(manifests) > 1 or (argocd.WAVE in needed.annotations and argocd.WAVE not in first.annotations):
            message = (
                f"is applied in wave {argocd.wave(needed)}, and {first.written} in wave {argocd.wave(first)} needs it"
            )
            fix = f'write {argocd.WAVE}: "{argocd.wave(first)}" or less'
            yield fleet.at(ID, needed, (*_ANNOTATIONS, argocd.WAVE), message, fix)
        else:
            message = f"is applied in wave {argocd.wave(first)}, before {needed.written} in wave {argocd.wave(needed)}"
            fix = f'write {argocd.WAVE}: "{argocd.wave(needed)}"' + (
                " or more" if argocd.wave(needed) else ", or delete it"
            )
            yield fleet.at(ID, first, (*_ANNOTATIONS, argocd.WAVE), message, fix)


def _form(fleet: Fleet, manifest: Manifest) -> Iterator[Problem]:
    text = manifest.annotations.get(argocd.WAVE)
    if isinstance(text, str) and not argocd.is_wave(text):
        message = f"wave {text} is no integer, so it counts as 0"
        path = (*_ANNOTATIONS, argocd.WAVE)
        yield fleet.at(ID, manifest, path, message, 'write an integer in quotes, such as "-10"')


def _dry_runs(fleet: Fleet, application: Manifest, build: Build) -> Iterator[Problem]:
    """Custom resources without the option; where several and all lack it, their Application does."""
    own = {str(crd.get("spec", "group")) for crd in build.of_kind("CustomResourceDefinition")}
    custom = [each for each in build.objects if waves.is_custom(group := argocd.group(each)) and group not in own]
    lacking = [each for each in custom if _SKIP not in argocd.listed(each, argocd.OPTIONS)]
    if len(lacking) > 1 and lacking == custom:
        message = f"its first sync fails: {custom[0].written} is of a kind that another Application brings"
        yield fleet.at(ID, application, argocd.SYNC_OPTIONS, message, f"add {_SKIP} to syncOptions")
        return
    for manifest in lacking:
        message = f"the kind comes with another Application, and {_SKIP.partition('=')[0]} is not set"
        fix = f"add {argocd.OPTIONS}: {_SKIP}"
        yield fleet.at(ID, manifest, (*_ANNOTATIONS, argocd.OPTIONS), message, fix)


def _providers(fleet: Fleet, build: Build) -> Iterator[Problem]:
    """Beside the Application that brings an API group: objects of the group, and Applications whose build has some."""
    entries = map(mapping, sequence(fleet.table("inventory.yaml").get("applications")))
    brings = {str(entry.get("group") or ""): str(entry.get("name")) for entry in entries}
    held = {application.name: application for application in build.of_kind("Application")}
    for manifest in build.objects:
        applied = argocd.synced(fleet, manifest) if manifest.kind == "Application" else ()
        inner = {argocd.group(each) for other in applied if other is not build for each in other.objects}
        for group in sorted({argocd.group(manifest), *inner} & set(brings)):
            provider = held.get(brings[group])
            if provider and provider is not manifest and argocd.wave(manifest) < argocd.wave(provider):
                wave = argocd.wave(provider)
                message = f"is in wave {argocd.wave(manifest)}, before Application {provider.name} in {wave} ({group})"
                path = (*_ANNOTATIONS, argocd.WAVE)
                yield fleet.at(ID, manifest, path, message, f'write {argocd.WAVE}: "{wave + 1}" or more')
