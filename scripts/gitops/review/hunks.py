"""Differences as hunks: what changes alike in the same places is one, whatever the number of objects. Pure."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from gitops.difference import ADDED, CHANGED, DELETED, Difference
from gitops.fields import ABSENT, Change, compare
from gitops.review.places import Places, grouped

_ORDER = (DELETED, ADDED, CHANGED)


@dataclass(frozen=True)
class Hunk:
    """`changes` that all `objects` (Kind/namespace/name) have in all `places`. What is deleted or added is one change
    of the whole object; added otherwise elsewhere, the fields that differ from how it is in the place `like`."""

    status: str
    objects: Places
    places: Places
    changes: tuple[Change, ...]
    like: str = ""


def hunks(found: Iterable[tuple[str, Difference]]) -> list[Hunk]:
    """From (place, difference): deletions first, then additions, then changes, the most places and objects first."""
    by_status: dict[str, list[tuple[str, Difference]]] = {status: [] for status in _ORDER}
    for place, difference in found:
        by_status[difference.status].append((place, difference))
    made = [*_deleted(by_status[DELETED]), *_added(by_status[ADDED]), *_changed(by_status[CHANGED])]
    return sorted(made, key=lambda hunk: (_ORDER.index(hunk.status), -len(hunk.places), -len(hunk.objects)))


def families(found: Iterable[Hunk]) -> list[list[Hunk]]:
    """The hunks of the same objects and fields together: a value that every cluster has of its own."""
    held: dict[tuple[str, Places, tuple[str, ...], bool], list[Hunk]] = {}
    for hunk in found:
        fields = tuple(change.where for change in hunk.changes)
        held.setdefault((hunk.status, hunk.objects, fields, bool(hunk.like)), []).append(hunk)
    return list(held.values())


def _deleted(found: Iterable[tuple[str, Difference]]) -> Iterator[Hunk]:
    """An object that goes is one, as it was in the first place."""
    held: dict[str, tuple[Difference, list[str]]] = {}
    for place, difference in found:
        held.setdefault(difference.identity, (difference, []))[1].append(place)
    for identity, (difference, places) in held.items():
        yield Hunk(DELETED, (identity,), tuple(places), difference.changes)


def _added(found: Iterable[tuple[str, Difference]]) -> Iterator[Hunk]:
    """An object that comes is shown once, as it is in most places, elsewhere by what differs."""
    held: dict[str, dict[str, tuple[Change, list[str]]]] = {}
    for place, difference in found:
        change = difference.changes[0]
        held.setdefault(difference.identity, {}).setdefault(_key(change), (change, []))[1].append(place)
    for identity, variants in held.items():
        first, *others = sorted(variants.values(), key=lambda variant: -len(variant[1]))
        yield Hunk(ADDED, (identity,), tuple(first[1]), (first[0],))
        for change, places in others:
            yield Hunk(ADDED, (identity,), tuple(places), tuple(compare(first[0].new, change.new)), like=first[1][0])


def _changed(found: Iterable[tuple[str, Difference]]) -> Iterator[Hunk]:
    known: dict[str, Change] = {}
    fields: list[tuple[tuple[str, str], str]] = []  # (object, change), place
    for place, difference in found:
        for change in difference.changes:
            key = _key(change)
            known.setdefault(key, change)
            fields.append(((difference.identity, key), place))
    sets: dict[tuple[str, Places], list[str]] = {}
    for (identity, key), places in grouped(fields):
        sets.setdefault((identity, places), []).append(key)
    alike: dict[tuple[Places, tuple[str, ...]], list[str]] = {}
    for (identity, where), keys in sets.items():
        alike.setdefault((where, tuple(keys)), []).append(identity)
    for (where, together), objects in alike.items():
        yield Hunk(CHANGED, tuple(objects), where, tuple(known[key] for key in together))


def _key(change: Change) -> str:
    return json.dumps([change.path, _plain(change.old), _plain(change.new)], default=str)


def _plain(value: Any) -> Any:
    return ["absent"] if value is ABSENT else [0, value]
