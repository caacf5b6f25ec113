"""Which entries of kustomizations did nothing in the builds that read them. Pure.

Kustomize is silent about a patch with `target:`, an `images:` entry or a replacement whose selector matches nothing
(kustomize/api: builtins/PatchTransformer, filters/imagetag, filters/replacement). `replicas:` and name-only patches
fail the build.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gitops import images, kustomizations, locate, patches
from gitops.fleet import Fleet
from gitops.kustomizations import listed
from gitops.layout import PARTS
from gitops.manifests import Build, Manifest
from gitops.nodes import Key, Node
from gitops.targets import same_path

LOCAL_CONFIG = "config.kubernetes.io/local-config"  # read by replacements, then left out of the build


@dataclass(frozen=True)
class Dead:
    """An entry that selects nothing: what it is, the selector as words, and where it is written."""

    kind: str
    wanted: str
    path: str
    line: int
    name: str = ""  # the object or image it names
    fact: str = ""  # the key that a replacement copies


def dead(fleet: Fleet) -> Iterator[Dead]:
    """The entries without effect of every kustomization of which all builds are there and whole."""
    if any(_lists_nothing(fleet, build) for build in fleet.builds):
        return  # what it should have listed is not known
    used, _ = images.followed(fleet)
    elsewhere = _elsewhere(fleet)
    for file, document in kustomizations.documents(fleet.sources):
        builds = [build for build in fleet.builds if file in build.reads]
        if not builds or file in elsewhere:
            continue
        reached = [m for build in builds for m in build.objects if file in m.changed_in]
        yield from _patches(fleet, file, document, reached)
        # A build that does not list the wiring is the mistake of its list, and its placeholders say so.
        unread = [m for build in fleet.builds if file not in build.reads for m in build.objects]
        yield from _replacements(fleet, file, document, [*reached, *unread])
        for entry in listed(document, "images"):
            if (file, entry.line) not in used:
                yield Dead("image", entry.text("name"), file, entry.line, name=entry.text("name"))


def dead_facts(fleet: Fleet) -> set[str]:
    """The facts that a replacement with a dead selector copies: their placeholders stay because of it."""
    return {entry.fact for entry in dead(fleet) if entry.fact}


def wirings(fleet: Fleet) -> list[tuple[str, Node]]:
    """(kustomization, replacement) of every replacement that is listed."""
    return [
        (file, replacement)
        for file, document in kustomizations.documents(fleet.sources)
        for _, replacement in _listed_replacements(fleet, file, document)
    ]


def replaces(fleet: Fleet, replacement: Node, manifest: Manifest, path: tuple[Key, ...]) -> bool:
    """Would the replacement set the field at `path` of the object?"""
    return any(
        (select := target.get("select")) is not None
        and patches.selected(fleet, select, manifest)
        and any(same_path(str(field.value), path) for field in listed(target, "fieldPaths"))
        for target in listed(replacement, "targets")
    )


def cutting(fleet: Fleet, manifest: Manifest, path: tuple[Key, ...], fact: str) -> tuple[str, int] | None:
    """The place of the replacement that copies the fact into the field, and only into a part of it."""
    for file, document in kustomizations.documents(fleet.sources):
        for where, replacement in _listed_replacements(fleet, file, document) if file in manifest.changed_in else ():
            for target in listed(replacement, "targets") if _fact(replacement) == fact else ():
                select, options = target.get("select"), target.get("options")
                if select is None or options is None or not patches.selected(fleet, select, manifest):
                    continue
                if any(same_path(str(field.value), path) for field in listed(target, "fieldPaths")):
                    return where, options.line
    return None


def unlisted_facts(fleet: Fleet) -> set[str]:
    """The facts whose replacement is in a file that no kustomization lists."""
    files = kustomizations.unlisted(fleet.sources).values()
    return {_fact(d) for source in files for d in source.documents if d.get("source") and d.get("targets")}


def _fact(replacement: Node) -> str:
    return replacement.text("source", "fieldPath").removeprefix("data.")


def _lists_nothing(fleet: Fleet, build: Build) -> bool:
    if build.objects:
        return False
    return not build.error or len(kustomizations.reach(fleet.sources, build.folder)) < 2


def _elsewhere(fleet: Fleet) -> frozenset[str]:
    """What builds list that failed, or belong to clusters that were not chosen: an entry may have its effect there."""
    whole = {build.folder for build in fleet.builds} - kustomizations.broken(fleet.sources, fleet.builds)
    names = (cluster.name for cluster in fleet.repository.clusters)
    folders = {fleet.repository.build_folder(name, part) for name in names for part in PARTS} - whole
    # What a cluster's name says it includes, and its list leaves out: rule layout.
    seen = {build.cluster: build.reads for build in fleet.workloads()}
    for cluster in fleet.clusters:
        for folder in (f"components/providers/{cluster.provider}", f"environments/{cluster.environment}/versions"):
            if kustomizations.of_folder(fleet.sources, folder) not in seen.get(cluster.name, ()):
                folders.add(folder)
    return frozenset(path for folder in folders for path in kustomizations.reach(fleet.sources, folder))


def _patches(fleet: Fleet, file: str, document: Node, reached: list[Manifest]) -> Iterator[Dead]:
    for entry in listed(document, "patches"):
        target = entry.get("target")
        if target is None or any(patches.selected(fleet, target, manifest) for manifest in reached):
            continue
        if all(body.text("$patch") != "delete" for _, _, body in patches.bodies(fleet, file, entry)):
            yield Dead("patch", _words(target), file, target.line, name=target.text("name"))


def _replacements(fleet: Fleet, file: str, document: Node, reached: list[Manifest]) -> Iterator[Dead]:
    for where, replacement in _listed_replacements(fleet, file, document):
        for target in listed(replacement, "targets"):
            select = target.get("select")
            if select is None or _is_local(fleet, select):
                continue
            if not any(patches.selected(fleet, select, manifest) for manifest in reached):
                yield Dead("replacement", _words(select), where, select.line, select.text("name"), _fact(replacement))


def _listed_replacements(fleet: Fleet, file: str, document: Node) -> Iterator[tuple[str, Node]]:
    """(file, replacement): a listed file holds one replacement or a list of them."""
    for entry in listed(document, "replacements"):
        where = locate.relative(file, entry.text("path")) if entry.text("path") else ""
        if not where:
            yield file, entry
        for written in fleet.sources[where].documents if where in fleet.sources else []:
            yield from ((where, replacement) for replacement in written.items() or [written])


def _is_local(fleet: Fleet, select: Node) -> bool:
    """Does it select a generated object that is left out of the build?"""
    return any(
        entry.text("options", "annotations", LOCAL_CONFIG) == "true" and entry.text("name") == select.text("name")
        for _, document in kustomizations.documents(fleet.sources)
        for entry in listed(document, "configMapGenerator")
    )


def _words(selector: Node) -> str:
    fields = selector.value.items() if isinstance(selector.value, dict) else ()
    return ", ".join(f"{key} {node.value}" for key, node in fields if not isinstance(node.value, dict | list))
