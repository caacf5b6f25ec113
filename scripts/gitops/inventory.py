"""What a build must hold (policies/inventory.yaml), and which folder brings it. Pure.

A workload build holds the kinds of each component, an apps build the Applications that the cluster cannot do without.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gitops import kustomizations
from gitops.fleet import Fleet
from gitops.kustomizations import folder_of, listed
from gitops.manifests import Build
from gitops.nodes import Node

FILE = "inventory.yaml"
LABEL = "app.kubernetes.io/component"
STORES = "components/stores"


@dataclass(frozen=True)
class Missing:
    """Objects that are not in a build: `things` as `Kind of component`, `folder` the one that has them, "" if none,
    `parent` the folder whose list should name it."""

    things: tuple[str, ...]
    folder: str
    parent: str


def missing(fleet: Fleet, build: Build) -> Iterator[Missing]:
    """What is not there, by the folder that would bring it."""
    if build.part == "apps":
        yield from _applications(fleet, build)
        return
    held = {(manifest.kind, str(manifest.labels.get(LABEL, ""))) for manifest in build.objects}
    for source in fleet.unlisted.values():  # kustomize-builds says that
        held.update((d.text("kind"), d.text("metadata", "labels", LABEL)) for d in source.documents)
    for parent, required in _required(fleet, build):
        lost: dict[str, list[str]] = {}
        for component, kinds in required.items():
            for kind in kinds:
                if (kind, component) not in held:
                    lost.setdefault(_folder(fleet, build, kind, component), []).append(f"{kind} of {component}")
        for folder, things in lost.items():
            yield Missing(tuple(things), folder, parent)


def _required(fleet: Fleet, build: Build) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """(folder whose list brings them, component -> kinds) that apply to a build."""
    policy = fleet.policy(FILE)
    if policy is None or build.part != "workload":
        return
    yield f"environments/{fleet.environment(build)}", _kinds(policy.get("environments", fleet.environment(build)))
    reach = kustomizations.reach(fleet.sources, build.folder)
    stores = policy.get("stores")
    for store in stores.key_lines if stores else ():
        if f"{STORES}/{store}/kustomization.yaml" in reach:
            yield build.folder, _kinds(policy.get("stores", store))


def _applications(fleet: Fleet, build: Build) -> Iterator[Missing]:
    """Those of every cluster, of the cluster's provider, or of an API group that its objects use."""
    policy, cluster = fleet.policy(FILE), fleet.cluster(build)
    if policy is None or cluster is None or build.folder != fleet.repository.build_folder(cluster.name, build.part):
        return
    held = {manifest.name for manifest in build.of_kind("Application")}
    used = {
        str(manifest.get("apiVersion")).rpartition("/")[0]
        for other in fleet.of_cluster(build.cluster)
        for manifest in other.objects
    }
    for entry in listed(policy, "applications"):
        name, group = entry.text("name"), entry.text("group")
        providers = [str(node.value) for node in listed(entry, "providers")] or [cluster.provider]
        if name not in held and cluster.provider in providers and (not group or group in used):
            use = f", which serves {group}," if group else ""
            yield Missing((f"Application {name}{use}",), f"apps/{name}", build.folder)


def _kinds(node: Node | None) -> dict[str, list[str]]:
    if node is None:
        return {}
    return {component: [str(kind.value) for kind in listed(node, component)] for component in node.key_lines}


def _folder(fleet: Fleet, build: Build, kind: str, component: str) -> str:
    """The folder whose kustomization lists or generates such an object; one that the build leaves out goes first."""
    found = set(_holders(fleet, kind, component))
    left_out = sorted(found - build.reads)
    return folder_of((left_out or sorted(found) or [""])[0])


def _holders(fleet: Fleet, kind: str, component: str) -> Iterator[str]:
    for file, kustomization in kustomizations.documents(fleet.sources):
        for generator in listed(kustomization, "configMapGenerator" if kind == "ConfigMap" else ""):
            labels = (generator.get("options", "labels"), kustomization.get("generatorOptions", "labels"))
            if any(node and node.text(LABEL) == component for node in labels):
                yield file
        for entry in kustomizations.entries(file, kustomization):
            source = fleet.sources.get(entry.path) if entry.field == "resources" else None
            for document in source.documents if source else []:
                if document.text("kind") == kind and document.text("metadata", "labels", LABEL) == component:
                    yield file
