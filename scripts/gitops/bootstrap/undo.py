"""Taking back what a failed bootstrap made: what was not there before it began, and nothing else."""

from dataclasses import dataclass

from gitops import deletion, helm, removal
from gitops.bootstrap.steps import NAMESPACE
from gitops.cluster import Cluster
from gitops.installed import APPLICATIONS, Installed, look, resources
from gitops.manifests import Build, Manifest
from gitops.progress import Say

SECONDS = 300
PROJECTS = "appprojects.argoproj.io"
APPROVED = "argocd.argoproj.io/deletion-approved=bootstrap"  # for Applications with Delete=confirm
EVERYTHING = tuple(set(removal.OPTIONS.values()))


@dataclass(frozen=True)
class Before:
    """What there was: identities, and whether Argo CD's release and namespace were there."""

    there: frozenset[str]
    release: bool
    namespace: bool


def before(cluster: Cluster, builds: dict[str, Build], chart: bool) -> Before:
    """`chart`: Argo CD comes from its chart, so helm is asked for its release."""
    found = look(cluster, builds["apps"].cluster, builds["apps"], builds["workload"])
    there = {item.identity for item in [*found.objects, *_argocd(cluster)]}
    namespace = cluster.get("namespace", NAMESPACE) is not None
    return Before(frozenset(there), chart and "argocd" in helm.releases(cluster, NAMESPACE), namespace)


def undo(cluster: Cluster, builds: dict[str, Build], known: Before, chart: bool, say: Say) -> list[str]:
    """Delete what is new; a line for what is left."""
    new = [item for item in _argocd(cluster) if item.identity not in known.there]
    apps = sorted((item for item in new if item.kind == "Application"), key=lambda item: item.name != "root")
    own = [item for item in apps if item.name in ("root", "argocd") or item.get("spec", "project") == "pybase"]

    def fresh(found: Installed) -> list[Manifest]:
        plan = removal.plan(builds["workload"], found, EVERYTHING)
        return [item for item in plan.delete if item.identity not in known.there]

    left = deletion.remove(cluster, builds, own, fresh, SECONDS, say)
    for item in (item for item in new if item not in own):
        say(f"deleting {item.kind} {item.name}")
        where = [APPLICATIONS if item.kind == "Application" else PROJECTS, item.name, f"--namespace={NAMESPACE}"]
        if item.kind == "Application":
            cluster.run("annotate", *where, "--overwrite", APPROVED)
        cluster.run("delete", *where, "--ignore-not-found", f"--timeout={SECONDS}s")
    if chart and not known.release and "argocd" in helm.releases(cluster, NAMESPACE):
        helm.uninstall(cluster, "argocd", NAMESPACE)
    if chart and not known.namespace:
        cluster.run("delete", "namespace", NAMESPACE, "--ignore-not-found", f"--timeout={SECONDS}s")
    return left


def _argocd(cluster: Cluster) -> list[Manifest]:
    """Applications first: a project that is in use is not deleted."""
    if ("argoproj.io", "Application") not in resources(cluster):
        return []
    found = [Manifest(item) for item in cluster.every(f"{APPLICATIONS},{PROJECTS}", NAMESPACE)]
    return sorted(found, key=lambda item: item.kind != "Application")
