"""What of a cluster's folder is in a cluster now, and who put it there: Argo CD, Helm, or somebody with kubectl."""

from dataclasses import dataclass

from gitops.cluster import Cluster
from gitops.errors import GitopsError
from gitops.local import applications
from gitops.manifests import CLUSTER_SCOPED, Build, Manifest
from gitops.smoke.model import namespaces

ARGOCD, HELM, KUSTOMIZE, DATA, NOTHING = "Argo CD", "Helm", "Kustomize", "data", "nothing"
KEPT = ("SealedSecret", "Secret", "PersistentVolumeClaim", "StorageClass", "Namespace")  # what a teardown leaves
APPLICATIONS = "applications.argoproj.io"
EXTRA = (("", "PersistentVolumeClaim"), ("", "Secret"), ("", "ConfigMap"))  # not rendered, or under another name
RELEASE = "sh.helm.release.v1."  # Secrets that hold Helm's record of a release


@dataclass(frozen=True)
class Installed:
    """`objects` are what the namespaces of the render hold of its kinds; `releases` the records of Helm releases."""

    how: str
    applications: list[Manifest]
    objects: list[Manifest]
    resources: dict[tuple[str, str], str]  # (API group, kind) -> the name that kubectl takes

    def resource(self, manifest: Manifest) -> str:
        return self.resources[(group(manifest), manifest.kind)]

    @property
    def releases(self) -> list[Manifest]:
        return [found for found in self.objects if found.kind == "Secret" and found.name.startswith(RELEASE)]

    def said(self) -> str:
        """Who keeps it, in a few words."""
        if self.how == ARGOCD:
            state = applications.read([app.data for app in self.applications])
            return f"installed by Argo CD ({', '.join(f'{app.name} {app.sync}/{app.health}' for app in state)})"
        if self.how == HELM:
            names = {found.name.removeprefix(RELEASE).rpartition(".")[0] for found in self.releases}
            return f"installed by Helm ({', '.join(sorted(names))})"
        if self.how == KUSTOMIZE:
            return "installed without Argo CD and Helm"
        return "nothing is installed" if self.how == NOTHING else "nothing runs; data and keys are there"


def look(cluster: Cluster, name: str, apps: Build, workload: Build) -> Installed:
    """What is there. GitopsError when the cluster is kept by another folder of the fleet: names are the same in all."""
    served = resources(cluster)
    found = _applications(cluster, served, apps)
    for app in found:
        path = str(app.get("spec", "source", "path") or "")
        if app.name == "root" and path != f"clusters/{name}/apps":
            raise GitopsError(
                f"this cluster is kept by {path or 'another source'}, not clusters/{name}; check --context"
            )
    objects = _objects(cluster, served, workload)
    return Installed(_how(found, objects, workload), found, objects, served)


def _how(found: list[Manifest], objects: list[Manifest], workload: Build) -> str:
    wanted = {item.identity for item in workload.objects if item.kind != "Namespace"}
    there = {item.kind for item in objects if item.identity in wanted or item.kind == "PersistentVolumeClaim"}
    if found:
        return ARGOCD
    if any(item.kind == "Secret" and item.name.startswith(RELEASE) for item in objects):
        return HELM
    return NOTHING if not there else DATA if there <= set(KEPT) else KUSTOMIZE


def refuse_another(cluster: Cluster, name: str) -> None:
    """GitopsError when the root Application, if there is one that may be read, is that of another cluster."""
    try:
        root = cluster.get(APPLICATIONS, "root", "argocd")
    except GitopsError:  # no such kind, or not allowed
        return
    path = str(Manifest(root).get("spec", "source", "path")) if root else ""
    if root and path != f"clusters/{name}/apps":
        raise GitopsError(f"this cluster is kept by {path}, not clusters/{name}; check --context")


def resources(cluster: Cluster) -> dict[tuple[str, str], str]:
    """(group, kind) -> `deployments.apps`, for all that the API server serves. One whose server is away is left out."""
    found: dict[tuple[str, str], str] = {}
    for line in cluster.run("api-resources", "--verbs=list,delete", "--no-headers", accept=(0, 1)).splitlines():
        name, *_, version, _, kind = line.split()
        api = version.rpartition("/")[0]
        found.setdefault((api, kind), f"{name}.{api}" if api else name)
    return found


def group(manifest: Manifest) -> str:
    return str(manifest.get("apiVersion") or "").rpartition("/")[0]


def own(apps: Build) -> list[Manifest]:
    """The root and the Applications of PyBase, in the order they have to go: the root makes the others again."""
    found = apps.of_kind("Application")
    wanted = [app for app in found if app.name == "root" or app.get("spec", "project") == "pybase"]
    return sorted(wanted, key=lambda app: app.name != "root")


def _applications(cluster: Cluster, served: dict[tuple[str, str], str], apps: Build) -> list[Manifest]:
    if ("argoproj.io", "Application") not in served:
        return []
    names = [app.name for app in own(apps)]
    there = {item["metadata"]["name"]: Manifest(item) for item in cluster.every(APPLICATIONS, "argocd")}
    return [there[name] for name in names if name in there]


def _objects(cluster: Cluster, served: dict[tuple[str, str], str], workload: Build) -> list[Manifest]:
    kinds = dict.fromkeys([*((group(item), item.kind) for item in workload.objects), *EXTRA])
    within = [served[key] for key in kinds if key in served and key[1] not in CLUSTER_SCOPED]
    beside = [served[key] for key in kinds if key in served and key[1] in CLUSTER_SCOPED]
    found = cluster.every(",".join(beside)) if beside else []
    there = {item["metadata"]["name"] for item in found if item["kind"] == "Namespace"}
    for namespace in (name for name in namespaces(workload) if name in there):
        found += cluster.every(",".join(within), namespace)
    return [Manifest(item) for item in found]
