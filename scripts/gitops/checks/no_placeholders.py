"""A placeholder is left in a build, or a host came out of its wiring in the wrong shape.

Why: `CLUSTER_DOMAIN` and the like are replaced by facts in `components/facts-wiring`. A field that no replacement
selects keeps the word, silently; a replacement that runs twice, or on a host of another shape than
`<name>.CLUSTER_DOMAIN`, leaves a host that does not exist.

Fails:

    host: pybase.prod.CLUSTER_DOMAIN

Passes:

    host: pybase.CLUSTER_DOMAIN

Fix: add the field to `components/facts-wiring`, or the key to the cluster's facts, once.
Cannot see: a wrong fact. Planned clusters get no discount: their facts exist.
"""

import re
from collections.abc import Iterator
from functools import cache

from gitops import effects, facts, kustomizations, locate
from gitops.fleet import Fleet
from gitops.layout import nearest
from gitops.manifests import Build, Manifest, strings
from gitops.problems import Problem
from gitops.source import SourceFile

ID = "no-placeholders"
SEVERITY = "error"
CONTROLS: tuple[str, ...] = ()
READS = ("render", "source")

_OTHER_SHAPE = re.compile(r"\.[\w-]+\.CLUSTER_DOMAIN|CLUSTER_DOMAIN[.\w]")


def check(fleet: Fleet) -> Iterator[Problem]:
    said = cache(lambda: effects.dead_facts(fleet) | effects.unlisted_facts(fleet))  # their replacement is the mistake
    wirings = cache(lambda: effects.wirings(fleet))
    anywhere = cache(lambda: {key for build in fleet.builds for held in _facts(fleet, build).values() for key in held})
    for build in fleet.builds:
        known = _facts(fleet, build)
        unwired: set[str] = set()
        for manifest, path, placeholder in _left(build):
            key = _key(placeholder)
            wiring = [file for file, written in wirings() if effects.replaces(fleet, written, manifest, path)]
            cutting = effects.cutting(fleet, manifest, path, key)
            if wiring and not build.reads.intersection(wiring):
                unwired.add(min(wiring))
            elif cutting and _shaped(fleet, manifest, path):
                message, fix = f"leaves {placeholder} in what it sets", "correct its delimiter and index"
                yield Problem(*cutting, ID, "", message, fix, builds=(build.folder,))
            elif key not in said():
                message = f"{placeholder} is left in {_dotted(path)}"
                yield fleet.at(ID, manifest, path, message, _fix(key, anywhere()))
        yield from (_unwired(fleet, build, kustomizations.folder_of(file)) for file in sorted(unwired))
        yield from _broken_hosts(fleet, build, known["CLUSTER"].get("domain", ""))


def _shaped(fleet: Fleet, manifest: Manifest, path: tuple[str | int, ...]) -> bool:
    """Is the placeholder where wirings look for it: alone, before a `/`, or after one name and a dot?"""
    file, line = locate.locate(fleet.sources, manifest, *path)
    written = fleet.sources[file].text.splitlines()[line - 1 : line] if file in fleet.sources else []
    return not any(_OTHER_SHAPE.search(text) for text in written)


def _left(build: Build) -> Iterator[tuple[Manifest, tuple[str | int, ...], str]]:
    for manifest in build.objects:
        for path, text in strings(manifest.data):
            yield from ((manifest, path, match[0]) for match in facts.PLACEHOLDER.finditer(text))


def _unwired(fleet: Fleet, build: Build, folder: str) -> Problem:
    """One mistake in the cluster's list, not one of each field."""
    file = kustomizations.of_folder(fleet.sources, build.folder)
    line = fleet.sources[file].documents[0].key_lines.get("components", 1)
    fix = f"list {folder}"
    return Problem(file, line, ID, "", f"{folder} is not listed, so placeholders are left", fix, builds=(build.folder,))


def _broken_hosts(fleet: Fleet, build: Build, domain: str) -> Iterator[Problem]:
    """Hosts that go on after the cluster's domain; `/`, `:` and the end are fine."""
    broken = re.compile(rf"[\w.-]*\.{re.escape(domain)}\.[A-Za-z0-9][\w.-]*")
    for manifest in build.objects if domain else []:
        for path, text in strings(manifest.data):
            if (host := broken.search(text)) and not facts.PLACEHOLDER.search(text):
                message = f"host {host[0]} goes on after the cluster's domain".replace(domain, "<domain>")
                yield fleet.at(ID, manifest, path, message, "write <name>.CLUSTER_DOMAIN and wire it once")


def _facts(fleet: Fleet, build: Build) -> dict[str, dict[str, str]]:
    """The facts that placeholders of this build can name."""

    def read(path: str) -> dict[str, str]:
        return facts.read(fleet.sources.get(path, SourceFile(path)))

    cluster = read(fleet.repository.facts_file(build.cluster))
    return {"CLUSTER": cluster, "FLEET": read(fleet.repository.fleet_facts_file())}


def _key(placeholder: str) -> str:
    return placeholder.partition("_")[2].lower().replace("_", "-")


def _fix(key: str, known: set[str]) -> str:
    if key in known:
        return f"add the field to the replacement of {key} in components/facts-wiring"
    return f"add the fact {key}, or name one that is there{nearest(key, known)}"


def _dotted(path: tuple[str | int, ...]) -> str:
    return ".".join("*" if isinstance(step, int) else step for step in path)
