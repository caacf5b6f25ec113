"""An Application may delete data: it prunes without `allowEmpty: false`, or what holds data has no sync option.

Why: a render that came out empty by mistake would delete everything. A rename, or a Component that fell out of a list,
takes a claim and its data, or a namespace and all in it, within a minute. `Prune=false` keeps such an object,
`Prune=confirm` asks a person. Looked at are claims, StatefulSets with claims, CloudNativePG Clusters and Namespaces of
every build that an Application syncs.

Fails:

    kind: PersistentVolumeClaim
    metadata: {name: pybase-redis}

Passes:

    metadata:
      name: pybase-redis
      annotations: {argocd.argoproj.io/sync-options: "Prune=false,Delete=false"}

Fix: add the sync option to the named object.
Cannot see: objects of charts; their Application carries the option.
Source: https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/
"""

from collections.abc import Iterator

from gitops import argocd
from gitops.fleet import Fleet
from gitops.manifests import Manifest, mapping
from gitops.problems import Problem

ID = "prune-guard"
SEVERITY = "error"
CONTROLS = ("AR05",)
READS = ("fleet",)
_EMPTY = ("spec", "syncPolicy", "automated", "allowEmpty")
_KEPT = ("Prune=false", "Prune=confirm")


def check(fleet: Fleet) -> Iterator[Problem]:
    for _, application in argocd.applications(fleet):
        automated = mapping(application.get("spec", "syncPolicy", "automated"))
        if automated.get("prune") is True and automated.get("allowEmpty") is not False:
            message = "prunes, and does not say allowEmpty: false"
            yield fleet.at(ID, application, _EMPTY, message, "write allowEmpty: false")
        if set(_KEPT) & set(argocd.options(application)):
            continue
        for build in argocd.synced(fleet, application):
            for manifest in filter(_holds_data, build.objects):
                if not set(_KEPT) & set(argocd.listed(manifest, argocd.OPTIONS)):
                    path = ("metadata", "annotations", argocd.OPTIONS)
                    message = "would be pruned, with what it holds, when it is renamed or falls out of a list"
                    yield fleet.at(ID, manifest, path, message, f"add {argocd.OPTIONS}: Prune=false,Delete=false")


def _holds_data(manifest: Manifest) -> bool:
    if manifest.kind == "StatefulSet":
        return bool(manifest.get("spec", "volumeClaimTemplates"))
    if manifest.kind == "Cluster":
        return argocd.group(manifest) == "postgresql.cnpg.io"
    return manifest.kind in ("PersistentVolumeClaim", "Namespace")
