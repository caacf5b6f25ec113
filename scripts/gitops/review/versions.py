"""The images, charts, replicas and resources that a change moves. Pure."""

from collections.abc import Iterable, Iterator

from gitops import images
from gitops.comparison import Pair
from gitops.dump import inline
from gitops.fields import ABSENT, Change
from gitops.manifests import Manifest, containers, mapping, sequence
from gitops.review.places import Line, grouped

_COUNTS = frozenset({"replicas", "minReplicas", "maxReplicas", "minReplicaCount", "maxReplicaCount"})
_AMOUNTS = frozenset({"requests", "limits", "hard"})


def moved(pairs: Iterable[Pair]) -> list[Line]:
    """What runs in another version: images by container, charts and paths by Application."""
    found = [
        ((what, old, new), (pair.place, difference.identity))
        for pair in pairs
        for difference in pair.objects
        for what, old, new in _versions(difference.old, difference.new)
    ]
    lines: dict[tuple[str, str, str], tuple[dict[str, None], dict[str, None]]] = {}
    for key, (place, identity) in found:
        places, users = lines.setdefault(key, ({}, {}))
        places[place] = users[identity] = None
    return [Line(*key, tuple(places), tuple(users)) for key, (places, users) in sorted(lines.items())]


def sized(pairs: Iterable[Pair]) -> list[Line]:
    """Replicas, and the resources that are asked for or allowed, of objects that stay."""
    found = (
        ((f"{difference.identity} {change.where}", _text(change.old), _text(change.new)), pair.place)
        for pair in pairs
        for difference in pair.objects
        for change in difference.changes
        if difference.old and difference.new and _sizes(change)
    )
    return [Line(*key, places) for key, places in grouped(found)]


def _sizes(change: Change) -> bool:
    return bool(change.path) and (change.path[-1] in _COUNTS or bool(_AMOUNTS & set(change.path[-2:])))


def _text(value: object) -> str:
    return "" if value is ABSENT else inline(value)


def _versions(old: Manifest | None, new: Manifest | None) -> Iterator[tuple[str, str, str]]:
    """(what, old version, new version) of what differs; "" where it is not there."""
    before, after = _running(old), _running(new)
    for key in [*before, *(key for key in after if key not in before)]:
        was, now = before.get(key), after.get(key)
        if was == now:
            continue
        if was and now and was[0] == now[0]:
            yield now[0], was[1], now[1]
        elif was and now:
            yield f"{was[0]} -> {now[0]}", was[1], now[1]
        else:
            what, version = was or now or ("", "")
            yield what, version if was else "", version if now else ""


def _running(manifest: Manifest | None) -> dict[str, tuple[str, str]]:
    """container, or place in an Application -> (what, version)."""
    if manifest is None:
        return {}
    if manifest.kind == "Application":
        sources = [manifest.get("spec", "source"), *sequence(manifest.get("spec", "sources"))]
        return {str(index): _source(mapping(source)) for index, source in enumerate(sources) if source}
    return {found.name: _image(str(found.spec["image"])) for found in containers(manifest)}


def _image(image: str) -> tuple[str, str]:
    short = images.digest(image).removeprefix("sha256:")[:12]
    return images.repository(image), "@".join(part for part in (images.tag(image), short) if part) or "no tag"


def _source(source: dict[str, object]) -> tuple[str, str]:
    name = source.get("chart") or source.get("path") or ""
    return f"{source.get('repoURL')} {name}".strip(), str(source.get("targetRevision") or "HEAD")
