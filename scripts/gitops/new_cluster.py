"""The files of a new cluster, made from those of one of its provider: no template has to be kept like them. Pure.

Names of the model's cluster and place become those of the new one. Any other value of a fact is the model's own, and
becomes REPLACE_WITH_...: the to-do list of a planned cluster has it.
"""

import re
from collections.abc import Mapping

from gitops import facts, kustomizations
from gitops.errors import GitopsError
from gitops.layout import PARTS, Cluster, Repository
from gitops.source import SourceFile

Sources = Mapping[str, SourceFile]


def model(repository: Repository, sources: Sources, new: Cluster) -> Cluster:
    """The nearest cluster of the provider: rather one without files of its own, then of the same environment, then
    with the fewest facts to write. GitopsError when there is none."""
    there = [cluster for cluster in repository.clusters if cluster.provider == new.provider]
    whole = [cluster for cluster in there if _whole(repository, sources, cluster)]
    if not whole:
        raise GitopsError(
            f"{new.name}: {new.provider} has no cluster, with all its files and readable, that it could be made like; "
            "write its three files by hand, docs/add-a-cluster.md shows them"
        )

    def distance(cluster: Cluster) -> tuple[int, bool, int, str]:
        count = len(facts.literals(_facts(repository, sources, cluster)))
        own = len(files(repository, sources, cluster))
        return own, cluster.environment != new.environment, count, cluster.name

    return min(whole, key=distance)


def _whole(repository: Repository, sources: Sources, cluster: Cluster) -> bool:
    """Are the facts and both lists there, and every file readable?"""
    folders = [repository.build_folder(cluster.name, part) for part in (*PARTS, "facts")]
    there = all(kustomizations.of_folder(sources, folder) for folder in folders)
    return there and all(sources[path].readable for path in files(repository, sources, cluster))


def files(repository: Repository, sources: Sources, cluster: Cluster) -> list[str]:
    """The paths of a cluster, without what only its own controller can open."""
    folder, sealed = f"{repository.folder(cluster.name)}/", f"{repository.sealed_folder(cluster.name)}/"
    return [path for path in sources if path.startswith(folder) and path[-4:] != ".pem" and not path.startswith(sealed)]


def domain(repository: Repository, sources: Sources, new: Cluster) -> str:
    """The domain as the fleet's others have it: that of one whose domain begins with its location, with the new names.
    GitopsError when none shows how."""
    path = repository.fleet_facts_file()
    base = facts.read(sources.get(path, SourceFile(path))).get("base-domain", "")

    def distance(other: Cluster) -> tuple[bool, bool]:
        return other.environment != new.environment, other.provider != new.provider

    for other in sorted(repository.clusters, key=distance):
        held = _domain(repository, sources, other)
        labels = held.removesuffix(f".{base}").split(".") if held.endswith(f".{base}") else [""]
        alike = other.environment == new.environment or other.environment in labels
        if labels[0] == other.location and alike and (other.provider == new.provider or other.provider in labels):
            names = {getattr(other, part): getattr(new, part) for part in ("provider", "environment", "location")}
            return ".".join([*(names.get(label, label) for label in labels), base])
    raise GitopsError(f"{new.name}: no domain of the fleet shows what its own would be; give it by --domain")


def refuse(repository: Repository, sources: Sources, new: Cluster, domain: str) -> None:
    """GitopsError when the name or the domain is another cluster's, or is none."""
    if wrong := facts.refusal("domain", domain):
        raise GitopsError(f"the domain {domain!r}: {wrong[0]}; give another one by --domain")
    for other in repository.clusters:
        if other.name == new.name:
            raise GitopsError(f"{repository.folder(new.name)}: is there already; choose another location")
        if domain != "localhost" and _domain(repository, sources, other) == domain:
            raise GitopsError(f"the domain {domain} is that of {other.name}; give another one by --domain")


def texts(repository: Repository, sources: Sources, old: Cluster, new: Cluster, domain: str) -> dict[str, str]:
    """path -> text of the new cluster's files, from those of the model `old`."""
    found = {}
    for path in files(repository, sources, old):
        text = re.sub(rf"(?<=environments/){old.environment}(?![\w.-])", new.environment, sources[path].text)
        if path == repository.facts_file(old.name):
            values = {key: _value(key, value, old, new) for key, value, _ in facts.literals(sources[path])}
            text = facts.rewritten(sources[path], values | {"domain": domain})
        found[path.replace(repository.folder(old.name), repository.folder(new.name), 1)] = text
    return found


def _value(key: str, value: str, old: Cluster, new: Cluster) -> str:
    names = {old.name: new.name, old.location: new.location}
    known, count = re.subn(rf"(?<![a-z0-9])(?:{'|'.join(names)})(?![a-z0-9])", lambda found: names[found[0]], value)
    scheme, found, _ = value.partition("://")  # PyBase's settings that are addresses have to begin with one
    return known if count else f"{scheme + found if found else ''}{facts.UNKNOWN}{key.upper().replace('-', '_')}"


def _domain(repository: Repository, sources: Sources, cluster: Cluster) -> str:
    return facts.read(_facts(repository, sources, cluster)).get("domain", "")


def _facts(repository: Repository, sources: Sources, cluster: Cluster) -> SourceFile:
    path = repository.facts_file(cluster.name)
    return sources.get(path, SourceFile(path))
