"""An object has no namespace, is there twice, was moved out of its namespace, or is missing from the fleet.

Why: two builds that hold the same object fight over it: each sync of one undoes the other. Without a namespace an
object lands wherever the one who applies it happens to be. `namespace:` in a kustomization moves every object of the
build, an Application out of `argocd` and a Gateway out of `edge` too.
policies/inventory.yaml lists what has to be in every build; a Component or an Application that fell out of a list is
noticed there.

Fails:

    components:
      - ../../../components/namespace
      - ../../../components/stores/redis

Passes:

    components:
      - ../../../components/stores/redis
      - ../../../components/namespace

Fix: list `components/namespace` last in the cluster's leaf, remove one copy, or list the Component.
Cannot see: objects that a chart brings.
"""

from collections.abc import Iterator
from dataclasses import replace

from gitops import inventory, kustomizations
from gitops.fleet import Fleet
from gitops.kubeconform import unknown_kind
from gitops.layout import closest
from gitops.manifests import CLUSTER_SCOPED, Build, Manifest
from gitops.patches import definition
from gitops.problems import Problem

ID = "object-identity"
SEVERITY = "error"
CONTROLS = ("ST06",)
READS = ("fleet", "data")

_NAMESPACE = "components/namespace"


def check(fleet: Fleet) -> Iterator[Problem]:
    yield from _twice(fleet)
    for build in fleet.builds:
        without = [m for m in build.objects if m.kind not in CLUSTER_SCOPED and not m.namespace]
        if without:
            yield from _without_namespace(fleet, build, without)
        for manifest in build.objects:
            yield from _moved(fleet, manifest)
        if build.objects:
            yield from _missing(fleet, build, homeless=bool(without))


def _twice(fleet: Fleet) -> Iterator[Problem]:
    seen: dict[tuple[str, str, str], Manifest] = {}
    for build in fleet.builds:
        for manifest in build.objects:
            group = str(manifest.get("apiVersion")).rpartition("/")[0]
            first = seen.setdefault((build.cluster, group, manifest.identity), manifest)
            if first is not manifest:
                message, fix = f"is also made from {first.origin}", "remove one copy, or give it another name"
                said = fleet.at(ID, manifest, ("metadata", "name"), message, fix)
                yield replace(said, builds=tuple(sorted({first.build, manifest.build})))


def _without_namespace(fleet: Fleet, build: Build, without: list[Manifest]) -> Iterator[Problem]:
    """One mistake in the leaf's list, or one of each object."""
    file = kustomizations.of_folder(fleet.sources, build.folder)
    listed = list(kustomizations.entries(file, fleet.sources[file].documents[0])) if file else []
    own = next((entry for entry in listed if entry.path == _NAMESPACE), None)
    fix = f"list {_NAMESPACE} last"
    if own and own != listed[-1]:
        message = f"{_NAMESPACE} is listed before {listed[-1].written}, so {_count(without)} no namespace"
        yield Problem(file, own.line, ID, "", message, fix, builds=(build.folder,))
    elif not own and build.part == "workload":
        line = fleet.sources[file].documents[0].key_lines.get("components", 1)
        message = f"{_NAMESPACE} is not listed, so {_count(without)} no namespace"
        yield Problem(file, line, ID, "", message, fix, builds=(build.folder,))
    else:
        for manifest in without:
            yield fleet.at(ID, manifest, ("metadata",), "has no namespace", "write metadata.namespace")


def _moved(fleet: Fleet, manifest: Manifest) -> Iterator[Problem]:
    """An object in another namespace than its file says, because of a `namespace:` on the way."""
    written = definition(fleet, manifest).text("metadata", "namespace")
    if not written or written == manifest.namespace:
        return
    for file in manifest.changed_in:
        for document in fleet.sources[file].documents[:1] if file in fleet.sources else []:
            if document.text("namespace"):
                message = f"namespace: {document.text('namespace')} moves objects out of {written}"
                fix = f"delete it; {_NAMESPACE} sets what is missing"
                yield Problem(file, document.key_lines["namespace"], ID, "", message, fix, builds=(manifest.build,))


def _missing(fleet: Fleet, build: Build, homeless: bool) -> Iterator[Problem]:
    """Said where the folder should be listed, or where it lost the object."""
    refused = {failure.manifest.kind for failure in fleet.schema_failures if unknown_kind(failure)}
    for lost in inventory.missing(fleet, build):
        if all(closest(thing.partition(" ")[0], refused, 0.8) for thing in lost.things):
            continue  # a kind with a slip, which the schema says
        if homeless and lost.folder == _NAMESPACE:
            continue  # said once
        own = kustomizations.of_folder(fleet.sources, lost.folder)
        file = own if own in build.reads else kustomizations.of_folder(fleet.sources, lost.parent)
        if not file or not fleet.sources[file].documents:
            continue
        lines = fleet.sources[file].documents[0].key_lines
        if file == own or not own:
            fix = "restore it from Git, or take it from policies/inventory.yaml"
        else:
            fix = f"list {lost.folder}"
        line = lines.get("components", lines.get("resources", 1))
        message = f"{', '.join(lost.things)} is missing from the build"
        yield Problem(file, line, ID, "", message, fix, builds=(build.folder,))


def _count(objects: list[Manifest]) -> str:
    return "1 object has" if len(objects) == 1 else f"{len(objects)} objects have"
