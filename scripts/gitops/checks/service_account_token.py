"""A token for the Kubernetes API is mounted where nothing may be asked of the API, or is kept in a Secret.

Why: a token in a pod is what an intruder uses next. An account without a Role has no use for one, so neither the pods
nor the account let it be mounted. A Secret of type service-account-token holds one that never expires. An account has a
use when a RoleBinding or ClusterRoleBinding names it. A projected token with an `audience` is for another service and
passes.

Fails:

    spec: {serviceAccountName: pybase-api, automountServiceAccountToken: true}

Passes:

    spec: {serviceAccountName: pybase-api, automountServiceAccountToken: false}

Fix: write `automountServiceAccountToken: false`; use projected tokens.
Cannot see: bindings that charts make, and whether the pod really asks.
Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting
"""

from collections.abc import Iterator

from gitops import accounts, references, volumes
from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest, dig, sequence
from gitops.problems import Problem

ID = "service-account-token"
SEVERITY = "error"
CONTROLS = ("ID02", "ID12")
READS = ("render",)
FIELD = "automountServiceAccountToken"
TYPE = "kubernetes.io/service-account-token"


def check(fleet: Fleet) -> Iterator[Problem]:
    unlisted = references.left_out(fleet)
    for build in fleet.builds:
        yield from _kept(fleet, build)
        idle = {m.name: m for m in build.of_kind(accounts.KIND) if not accounts.bound(build, m, unlisted)}
        for account in idle.values():
            if account.get(FIELD) in (None, True):
                message = f"lets pods mount a token, and no binding gives {account.name} anything"
                yield fleet.at(ID, account, (FIELD,), message, f"write {FIELD}: false")
        for manifest in build.with_pods():
            name, _ = accounts.of_pods(manifest)
            if name in idle and accounts.settled(build, manifest):
                mounted = list(_mounted(fleet, manifest, name))
                yield from (_strays(fleet, build, name) if mounted else []) or mounted


def _strays(fleet: Fleet, build: Build, account: str) -> list[Problem]:
    """The bindings that are named as the account and give something to others only: they are the mistake."""
    found = (binding for binding in build.of_kind(*accounts.BINDINGS) if binding.name == account)
    message, fix = f"{account}, which mounts a token for this role, is no subject", f"name {account}"
    return [fleet.at(ID, binding, ("subjects",), message, fix) for binding in found]


def _mounted(fleet: Fleet, manifest: Manifest, account: str) -> Iterator[Problem]:
    message = f"mounts a token of {account}, which no binding gives anything"
    if manifest.pod.get(FIELD) is True:
        yield fleet.at(ID, manifest, (*(manifest.pod_path or ()), "spec", FIELD), message, f"write {FIELD}: false")
    for _, volume, path in volumes.volumes(manifest):
        for index, source in enumerate(sequence(dig(volume, "projected", "sources"))):
            token = dig(source, "serviceAccountToken")
            if isinstance(token, dict) and not token.get("audience"):
                where = (*path, "projected", "sources", index, "serviceAccountToken")
                yield fleet.at(ID, manifest, where, message, "delete the source")


def _kept(fleet: Fleet, build: Build) -> Iterator[Problem]:
    """A token in a Secret, sealed or not."""
    for manifest in build.of_kind("Secret", "SealedSecret"):
        path = ("type",) if manifest.kind == "Secret" else ("spec", "template", "type")
        if manifest.get(*path) == TYPE:
            message = "holds a ServiceAccount's token that never expires"
            yield fleet.at(ID, manifest, path, message, "delete it, and mount a projected token")
