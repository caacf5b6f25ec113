"""Differences as hunks: what changes alike in the same places is one, whatever the number of objects. Pure."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gitops.difference import ADDED, CHANGED, DELETED, Difference
from gitops.fields import ABSENT, Change
from gitops.review.places import Places, grouped

_ORDER = (DELETED, ADDED, CHANGED)


@dataclass(frozen=True)
class Hunk:
    """`changes` that all `objects` (Kind/namespace/name) have in all `places`. What is added or deleted is one change
    of the whole object."""

    status: str
    objects: Places
    places: Places
    changes: tuple[Change, ...]


def hunks(found: Iterable[tuple[str, Difference]]) -> list[Hunk]:
    """From (place, difference): deletions first, then additions, then changes, the most objects and places first."""
    known: dict[str, Change] = {}
    fields: list[tuple[tuple[str, str, str], str]] = []  # (status, object, change), place
    for place, difference in found:
        for change in difference.changes:
            key = _key(change)
            known.setdefault(key, change)
            fields.append(((difference.status, difference.identity, key), place))
    sets: dict[tuple[str, str, Places], list[str]] = {}
    for (status, identity, key), places in grouped(fields):
        sets.setdefault((status, identity, tuple(sorted(places))), []).append(key)
    alike: dict[tuple[str, Places, tuple[str, ...]], list[str]] = {}
    for (status, identity, where), keys in sets.items():
        alike.setdefault((status, where, tuple(keys)), []).append(identity)
    made = [
        Hunk(status, tuple(objects), where, tuple(known[key] for key in keys))
        for (status, where, keys), objects in alike.items()
    ]
    return sorted(made, key=lambda hunk: (_ORDER.index(hunk.status), -len(hunk.places), -len(hunk.objects)))


def _key(change: Change) -> str:
    return json.dumps([change.path, _plain(change.old), _plain(change.new)], default=str)


def _plain(value: Any) -> Any:
    return ["absent"] if value is ABSENT else [0, value]
