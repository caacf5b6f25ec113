"""Reviews as tests make them, one of them by somebody with bad intent."""

from typing import Any

from gitops.difference import CHANGED
from gitops.fields import Change
from gitops.review.hunks import Hunk
from gitops.review.model import Review
from gitops.review.places import Line
from gitops.risk import HIGH, Flag

EVIL = "<img src=x onerror=alert(1)> @everyone [x](https://evil.example) ``` | `code` \x1b[31m \u202e"
FLEET = {"production": ("p1", "p2"), "staging": ("s1",)}


def review(**changed: Any) -> Review:
    empty: dict[str, Any] = dict.fromkeys(Review.__dataclass_fields__, ())
    known = {"base": "1234567", "head": "working tree", "fleet": FLEET, "files": 1, "counts": {CHANGED: 1}}
    return Review(**{**empty, **known, "places": ("p1", "p2"), **changed})


def hunk(value: str, place: str = "p1", name: str = "ConfigMap/n/c") -> Hunk:
    return Hunk(CHANGED, (name,), (place,), (Change(("data", "key"), "old", value),))


def evil() -> Review:
    line = Line(EVIL, EVIL, EVIL, (EVIL,), (EVIL,))
    flag = Flag(HIGH, "deletion", EVIL, EVIL)
    lines: dict[str, Any] = dict.fromkeys(("images", "sizes", "gained", "lost", "restarts"), (line,))
    return review(
        base=EVIL, head=EVIL, places=(EVIL,), faults=(EVIL,), risks=((flag, (EVIL,)),),
        hunks=(hunk(EVIL, EVIL, EVIL), hunk(f"{EVIL}\n{EVIL}", EVIL)), unread=(EVIL,), notes=("note " + EVIL,), **lines,
    )  # fmt: skip
