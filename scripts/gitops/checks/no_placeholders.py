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

from gitops import effects, facts
from gitops.fleet import Fleet
from gitops.layout import nearest
from gitops.manifests import Build, strings
from gitops.problems import Problem
from gitops.source import SourceFile

ID = "no-placeholders"
SEVERITY = "error"
CONTROLS: tuple[str, ...] = ()
READS = ("render", "source")

_PLACEHOLDER = re.compile(r"\b(CLUSTER|FLEET)_[A-Z0-9]+(?:_[A-Z0-9]+)*\b")


def check(fleet: Fleet) -> Iterator[Problem]:
    dead = cache(lambda: effects.dead_facts(fleet))  # their replacement is the mistake, said by patch-has-effect
    for build in fleet.builds:
        known = _facts(fleet, build)
        domain = known["CLUSTER"].get("domain", "")
        # What follows the domain in a host; `/`, `:` and the end are fine.
        broken = re.compile(rf"[\w.-]*\.{re.escape(domain)}\.[A-Za-z0-9][\w.-]*") if domain else None
        for manifest in build.objects:
            for path, text in strings(manifest.data):
                for match in _PLACEHOLDER.finditer(text):
                    key = _key(match[0])
                    if key not in dead():
                        message = f"{match[0]} is left in {_dotted(path)}"
                        yield fleet.at(ID, manifest, path, message, _fix(key, known[match[1]]))
                if broken and (host := broken.search(text)) and not _PLACEHOLDER.search(text):
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


def _fix(key: str, known: dict[str, str]) -> str:
    if key in known:
        return f"add the field to the replacement of {key} in components/facts-wiring"
    return f"add the fact {key}, or name one that is there{nearest(key, known)}"


def _dotted(path: tuple[str | int, ...]) -> str:
    return ".".join("*" if isinstance(step, int) else step for step in path)
