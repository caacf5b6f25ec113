"""How the value of each key of a cluster's Secrets is made, from policies/secrets.yaml. Pure, but for chance.

A recipe is a text with {parts}. A part is one value of the whole cluster: the password in a URL is the store's own. It
is made at random here (32 letters and digits have 190 bits, and need no escape in a URL), or a person supplies it.
"""

import re
import secrets as chance
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitops.environment import secret_uses
from gitops.manifests import Build, mapping
from gitops.peers import lists

POLICY = "secrets.yaml"
Table = Mapping[str, Any]  # the content of policies/secrets.yaml
Parts = dict[str, str]  # name of a part -> its value
SHAPES = {"hex": "64 hexadecimal digits", "letters": "32 letters and digits"}
_LETTERS = string.ascii_letters + string.digits
_PART = re.compile(r"\{([a-z0-9-]+)\}")
URL_SAFE = re.compile(r"[A-Za-z0-9._~-]+")  # RFC 3986, unreserved: alembic fails on what is escaped


@dataclass(frozen=True)
class Part:
    """`random`: a name of SHAPES, "" when a person supplies it; `then`: what a new one needs beside a sync."""

    name: str
    about: str
    random: str = ""
    at_least: int = 0
    then: str = ""

    @property
    def text(self) -> str:
        return ", ".join(filter(None, (self.about, SHAPES.get(self.random))))


@dataclass(frozen=True)
class Recipe:
    """The key of a Secret; `variable` is the environment variable that it becomes first, "" for a file."""

    namespace: str
    secret: str
    key: str
    template: str
    parts: tuple[Part, ...]
    variable: str = ""

    @property
    def name(self) -> str:
        """As people name it: secret/key."""
        return f"{self.secret}/{self.key}"

    @property
    def composed(self) -> bool:
        return not _PART.fullmatch(self.template)

    @property
    def random(self) -> bool:
        """Can it be made without a person?"""
        return all(part.random for part in self.parts)

    @property
    def text(self) -> str:
        """What it is and how it is made, in one line."""
        what = self.template if self.composed else self.parts[0].text
        about = f"{self.variable}: {what}" if self.variable else what
        return f"{about}; {'generated' if self.random else 'from you'}"

    def value(self, parts: Mapping[str, str]) -> str:
        """The value of these parts, all of them given."""
        return _PART.sub(lambda found: parts[found[1]], self.template)

    def learn(self, value: str) -> Parts | None:
        """The parts of a value, None when it does not fit."""
        names = _PART.findall(self.template)
        literals = [re.escape(text) for text in _PART.sub("\0", self.template).split("\0")]
        inside = f"({URL_SAFE.pattern})" if self.composed else "(.*)"
        found = re.fullmatch(inside.join(literals), value, re.DOTALL)
        return dict(zip(names, found.groups(), strict=True)) if found else None


def keys(table: Table, secret: str) -> dict[str, Any]:
    """The keys that the table knows of a Secret, in its order, with what it says of them."""
    return mapping(mapping(mapping(table.get("secrets")).get(secret)).get("keys"))


def recipe(build: Build, table: Table, namespace: str, secret: str, key: str) -> Recipe:
    """How the key is made on the build's cluster. One of which nothing is known is asked for."""
    entry = mapping(keys(table, secret).get(key))
    template = _here(build, entry.get("value")) or f"{{{key}}}"
    about = _here(build, entry.get("about"))
    parts = tuple(part(build, table, name, about) for name in dict.fromkeys(_PART.findall(template)))
    return Recipe(namespace, secret, key, template, parts, variables(build).get((secret, key), ""))


def variables(build: Build) -> dict[tuple[str, str], str]:
    """(Secret, key) -> the environment variable that it becomes first."""
    found: dict[tuple[str, str], str] = {}
    for use in secret_uses(build):
        if use.key and use.path[-1] == "secretKeyRef":
            found.setdefault((use.name, use.key), str(use.manifest.get(*use.path[:-2], "name")))
    return found


def make(random: str) -> str:
    """A value nobody can guess."""
    return chance.token_hex(32) if random == "hex" else "".join(chance.choice(_LETTERS) for _ in range(32))


def using(recipes: Mapping[Any, Recipe], part: str) -> Iterator[Recipe]:
    """The recipes with that part."""
    return (recipe for recipe in recipes.values() if any(each.name == part for each in recipe.parts))


def part(build: Build, table: Table, name: str, about: str = "") -> Part:
    """The part as it is made on the build's cluster; `about`: what is said of one that the table does not have."""
    entry = mapping(mapping(table.get("parts")).get(name))
    here = lists(build, str(entry["where"])) if "where" in entry else True
    random = str(entry.get("random") or "") if here else ""
    at_least = entry.get("at_least")
    return Part(
        name,
        _here(build, entry.get("about")) or about or name,
        random if random in SHAPES else "",
        at_least if random and isinstance(at_least, int) else 0,
        str(entry.get("then") or "") if random else "",
    )


def _here(build: Build, text: Any) -> str:
    """A text, or of texts by the folder of components/ the first whose folder the build lists; "" for none."""
    if isinstance(text, dict):
        text = next((said for folder, said in text.items() if lists(build, str(folder))), "")
    return str(text or "")
