"""Two renders of one folder: their objects paired by identity, and what differs between them. Pure.

A name with a generator's hash is compared without it: what a new hash does to pods (they restart) is said once, by
`rehashed`, and not in every reference; in an object without pods the reference is a change, the same in all clusters.
Values of Secrets and SealedSecrets are compared, never shown.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gitops.fields import ABSENT, Change, compare
from gitops.manifests import Build, Manifest, strings

ADDED, DELETED, CHANGED = "added", "deleted", "changed"
HIDDEN = "(not shown)"
_HASH = re.compile(r"-[24-9bcdfghkmt]{10}$")  # kustomize: api/hasher
_APPLIED = ("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration")
_SECRET = {  # kind -> the fields whose values are hidden
    "Secret": (("data",), ("stringData",), _APPLIED),
    "SealedSecret": (("spec", "encryptedData"), ("spec", "template", "data")),
}
Identity = tuple[str, str, str, str]


@dataclass(frozen=True)
class Difference:
    """An object that is not the same in both. `identity` is Kind/namespace/name without a generator's hash, `rehashed`
    the generated objects that it refers to by a new hash, `changes` has no secret value."""

    identity: str
    old: Manifest | None
    new: Manifest | None
    changes: tuple[Change, ...]
    rehashed: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        return ADDED if self.old is None else DELETED if self.new is None else CHANGED

    @property
    def either(self) -> Manifest:
        """The object as it becomes, or as it was when it goes."""
        found = self.new or self.old
        assert found is not None
        return found


def differences(old: Build | None, new: Build | None) -> list[Difference]:
    """The objects that differ between two renders of a folder, in the order of the new one, what goes last."""
    before, after = _objects(old), _objects(new)
    names = _generated(before, after)
    old_by, new_by = _by_identity(before, names), _by_identity(after, names)
    found = []
    for key in [*new_by, *(key for key in old_by if key not in new_by)]:
        difference = _difference(old_by.get(key), new_by.get(key), names)
        if difference:
            found.append(difference)
    return found


def written(name: str) -> str:
    """A name without a generator's hash."""
    return _HASH.sub("", name)


def hidden(kind: str, data: Any, *path: str) -> Any:
    """`data` of an object of that kind, whose values at secret fields are replaced by a word."""
    if any(path[: len(field)] == field for field in _SECRET.get(kind, ())):
        if isinstance(data, dict):
            return {key: hidden(kind, value, *path, key) for key, value in data.items()}
        return data if data is ABSENT else HIDDEN
    if isinstance(data, dict) and kind in _SECRET:
        return {key: hidden(kind, value, *path, key) for key, value in data.items()}
    return data


def _objects(build: Build | None) -> list[Manifest]:
    return build.objects if build else []


def _difference(old: Manifest | None, new: Manifest | None, names: Mapping[str, str]) -> Difference | None:
    if old is None or new is None:
        either = old or new
        assert either is not None
        data = hidden(either.kind, either.data)
        return Difference(either.identity, old, new, (Change((), *((data, ABSENT) if old else (ABSENT, data))),))
    if old.data is new.data or repr(old.data) == repr(new.data):  # equal ones of a renderer are the same
        return None
    before, after = (_shown(item, names, age) for item, age in ((old, "old"), (new, "new")))
    changes, rehashed = list(compare(_plain(old.data, before), _plain(new.data, after))), _rehashed(old, new, names)
    if not changes and not rehashed:
        return None
    shown = (Change(c.path, hidden(old.kind, c.old, *c.path), hidden(new.kind, c.new, *c.path)) for c in changes)
    identity = new.identity.removesuffix(new.name) + names.get(new.name, new.name)
    return Difference(identity, old, new, tuple(shown), rehashed)


def _shown(item: Manifest, names: Mapping[str, str], age: str) -> Mapping[str, str]:
    """What stands for each hashed name. Pods restart, which is said as such; in a Role or a route it is a change."""
    if item.pod_path is not None or item.name in names:
        return names
    return {hashed: f"{name} ({age} hash)" for hashed, name in names.items()}


def _generated(old: Iterable[Manifest], new: Iterable[Manifest]) -> dict[str, str]:
    """Hashed name -> name, of the generated objects that have another hash on the other side; those with one hash on
    each side, else it is not known which became which."""
    before, after = _hashed(old), _hashed(new)
    pairs = ((base, before[base], after[base]) for base in before if base in after)
    same = {base: held for base, *held in pairs if held[0] != held[1] and all(len(names) == 1 for names in held)}
    return {name: base[2] for base, held in same.items() for names in held for name in names}


def _hashed(objects: Iterable[Manifest]) -> dict[tuple[str, str, str], set[str]]:
    found: dict[tuple[str, str, str], set[str]] = {}
    for item in objects:
        if item.kind in ("ConfigMap", "Secret") and _HASH.search(item.name):
            found.setdefault((item.kind, item.namespace, written(item.name)), set()).add(item.name)
    return found


def _by_identity(objects: Iterable[Manifest], names: Mapping[str, str]) -> dict[Identity, Manifest]:
    """Another version of an API is the same object, another group is not."""
    found = {}
    for item in objects:
        group = str(item.get("apiVersion") or "").rpartition("/")[0]
        found[group, item.kind, item.namespace, names.get(item.name, item.name)] = item
    return found


def _plain(data: Any, names: Mapping[str, str]) -> Any:
    """`data` with every text that is a hashed name without its hash."""
    if not names:
        return data
    if isinstance(data, dict):
        return {key: _plain(value, names) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain(value, names) for value in data]
    return names.get(data, data) if isinstance(data, str) else data


def _rehashed(old: Manifest, new: Manifest, names: Mapping[str, str]) -> tuple[str, ...]:
    """The names that the object's fields, but for its own name, have a new hash of."""
    if old.name in names:
        return ()
    return tuple(sorted({names[text] for _, text in strings(new.data) if text in names}))
