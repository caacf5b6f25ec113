"""What a teardown deletes, in which order, and what it keeps. Pure.

The set is what the render names, as far as the cluster has it; beside it claims of StatefulSets, Secrets that
SealedSecrets made, ConfigMaps of earlier renders, and Helm's record of its release.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gitops.installed import RELEASE, Installed
from gitops.manifests import Build, Manifest
from gitops.smoke.objects import claims

# Whoever would heal goes first, then traffic, then what keeps pods alive, then pods, then what they used.
EDGE = ("Ingress", "HTTPRoute", "Gateway")
FIRST = ("Application", *EDGE, "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy", "Service")
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job")
LAST = ("ConfigMap", "LimitRange", "ResourceQuota", "RoleBinding", "Role", "ServiceAccount")
OPTIONS = {  # data and keys: only when asked for
    "SealedSecret": "--delete-secrets",
    "Secret": "--delete-secrets",
    "PersistentVolumeClaim": "--delete-pvcs",
    "StorageClass": "--delete-pvcs",
    "Namespace": "--delete-namespace",
}
_HASH = re.compile(r"-[24-9bcdfghkmt]{10}$")  # what kustomize appends to a generated name


@dataclass(frozen=True)
class Plan:
    """`delete` in order, without the Applications, which go before; `keep` is data that no option asked for."""

    delete: list[Manifest]
    keep: list[Manifest]


def plan(build: Build, found: Installed, options: Iterable[str] = ()) -> Plan:
    """`options` are those of OPTIONS that were given."""
    asked = set(options)
    mine = [item for item in found.objects if belongs(build, item)]
    keep = [item for item in mine if _option(item) not in ("", *asked)]
    delete = [item for item in mine if _option(item) in ("", *asked)]
    return Plan(sorted(delete, key=_place), sorted(keep, key=_place))


def expected(build: Build) -> Installed:
    """What a cluster has of PyBase once the render is there: its objects, claims and opened Secrets."""
    secrets = [("Secret", item.namespace, item.name) for item in build.of_kind("SealedSecret")]
    made = [*secrets, *(("PersistentVolumeClaim", *claim) for claim in claims(build))]
    beside = [Manifest({"kind": kind, "metadata": {"namespace": where, "name": name}}) for kind, where, name in made]
    new = [item for item in beside if not build.find(item.kind, item.namespace, item.name)]
    return Installed("", [], [*build.objects, *new], {})


def belongs(build: Build, item: Manifest) -> bool:
    """Is the object PyBase's: rendered, or a consequence of what is?"""
    if build.find(item.kind, item.namespace, item.name):
        return True
    match item.kind:
        case "PersistentVolumeClaim":
            return (item.namespace, item.name) in set(claims(build))
        case "Secret":
            release = item.name.startswith(RELEASE) and item.get("metadata", "labels", "owner") == "helm"
            return release or build.find("SealedSecret", item.namespace, item.name) is not None
        case "ConfigMap":
            return item.labels.get("app.kubernetes.io/part-of") == "pybase" and _base(item.name) in _generated(build)
    return False


def foreign(build: Build, found: Installed) -> list[str]:
    """Claims in the namespaces of the render that are somebody else's, which a deleted namespace would take along."""
    claimed = (item for item in found.objects if item.kind == "PersistentVolumeClaim")
    return [f"{item.namespace}/{item.name}" for item in claimed if not belongs(build, item)]


def by_kind(objects: Iterable[Manifest]) -> dict[str, list[str]]:
    """Kind -> names, in order."""
    found: dict[str, list[str]] = {}
    for item in objects:
        found.setdefault(item.kind, []).append(item.name)
    return found


def listing(applications: list[Manifest], what: Plan) -> Iterator[str]:
    """The lines that a person confirms."""
    yield f"to delete: {len(applications) + len(what.delete)} objects"
    for kind, names in by_kind([*applications, *what.delete]).items():
        yield f"  {kind:<24} {len(names):>3}  {', '.join(names)}"
    if what.keep:
        yield "kept:"
    for kind, names in by_kind(what.keep).items():
        yield f"  {kind:<24} {len(names):>3}  {', '.join(names)} ({OPTIONS[kind]})"


def batches(found: Installed, objects: Iterable[Manifest]) -> Iterator[tuple[str, str, list[str]]]:
    """(kubectl's name of the kind, namespace, names) for one deletion each, in order."""
    held: dict[tuple[str, str], list[str]] = {}
    for item in objects:
        held.setdefault((found.resource(item), item.namespace), []).append(item.name)
    yield from ((resource, namespace, names) for (resource, namespace), names in held.items())


def _option(item: Manifest) -> str:
    return "" if item.kind == "Secret" and item.name.startswith(RELEASE) else OPTIONS.get(item.kind, "")


def _place(item: Manifest) -> tuple[int, str, str, str]:
    """Kinds of controllers that are not listed go with the edge, which most of them belong to."""
    order = [*FIRST, *WORKLOADS, *LAST, *OPTIONS]
    place = order.index(item.kind) if item.kind in order else len(("Application", *EDGE))
    return place, item.kind, item.namespace, item.name


def _generated(build: Build) -> set[str]:
    return {_base(item.name) for item in build.of_kind("ConfigMap") if _HASH.search(item.name)}


def _base(name: str) -> str:
    return _HASH.sub("", name)
