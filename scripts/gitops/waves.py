"""What an object needs before it can be healthy, and the pairs of one build that are in the wrong order. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from gitops import argocd
from gitops.inventory import STORES
from gitops.manifests import Build, Manifest, containers, dig, mapping, sequence, strings

_PHASES = {"PreSync": -1, "Sync": 0, "PostSync": 1, "SyncFail": 2}
_EDGE = ("Gateway", "HTTPRoute", "GRPCRoute", "TLSRoute", "Ingress")
_RANKS = ("store", "Job", "workload", "edge")
_REFERENCES = {"configMapRef": "ConfigMap", "configMapKeyRef": "ConfigMap", "configMap": "ConfigMap"}
_SECRETS = {"secretRef": "name", "secretKeyRef": "name", "secret": "secretName"}


@dataclass(frozen=True)
class Need:
    """`manifest` is applied before `needed`."""

    manifest: Manifest
    needed: Manifest


def needs(build: Build) -> Iterator[Need]:
    """One pair of each object: the latest one that it should come after."""
    last: dict[int, Manifest] = {}
    for manifest in build.objects:
        place = rank(manifest)
        if place is not None and (place not in last or order(manifest) > order(last[place])):
            last[place] = manifest
    users = _users(build)
    for manifest in build.objects:
        place = rank(manifest)
        earlier = [last[before] for before in last if place is not None and before < place]
        user = users.get((manifest.namespace, manifest.name)) if manifest.kind == "PersistentVolumeClaim" else None
        found = [*_referred(build, manifest), *earlier, *([user] if user else [])]
        latest = max(found, key=order, default=None)
        if latest and order(latest) > order(manifest) and "Skip" not in argocd.listed(manifest, argocd.HOOK):
            yield Need(manifest, latest)


def order(manifest: Manifest) -> tuple[int, int]:
    """(phase, wave): hooks before the sync come first, whatever their wave."""
    phases = [_PHASES[hook] for hook in argocd.listed(manifest, argocd.HOOK) if hook in _PHASES]
    return min(phases, default=0), argocd.wave(manifest)


def is_custom(group: str) -> bool:
    """Is it a group of no API server? Argo CD's own kinds are there before it syncs."""
    builtin = group.endswith(".k8s.io") and group not in ("gateway.networking.k8s.io", "snapshot.storage.k8s.io")
    return "." in group and not builtin and group != "argoproj.io"


def rank(manifest: Manifest) -> int | None:
    """The place in the order of stores, Jobs, workloads and edge; None for everything else."""
    if manifest.kind in _EDGE:
        return _RANKS.index("edge")
    if manifest.kind == "Job":
        return _RANKS.index("Job") if order(manifest)[0] <= 0 else None
    if manifest.kind not in ("Deployment", "StatefulSet", "DaemonSet"):
        return None
    return _RANKS.index("store" if manifest.origin.startswith(f"{STORES}/") else "workload")


def _referred(build: Build, manifest: Manifest) -> Iterator[Manifest]:
    names = [("Namespace", "", manifest.namespace), *_names(manifest)]
    return (found for kind, namespace, name in names if (found := build.find(kind, namespace, name)))


def _names(manifest: Manifest) -> Iterator[tuple[str, str, str]]:
    """(kind, namespace, name) of what the object refers to. A Secret is made from the SealedSecret of its name."""
    own = manifest.namespace
    if manifest.kind == "Application":
        yield "AppProject", own, str(manifest.get("spec", "project"))
    if manifest.kind in ("RoleBinding", "ClusterRoleBinding"):
        yield str(manifest.get("roleRef", "kind")), own, str(manifest.get("roleRef", "name"))
    if manifest.pod_path is None:
        return
    yield "ServiceAccount", own, str(manifest.pod.get("serviceAccountName"))
    for path, name in strings({"volumes": manifest.pod.get("volumes"), "of": [c.spec for c in containers(manifest)]}):
        if path[-1:] == ("claimName",):
            yield "PersistentVolumeClaim", own, name
        elif len(path) > 1 and path[-1] == "name" and path[-2] in _REFERENCES:
            yield "ConfigMap", own, name
        elif len(path) > 1 and _SECRETS.get(str(path[-2])) == path[-1]:
            yield "SealedSecret", own, name


def _users(build: Build) -> dict[tuple[str, str], Manifest]:
    """(namespace, claim) -> the first object whose pods mount it: without them a claim is not bound."""
    users: dict[tuple[str, str], Manifest] = {}
    for manifest in build.with_pods():
        for volume in sequence(manifest.pod.get("volumes")):
            claim = mapping(dig(volume, "persistentVolumeClaim")).get("claimName")
            key = (manifest.namespace, str(claim))
            if claim and (key not in users or order(manifest) < order(users[key])):
                users[key] = manifest
    return users
