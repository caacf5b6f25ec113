"""Deletion of what holds data or owns other objects, with what falls with it."""

from collections import Counter
from collections.abc import Iterable, Iterator

from gitops import argocd
from gitops.manifests import Build, Manifest, dig, selects, sequence
from gitops.risk.case import HIGH, MEDIUM, Case, Flag
from gitops.scaling import SCALABLE
from gitops.selection import service_selector

SHOWN = 5  # kinds by name
GUARDED = frozenset(
    {
        "AppProject",
        "Application",
        "CustomResourceDefinition",
        "Namespace",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "SealedSecret",
        "Secret",
        "StatefulSet",
    }
)
RUNNING = ("CronJob", "DaemonSet", "Deployment")  # hold nothing, but something ran that does not any more


def deletion(case: Case) -> Iterator[Flag]:
    """A trailer `Deletes: Kind/namespace/name` declares it; Argo CD's Prune=false keeps the object."""
    for gone in case.gone(*GUARDED):
        if argocd.syncs_with(gone, "Prune=false"):
            text = "leaves Git, and stays in the cluster, unmanaged (Prune=false), without what goes beside it"
            yield Flag(MEDIUM, "deletion", gone.identity, text, gone.identity)
            continue
        text = _falls(case, gone)
        renamed = next((new for new in case.come(gone.kind) if _same(gone, new)), None)
        if renamed:
            text = f"is replaced by {renamed.name}, under another name: {text}"
        yield Flag(HIGH, "deletion", gone.identity, text, gone.identity)
    if case.pair.new:  # of a cluster that goes altogether it is no news
        for gone in case.gone(*RUNNING):
            yield Flag(MEDIUM, "deletion", gone.identity, _stops(case, gone))


def _stops(case: Case, gone: Manifest) -> str:
    """With the Services that sent to it and have nobody left."""
    pods = [held for held in case.new.with_pods() if held.namespace == gone.namespace]
    senders = [service for service in case.new.of_kind("Service") if service.namespace == gone.namespace]
    alone = [s.name for s in senders if _sends(s, gone) and not any(_sends(s, pod) for pod in pods)]
    return "is deleted, with its pods" + (f"; no pod is left behind Service {', '.join(alone)}" if alone else "")


def _sends(service: Manifest, workload: Manifest) -> bool:
    selector = service_selector(service)
    return bool(selector) and selects(selector, workload.pod_labels)


def _falls(case: Case, gone: Manifest) -> str:
    match gone.kind:
        case "Application":
            return _application(case, gone)
        case "AppProject":
            users = [app.name for app in case.new.of_kind("Application") if app.get("spec", "project") == gone.name]
            return f"is deleted; Applications of it do not sync any more: {', '.join(users) or 'none is left'}"
        case "Namespace":
            inside = [held for held in case.old.objects if held.namespace == gone.name]
            return f"is deleted, with everything in it: {counted(inside)}, and what others put there"
        case "CustomResourceDefinition":
            kind = str(gone.get("spec", "names", "kind"))
            return f"is deleted, with every {kind} of the cluster ({counted(case.old.of_kind(kind))} of this build)"
        case "StatefulSet":
            return f"is deleted; {_claims(gone)}"
        case "PersistentVolumeClaim":
            return f"is deleted; {_volume(case.old, gone)}"
        case "PersistentVolume":
            return "is deleted; the disk behind it is found again only by hand"
    return f"is deleted; {_users(case, gone)}"


def _application(case: Case, gone: Manifest) -> str:
    path = gone.get("spec", "source", "path")
    builds = (*case.comparison.old.builds, *case.comparison.new.builds)
    build = next((build for build in builds if build.folder == path), None)
    kept = [held for held in build.objects if argocd.syncs_with(held, "Delete=false")] if build else []
    what = counted(held for held in build.objects if held not in kept) if build else f"everything of {_source(gone)}"
    if argocd.takes_along(gone):
        left = f"; Delete=false keeps {counted(kept)}" if kept else ""
        return f"is deleted, and Argo CD deletes with it what it deployed: {what}{left}"
    return f"is deleted; what it deployed stays, unmanaged: {what}"


def _source(application: Manifest) -> str:
    first = argocd.sources(application)[0]
    return first.text("chart") or first.text("path") or first.text("repoURL") or "its sources"


def _claims(owner: Manifest) -> str:
    """https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention"""
    names = [Manifest(template).name for template in sequence(owner.get("spec", "volumeClaimTemplates"))]
    if not names:
        return "it has no volume claims of its own"
    kept = owner.get("spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted") != "Delete"
    return f"its volume claims ({', '.join(names)}) {'stay, with their data' if kept else 'and their data go too'}"


def _volume(build: Build, claim: Manifest) -> str:
    name = str(claim.get("spec", "storageClassName") or "")
    known = build.find("StorageClass", "", name)
    policy = known.get("reclaimPolicy") or "Delete" if known else ""
    if policy == "Retain":
        return f"its volume stays, unbound (class {name}: Retain)"
    return f"its volume and data go too, unless class {name or 'default'} retains them" if not policy else (
        f"its volume and data go too (class {name}: {policy})"
    )  # fmt: skip


def _users(case: Case, gone: Manifest) -> str:
    """The workloads that still name a secret."""
    named = [m.name for m in case.new.with_pods() if _names(m.pod, gone.name)]
    opened = "the Secret that was opened from it goes too" if gone.kind == "SealedSecret" else "its values go"
    return f"{opened}; {', '.join(named)} still refer to it" if named else f"{opened}; no pod refers to it any more"


def _names(data: object, name: str) -> bool:
    if isinstance(data, dict):
        return any(
            (key in ("secretKeyRef", "secretRef") and dig(held, "name") == name)
            or (key == "secretName" and held == name)
            or _names(held, name)
            for key, held in data.items()
        )
    return isinstance(data, list) and any(_names(held, name) for held in data)


def _same(gone: Manifest, new: Manifest) -> bool:
    return gone.name != new.name and gone.get("spec") == new.get("spec") and gone.get("spec") is not None


def counted(objects: Iterable[Manifest]) -> str:
    """ "12 objects (1 StatefulSet, 3 Deployment, ...)": what holds data first, then the most of a kind."""
    kinds = Counter(held.kind for held in objects)
    order = sorted(kinds, key=lambda kind: (kind not in GUARDED, kind not in SCALABLE, -kinds[kind]))
    most = [f"{kinds[kind]} {kind}" for kind in order[:SHOWN]]
    more = ["..."] if len(kinds) > SHOWN else []
    return (
        f"{kinds.total()} object{'s' if kinds.total() > 1 else ''} ({', '.join(most + more)})" if kinds else "nothing"
    )
