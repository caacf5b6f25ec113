"""The steps of a bootstrap: a dry run prints their texts, the real run prints each and does it."""

import argparse

from gitops import helm
from gitops.cluster import Cluster, Object
from gitops.commands import local
from gitops.helm import Chart
from gitops.installed import APPLICATIONS, Installed
from gitops.layout import Repository
from gitops.local import applications, objects
from gitops.local.instance import Instance
from gitops.manifests import Build, Manifest
from gitops.step import Step

NAMESPACE = "argocd"


def steps(
    repository: Repository, cluster: Cluster, instance: Instance | None, apps: Build, seconds: int, kept: bool
) -> list[Step]:
    """Argo CD, then what it is told; everything comes from the cluster's apps build. `kept`: Argo CD keeps itself."""
    own = apps.find("Application", NAMESPACE, "argocd")
    chart = _chart(cluster, own, seconds) if own and not kept else []
    first = [_settings(cluster, instance, apps)] if instance else chart
    return [*first, _root(repository, cluster, instance, apps)]


def keeps_itself(found: Installed, cluster: Cluster) -> bool:
    """Is Argo CD's own Application there and well? Then its chart is not installed over it."""
    if ("argoproj.io", "Application") not in found.resources:
        return False
    item = cluster.get(APPLICATIONS, "argocd", NAMESPACE)
    return item is not None and applications.read([item])[0].health == applications.HEALTHY


def wanted(apps: Build, instance: Instance | None) -> list[str]:
    """The Applications to wait for; the local platform leaves those out that are not of this repository."""
    paths = {app.name: str(app.get("spec", "source", "path")) for app in apps.of_kind("Application")}
    return [name for name, path in paths.items() if not instance or path.startswith("clusters/")]


def namespace(own: Manifest) -> Object:
    """Argo CD's namespace with the labels that its Application gives it."""
    labels = own.get("spec", "syncPolicy", "managedNamespaceMetadata", "labels") or {}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}}


def told(apps: Build) -> list[Manifest]:
    """What is applied by hand, once: the projects and the Application that makes the others."""
    root = apps.find("Application", NAMESPACE, "root")
    return [*apps.of_kind("AppProject"), *([root] if root else [])]


def _chart(cluster: Cluster, own: Manifest, seconds: int) -> list[Step]:
    chart = Chart.of(own.data)
    where = f"{chart.name} {chart.version} of {chart.repository}, with the values of the Application argocd"
    return [
        Step(f"make the Namespace {NAMESPACE}", lambda: cluster.apply([namespace(own)])),
        Step(
            f"helm upgrade --install argocd: {where}",
            lambda: helm.install(cluster, "argocd", NAMESPACE, chart, seconds),
        ),
    ]


def _settings(cluster: Cluster, instance: Instance, apps: Build) -> Step:
    """The local platform has Argo CD's kinds, and runs its programs beside the cluster."""
    text = f"settings of Argo CD, which runs beside the cluster in instance {instance.name} and stands in for its chart"
    key = instance.path("session-key")
    return Step(text, lambda: cluster.apply(objects.argocd_settings(apps, key.read_text())))


def _root(repository: Repository, cluster: Cluster, instance: Instance | None, apps: Build) -> Step:
    given = told(apps)
    names = ", ".join(f"{item.kind} {item.name}" for item in given)
    if instance is None:
        return Step(f"apply {names}", lambda: cluster.apply([item.data for item in given]))
    text = f"seal the secrets, push the tree to the instance's mirror, apply {names} with its address"
    return Step(text, lambda: _pushed(repository, instance))


def _pushed(repository: Repository, instance: Instance) -> int:
    """`gitops local sync --no-wait`."""
    parser = argparse.ArgumentParser()
    local.arguments(parser)
    options = parser.parse_args(["sync", "--name", instance.name, "--no-wait"])
    options.quiet = True
    return local.run(repository, options)
