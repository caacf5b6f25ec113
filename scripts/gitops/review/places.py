"""Things that are the same in many clusters, said once with their places, and places in few words. Pure."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

Places = tuple[str, ...]
Thing = TypeVar("Thing", bound=Hashable)
SHOWN = 6  # names before "and more"


@dataclass(frozen=True)
class Line:
    """Something that was `old` and becomes `new`, "" when it is not there, in `places`; `users` are objects."""

    what: str
    old: str
    new: str
    places: Places
    users: Places = ()


def grouped(found: Iterable[tuple[Thing, str]]) -> list[tuple[Thing, Places]]:
    """Each thing once with its places, in the order they came."""
    held: dict[Thing, dict[str, None]] = {}
    for thing, place in found:
        held.setdefault(thing, {})[place] = None
    return [(thing, tuple(places)) for thing, places in held.items()]


def said(places: Places, fleet: Mapping[str, Places], shown: int = SHOWN) -> str:
    """Places in words: "all 5 of production, gke-staging-us-central1"."""
    left, words = dict.fromkeys(places), []
    for environment, clusters in fleet.items():
        if len(clusters) > 1 and left.keys() >= set(clusters):
            words.append(f"all {len(clusters)} of {environment}")
            left = {name: None for name in left if name not in clusters}
    names = list(left)
    more = [f"{len(names) - shown} more"] if len(names) > shown + 1 else []
    return ", ".join([*words, *(names[:shown] if more else names), *more])
