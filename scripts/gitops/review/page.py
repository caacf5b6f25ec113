"""A review as one HTML page that needs nothing else: searched, filtered and read offline. Pure.

The page's script makes every element from data, as text; a policy lets nothing else run or be fetched.
"""

from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

from gitops import html
from gitops.fields import Change
from gitops.review.hunks import Hunk
from gitops.review.lines import headline, lines, plural, where
from gitops.review.model import Review
from gitops.review.places import Line, Places

STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
SCRIPT = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")
LINES = 3000  # of one field


def page(review: Review) -> str:
    """The whole page."""
    title = escape(f"{headline(review)} ({review.base} to {review.head})")
    body = (
        f"<noscript><p>{title}</p>"
        "<p>This page needs JavaScript; gitops diff --format text needs none.</p></noscript><main></main>"
    )
    return html.document(title, STYLE, body, "review", _data(review), SCRIPT)


class _Sets:
    """Lists of places, each kept once; a thousand clusters are named by number."""

    def __init__(self, review: Review) -> None:
        self.review = review
        every = [place for places in (*review.fleet.values(), review.places) for place in places]
        self.places = list(dict.fromkeys(every))
        self.number = {place: number for number, place in enumerate(self.places)}
        self.known: dict[Places, int] = {}

    def of(self, places: Places) -> int:
        return self.known.setdefault(places, len(self.known))

    def data(self) -> list[dict[str, Any]]:
        return [
            {"label": where(places, self.review), "places": [self.number[p] for p in places if p in self.number]}
            for places in self.known
        ]


def _data(review: Review) -> dict[str, Any]:
    sets = _Sets(review)
    environment = {place: name for name, places in review.fleet.items() for place in places}
    found = {
        "base": review.base,
        "head": review.head,
        "headline": headline(review),
        "files": f"{plural(review.files, 'file')} changed",
        "faults": list(review.faults),
        "risk": review.risk,
        "counts": {status: review.counts.get(status, 0) for status in ("changed", "added", "deleted")},
        "environments": list(review.environments),
        "changed": len(review.places),
        "risks": [
            {"level": flag.level, "id": flag.id, "object": flag.object, "message": flag.message, "set": sets.of(places)}
            for flag, places in review.risks
        ],
        "tables": [
            _table("Images and charts", ("what", "from", "to"), review.images, sets),
            _table("Replicas and resources", ("what", "from", "to"), review.sizes, sets),
            _table("Connections gained", ("connection", "", "ports"), review.gained, sets),
            _table("Connections lost", ("connection", "", "ports"), review.lost, sets),
            _table("Restarts", ("workload", "", "why"), review.restarts, sets),
        ],
        "hunks": [_hunk(hunk, sets) for hunk in review.hunks],
        "unread": list(review.unread),
        "notes": [note for note in review.notes if note not in review.faults],
    }
    return {**found, "sets": sets.data(), "places": [[p, environment.get(p, "")] for p in sets.places]}


def _table(title: str, header: Iterable[str], found: Iterable[Line], sets: _Sets) -> dict[str, Any]:
    rows = [
        {"cells": [line.what, line.old, line.new], "users": list(line.users), "set": sets.of(line.places)}
        for line in found
    ]
    return {"title": title, "header": list(header), "rows": rows}


def _hunk(hunk: Hunk, sets: _Sets) -> dict[str, Any]:
    changes = [[change.where, *_rows(change)] for change in hunk.changes]
    return {
        "status": hunk.status,
        "objects": list(hunk.objects),
        "set": sets.of(hunk.places),
        "like": hunk.like,
        "changes": changes,
    }


def _rows(change: Change) -> list[str]:
    """The lines without the one that names the field."""
    found = list(lines(change))[1 if change.path else 0 :]
    return [*found[:LINES], *([f"  ... and {len(found) - LINES} more lines"] if len(found) > LINES else [])]
