"""References by name: from pods to ConfigMaps, and what to say about the ones whose object is not there. Pure."""

import difflib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from gitops import kustomizations, locate
from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest, containers, dig, mapping, sequence
from gitops.nodes import Key
from gitops.problems import Problem

Path = tuple[Key, ...]
Said = tuple[str, Manifest, Path, str, str]  # rule, object, path, message, fix
Names = Collection[tuple[str, str]]  # (kind, name) of objects that are there, though not in the build
EVERYWHERE = (("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default"))  # in every namespace of every cluster


@dataclass(frozen=True)
class Use:
    """A field of `manifest` that names an object, or a `key` of it. `rule`: who judges it."""

    rule: str
    manifest: Manifest
    kind: str
    namespace: str
    name: str
    path: Path
    optional: bool = False
    key: str = ""
    key_path: Path = ()


def left_out(fleet: Fleet) -> list[Manifest]:
    """The objects in files that no kustomization lists. That is kustomize-builds' business: take them as there."""
    files = kustomizations.unlisted(fleet.sources)
    return [
        Manifest(mapping(document.plain()), path)
        for path, source in files.items()
        if not kustomizations.is_kustomization(path)
        for document in source.documents
    ]


def names(objects: Iterable[Manifest]) -> set[tuple[str, str]]:
    return {*EVERYWHERE, *((manifest.kind, manifest.name) for manifest in objects)}


def in_env(build: Build, rule: str) -> Iterator[Use]:
    """Every use of a ConfigMap in env and envFrom, init containers' too."""
    for manifest in build.with_pods():
        for container in containers(manifest):
            for field, where in (("env", ("valueFrom", "configMapKeyRef")), ("envFrom", ("configMapRef",))):
                for index, entry in enumerate(sequence(container.spec.get(field))):
                    reference, path = mapping(dig(entry, *where)), (*container.path, field, index, *where)
                    if reference:
                        key = str(reference.get("key") or "") if field == "env" else ""
                        yield _config(rule, manifest, reference, path, key, (*path, "key"))


def in_volumes(build: Build, rule: str) -> Iterator[Use]:
    """Every use of a ConfigMap in volumes, projected ones too: the object, then each key of `items`."""
    for manifest in build.with_pods():
        base: Path = (*(manifest.pod_path or ()), "spec", "volumes")
        for index, volume in enumerate(sequence(manifest.pod.get("volumes"))):
            yield from _mounted(rule, manifest, mapping(dig(volume, "configMap")), (*base, index, "configMap"))
            for at, source in enumerate(sequence(dig(volume, "projected", "sources"))):
                path = (*base, index, "projected", "sources", at, "configMap")
                yield from _mounted(rule, manifest, mapping(dig(source, "configMap")), path)


def _mounted(rule: str, manifest: Manifest, reference: dict[str, object], path: Path) -> Iterator[Use]:
    if reference:
        yield _config(rule, manifest, reference, path)
    for index, item in enumerate(sequence(reference.get("items"))):
        yield _config(rule, manifest, reference, path, str(dig(item, "key") or ""), (*path, "items", index, "key"))


def _config(
    rule: str, manifest: Manifest, reference: dict[str, object], path: Path, key: str = "", key_path: Path = ()
) -> Use:
    name, optional = str(reference.get("name") or ""), reference.get("optional") is True
    return Use(rule, manifest, "ConfigMap", manifest.namespace, name, (*path, "name"), optional, key, key_path)


def keys(config: Manifest, *fields: str) -> set[str]:
    return {str(key) for field in fields for key in mapping(config.get(field))}


def plain(manifest: Manifest) -> str:
    """The name as people wrote it: without the hash of a generator."""
    return manifest.written.rpartition("/")[2]


def closest(name: str, known: Iterable[str], cutoff: float = 0.5) -> str:
    """The known name most like `name`, "" for none. The first word that they share (pybase-) makes none alike."""
    first, dash, _ = name.partition("-")

    def likeness(other: str) -> float:
        shared = f"{first}{dash}" if dash and other.startswith(f"{first}-") else ""
        return difflib.SequenceMatcher(None, other.removeprefix(shared), name.removeprefix(shared)).ratio()

    best = max(sorted(known), key=likeness, default="")
    return best if best and likeness(best) >= cutoff else ""


def suggestion(name: str, *known: tuple[Iterable[str], float]) -> str:
    """ ", did you mean X?" for the closest of the first list (with its cutoff) that has one, or nothing."""
    found = next(filter(None, (closest(name, names, cutoff) for names, cutoff in known)), "")
    return f", did you mean {found}?" if found else ""


def is_missing(build: Build, use: Use, there: Names) -> bool:
    if not use.name or use.optional or (use.kind, use.name) in there:
        return False
    return build.find(use.kind, use.namespace, use.name) is None


def holders_of_lost(build: Build) -> set[str]:
    """The objects whose environment refers to a ConfigMap or key that is not there: what it should be is not known."""
    found = set()
    for use in in_env(build, ""):
        config = build.find("ConfigMap", use.namespace, use.name)
        if not use.optional and (config is None or (use.key and use.key not in keys(config, "data"))):
            found.add(use.manifest.identity)
    return found


def missing(
    fleet: Fleet, rule: str, build: Build, uses: list[Use], there: Names, otherwise: str = "correct the name"
) -> Iterator[Problem]:
    """What `rule` says about the uses of one kind that name nothing. `uses` are all of the build; the rule of the first
    one speaks where it is one mistake: an object that has another name than the places that use it, or is not there."""
    groups: dict[tuple[str, str], list[Use]] = {}
    for use in uses:
        if is_missing(build, use, there):
            groups.setdefault((use.namespace, use.name), []).append(use)
    used = {(use.namespace, use.name) for use in uses}
    for (namespace, name), group in groups.items():
        first = group[0]
        held = [m for m in build.of_kind(first.kind) if m.namespace == namespace]
        spare = {plain(manifest): manifest for manifest in held if (namespace, manifest.name) not in used}
        others = [*map(plain, held), *(other for kind, other in there if kind == first.kind)]
        guess = suggestion(name, (spare, 0.5), (others, 0.6))
        moved = next((m for m in build.of_kind(first.kind) if m.name == name), None)
        if moved:
            message, fix = f"is used in namespace {namespace}", f"write namespace: {namespace}"
            found: list[Said] = [(first.rule, moved, ("metadata", "namespace"), message, fix)]
        elif _misnamed(fleet, group, closest(name, spare)):
            message = f"is {first.kind} {name} where it is used"
            found = [(first.rule, spare[closest(name, spare)], ("metadata", "name"), message, f"name it {name}")]
        else:
            message, fix = f"{first.kind} {name} is missing", f"correct the name{guess}"
            fix = fix if guess else f"add the {first.kind}, or {otherwise}"
            found = [(use.rule, use.manifest, use.path, message, fix) for use in (group if guess else [first])]
        for speaker, manifest, path, message, fix in found:
            if speaker == rule:
                yield fleet.at(rule, manifest, path, message, fix)


def _misnamed(fleet: Fleet, group: list[Use], spare: str) -> bool:
    """Is it the object that has the wrong name? Several places agree on another one, or its workload is named so."""
    if not spare:
        return False
    places = {locate.locate(fleet.sources, use.manifest, *use.path) for use in group}
    return len(places) > 1 or group[0].name == group[0].manifest.name
