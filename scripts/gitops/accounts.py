"""ServiceAccounts: who runs as which, whose they are, and which ones a binding gives something. Pure."""

from collections.abc import Iterable, Iterator

from gitops.manifests import Build, Manifest, mapping, sequence
from gitops.references import Path, Use, closest

KIND = "ServiceAccount"
BINDINGS = ("RoleBinding", "ClusterRoleBinding")
DEFAULT = "default"  # what a pod gets that names none
_COMPONENT = "app.kubernetes.io/component"
_EVERYONE = ("system:serviceaccounts", "system:authenticated")  # groups that hold every account


def of_pods(manifest: Manifest) -> tuple[str, Path]:
    """(name, path) of the account that the object's pods run as."""
    base = (*(manifest.pod_path or ()), "spec")
    for field in ("serviceAccountName", "serviceAccount"):
        if isinstance(name := manifest.pod.get(field), str) and name:
            return name, (*base, field)
    return DEFAULT, (*base, "serviceAccountName")


def workload_uses(build: Build, rule: str) -> Iterator[Use]:
    for manifest in build.with_pods():
        name, path = of_pods(manifest)
        if name != DEFAULT:
            yield Use(rule, manifest, KIND, manifest.namespace, name, path)


def subjects(build: Build) -> Iterator[tuple[Manifest, int, dict[str, object]]]:
    for manifest in build.of_kind(*BINDINGS):
        for index, subject in enumerate(sequence(manifest.get("subjects"))):
            yield manifest, index, mapping(subject)


def subject_uses(build: Build, rule: str) -> Iterator[Use]:
    """The accounts that bindings name in a namespace of the build."""
    for manifest, index, subject in subjects(build):
        name, namespace = str(subject.get("name") or ""), str(subject.get("namespace") or manifest.namespace)
        if subject.get("kind") == KIND and namespace in namespaces(build, manifest):
            yield Use(rule, manifest, KIND, namespace, name, ("subjects", index, "name"))


def namespaces(build: Build, binding: Manifest) -> set[str]:
    """The namespaces in which a binding may have its subjects: its own, or all that the build fills."""
    if binding.namespace:
        return {binding.namespace}
    return {m.namespace for m in build.objects if m.namespace} | {m.name for m in build.of_kind("Namespace")}


def owner(build: Build, namespace: str, account: str) -> Manifest | None:
    """The workload that an account is for: the one of its name, else of its component, else its first user."""
    workloads = sorted((m for m in build.with_pods() if m.namespace == namespace), key=lambda m: m.identity)
    users = [manifest for manifest in workloads if of_pods(manifest)[0] == account]
    found = build.find(KIND, namespace, account)
    component = found.labels.get(_COMPONENT) if found else None
    named = [manifest for manifest in workloads if manifest.name == account]
    related = [
        manifest for manifest in (*users, *workloads) if component and manifest.labels.get(_COMPONENT) == component
    ]
    return next(iter((*named, *related, *users)), None)


def own(build: Build, manifest: Manifest) -> str:
    """The account that was made for a workload: of its name, of its component, or one like it without a user."""
    held = [account for account in build.of_kind(KIND) if account.namespace == manifest.namespace]
    if any(account.name == manifest.name for account in held):
        return manifest.name
    used = {of_pods(other)[0] for other in build.with_pods()}
    free = {account.name: account for account in held if account.name not in used}
    component = manifest.labels.get(_COMPONENT)
    related = (name for name, account in free.items() if component and account.labels.get(_COMPONENT) == component)
    return next(related, closest(manifest.name, free))


def settled(build: Build, manifest: Manifest) -> bool:
    """Do the object's pods run as an account that is there and theirs?"""
    name, _ = of_pods(manifest)
    whose = owner(build, manifest.namespace, name)
    there = build.find(KIND, manifest.namespace, name) is not None
    return there and whose is not None and whose.identity == manifest.identity


def bound(build: Build, account: Manifest, unlisted: Iterable[Manifest]) -> bool:
    """Does a binding give the account something? One with a misspelt name is meant for the nearest account."""
    names = {other.name for other in build.of_kind(KIND)}
    everyone = (*_EVERYONE, f"system:serviceaccounts:{account.namespace}")
    for found in (build, Build("", objects=list(unlisted))):
        for _, _, subject in subjects(found):
            name = str(subject.get("name") or "")
            if subject.get("kind") == "Group" and name in everyone:
                return True
            if account.name in (name, closest(name, names) if name not in names else ""):
                return True
    return False
