"""A review as data, for programs and for the page. Pure."""

from collections.abc import Iterable
from typing import Any

from gitops.fields import ABSENT, Change
from gitops.review.hunks import Hunk
from gitops.review.model import Review
from gitops.review.places import Line


def data(review: Review) -> dict[str, Any]:
    """Everything a review says; a value that is not there is left out."""
    return {
        "base": review.base,
        "head": review.head,
        "passes": not review.faults,
        "faults": list(review.faults),
        "risk": review.risk,
        "files": review.files,
        "fleet": {environment: list(clusters) for environment, clusters in review.fleet.items()},
        "places": list(review.places),
        "come": list(review.come),
        "gone": list(review.gone),
        "counts": dict(review.counts),
        "risks": [
            {"level": f.level, "id": f.id, "object": f.object, "message": f.message, "places": list(places)}
            for f, places in review.risks
        ],
        "images": _lines(review.images),
        "sizes": _lines(review.sizes),
        "gained": _lines(review.gained),
        "lost": _lines(review.lost),
        "restarts": _lines(review.restarts),
        "hunks": [_hunk(hunk) for hunk in review.hunks],
        "unread": list(review.unread),
        "notes": list(review.notes),
    }


def _lines(found: Iterable[Line]) -> list[dict[str, Any]]:
    return [
        {"what": line.what, "old": line.old, "new": line.new, "places": list(line.places), "users": list(line.users)}
        for line in found
    ]


def _hunk(hunk: Hunk) -> dict[str, Any]:
    return {
        "status": hunk.status,
        "objects": list(hunk.objects),
        "places": list(hunk.places),
        "like": hunk.like,
        "changes": [_change(change) for change in hunk.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    sides = {"old": change.old, "new": change.new}
    return {"path": change.where, **{side: value for side, value in sides.items() if value is not ABSENT}}
