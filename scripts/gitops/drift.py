"""What differs between two environments: versions, features and settings, and since which commit. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from gitops import promotion
from gitops.difference import written
from gitops.kustomizations import FOLDER_FIELDS, entries
from gitops.manifests import Build, Manifest, containers, mapping
from gitops.nodes import Node
from gitops.source import SourceFile, parse

VERSIONS, FEATURES, SETTINGS = "versions", "features", "settings"
Key = tuple[str, str]  # kind of drift, name
Sides = tuple[str, str]  # how it is in each environment, "" where it is not there
Texts = Mapping[str, str]  # path -> text, at one revision


@dataclass(frozen=True)
class Files:
    """The paths that say what an environment runs: its versions, its own list, and the list of each of its clusters."""

    versions: str
    environment: str
    clusters: tuple[str, ...]

    @property
    def every(self) -> tuple[str, ...]:
        return (self.versions, self.environment, *self.clusters)


def listed(texts: Texts, first: Files, second: Files) -> dict[Key, Sides]:
    """The versions and features that differ, as the files list them."""
    found: dict[Key, Sides] = {}
    for name, was, now in _both(*(_versions(texts.get(side.versions, "")) for side in (first, second))):
        brief = promotion.short(was), promotion.short(now)
        found[VERSIONS, name] = brief if brief[0] != brief[1] else (was, now)
    of_each = [_features(texts, side) for side in (first, second)]
    for name, was, now in _both(*of_each):
        if not (" of " in was and " of " in now):  # in some clusters of both: that is how the clusters differ
            found[FEATURES, name] = (was, now)
    return found


def since(key: Key, history: Sequence[tuple[str, dict[Key, Sides]]]) -> str:
    """The commit since which it differs without a break, "" when it does not as of the newest; `history` of (commit,
    what differs there), newest first."""
    last = ""
    for commit, found in history:
        if key not in found:
            break
        last = commit
    return last


def settings(
    first: Sequence[Build], second: Sequence[Build], facts: Mapping[str, Mapping[str, str]]
) -> dict[Key, Sides]:
    """What pods are given, how many there are and how large, where all clusters of each environment agree: what
    differs between clusters is theirs. `facts` of each cluster, whose values stand for themselves."""
    sides = [[_settings(build, facts.get(build.cluster, {})) for build in side] for side in (first, second)]
    owners = [{name.partition(" ")[0] for held in side for name in held} for side in sides]
    theirs = {name for side in sides for held in side for name in held if not _agreed(side, name)}
    differ = _both(*({name: value for held in side for name, value in held.items()} for side in sides))
    shared = owners[0] & owners[1]
    return {
        (SETTINGS, name): (was, now)
        for name, was, now in differ
        if name not in theirs and name.partition(" ")[0] in shared
    }


def _both(first: Mapping[str, str], second: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """(name, value, value) of what is not the same."""
    for name in sorted({*first, *second}):
        was, now = first.get(name, ""), second.get(name, "")
        if was != now:
            yield name, was, now


@cache
def _parsed(text: str) -> list[Node]:
    return parse(text)


def _versions(text: str) -> dict[str, str]:
    return promotion.versions(SourceFile("", text, _parsed(text)))


def _features(texts: Texts, files: Files) -> dict[str, str]:
    """Component -> "yes", or in how many of the clusters; the environment's own list counts for all."""
    own = set(_components(texts, files.environment))
    leaves = [set(_components(texts, path)) | own for path in files.clusters if path in texts]
    counted = {name: sum(name in leaf for leaf in leaves) for leaf in leaves for name in leaf}
    some = {name: f"{count} of {len(leaves)}" for name, count in counted.items() if count < len(leaves)}
    return dict.fromkeys((*own, *counted), "yes") | some


def _components(texts: Texts, path: str) -> Iterator[str]:
    for document in _parsed(texts.get(path, ""))[:1]:
        for entry in entries(path, document):
            if entry.field in FOLDER_FIELDS and entry.path.startswith("components/"):
                yield entry.path.removeprefix("components/")


def _agreed(found: Sequence[Mapping[str, str]], name: str) -> bool:
    """Do all clusters have it the same?"""
    return len({held.get(name) for held in found}) == 1


def _settings(build: Build, facts: Mapping[str, str]) -> dict[str, str]:
    """ "OBJECT what" -> value."""
    found = {}
    for config in build.of_kind("ConfigMap"):
        for key, value in mapping(config.get("data")).items():
            found[f"{written(config.name)} {key}"] = _general(str(value), facts)
    for manifest in build.with_pods():
        found |= dict(_sizes(manifest))
    return found


def _sizes(manifest: Manifest) -> Iterable[tuple[str, str]]:
    name = f"{manifest.kind}/{manifest.name}"
    replicas = manifest.get("spec", "replicas")
    yield f"{name} replicas", "unset" if replicas is None else str(replicas)
    for container in containers(manifest):
        for bound, amounts in mapping(container.spec.get("resources")).items():
            for what, amount in mapping(amounts).items():
                yield f"{name} {container.name} {bound} {what}", str(amount)


def _general(value: str, facts: Mapping[str, str]) -> str:
    """The value with the facts of its cluster by name."""
    for fact, held in sorted(facts.items(), key=lambda item: -len(item[1])):
        if len(held) > 3:  # a shorter one is in too many words
            value = value.replace(held, f"<{fact}>")
    return value
