"""Values for every secret of a cluster's render, made here, and sealed for an instance with its own certificate.

They are made as `gitops secrets seal` makes them, by the recipes of policies/secrets.yaml. They stay in a file outside
the tree, mode 0600, so that a second `up` uses the same ones; Git gets sealed values only.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from gitops import certificates, files, recipes, sealing
from gitops.errors import GitopsError
from gitops.local.instance import Instance
from gitops.manifests import Build, Manifest
from gitops.secrets import seal

Values = dict[str, dict[str, str]]  # "namespace/name" -> key -> value
ELSEWHERE = "store.invalid"  # where an external store would be (RFC 2606)


def ensure(file: Path, build: Build, table: recipes.Table, there: Values | None = None) -> Values:
    """The values of every key that the build needs, kept in `file`. What is `there`, in use already, stays; the rest is
    put together from the parts of that, then of the file, then of chance."""
    known, there = _read(file), there or {}
    found = [
        recipes.recipe(build, table, *name, key) for name, keys in sealing.needed(build, table).items() for key in keys
    ]
    parts: recipes.Parts = {}
    for held in (known, there):  # the later wins
        for recipe in found:
            value = held.get(_secret(recipe), {}).get(recipe.key)
            parts |= (recipe.learn(value) or {}) if value else {}
    values: Values = {}
    for recipe in found:
        for part in recipe.parts:
            parts.setdefault(part.name, _part(part))
        in_use = there.get(_secret(recipe), {}).get(recipe.key)
        values.setdefault(_secret(recipe), {})[recipe.key] = in_use or recipe.value(parts)
    files.write(file, json.dumps(known | values, indent=2) + "\n", mode=0o600)
    return values


def _read(file: Path) -> Values:
    try:
        known: Values = json.loads(file.read_text()) if file.exists() else {}
    except ValueError as error:
        raise GitopsError(f"{file}: not JSON: {error}; mend it, or move it away and let new values be made") from error
    return known


def _secret(recipe: recipes.Recipe) -> str:
    return f"{recipe.namespace}/{recipe.secret}"


def _part(part: recipes.Part) -> str:
    """What a person would supply is made up: a host that is nowhere, else a password."""
    if part.name.endswith("-host"):
        return f"{part.name.removesuffix('-host')}.{ELSEWHERE}"
    return recipes.make(part.random or "letters")


def sealed(instance: Instance, build: Build, values: Values, certificate: str) -> dict[str, str]:
    """Path -> text of every SealedSecret of the build with these values, sealed with `certificate` (PEM).

    What was sealed before with the same certificate and values is given again: a new seal would be a new commit. What
    the tree itself has sealed with the instance's certificate is left out: it stays."""
    file = instance.path("sealed.json")
    seen = hashlib.sha256(json.dumps([certificate, values], sort_keys=True).encode()).hexdigest()
    known = json.loads(file.read_text()) if file.exists() else {}
    if known.get("of") != seen:
        known = {"of": seen, "data": {name: _seal(name, held, certificate) for name, held in values.items()}}
        file.write_text(json.dumps(known))
    own = certificates.read(certificate, instance.name).fingerprint
    return {
        held.manifest.origin: _text(held.manifest, known["data"]["/".join(name)])
        for name, held in sealing.sealed(build).items()
        if "/".join(name) in known["data"] and not (held.fingerprint == own and held.values == set(held.data))
    }


def _seal(name: str, held: Mapping[str, str], certificate: str) -> dict[str, str]:
    namespace, secret = name.split("/")
    return seal.sealed(namespace, secret, held, certificate)


def _text(stub: Manifest, data: Mapping[str, str]) -> str:
    spec = {**stub.data["spec"], "encryptedData": dict(data)}
    return json.dumps({**stub.data, "spec": spec}, indent=2) + "\n"
