"""Volume claims, those of StatefulSets too: smaller, of another class, or no longer kept."""

from collections.abc import Iterator
from typing import Any

from gitops import quantity
from gitops.manifests import Manifest, dig, mapping, sequence
from gitops.risk.case import HIGH, Case, Flag

_SIZE = ("spec", "resources", "requests", "storage")


def volume_shrinks(case: Case) -> Iterator[Flag]:
    for identity, name, old, new in _claims(case):
        was, now = quantity.number(dig(old, *_SIZE)), quantity.number(dig(new, *_SIZE))
        if was is not None and now is not None and now < was:
            sizes = f"{dig(old, *_SIZE)} to {dig(new, *_SIZE)}"
            text = f"claim {name} shrinks from {sizes}: no volume can, the API server refuses it; move the data"
            yield Flag(HIGH, "volume-shrinks", identity, text)


def volume_class(case: Case) -> Iterator[Flag]:
    for identity, name, old, new in _claims(case):
        was, now = (dig(claim, "spec", "storageClassName") for claim in (old, new))
        if was != now:
            text = (
                f"claim {name} goes from class {was or '(default)'} to {now or '(default)'}: a volume keeps its class"
            )
            yield Flag(
                HIGH, "volume-class", identity, f"{text}, the API server refuses it; move the data to a new claim"
            )


def volume_retention(case: Case) -> Iterator[Flag]:
    for found, old, new in case.changed("StatefulSet"):
        for when in ("whenDeleted", "whenScaled"):
            path = ("spec", "persistentVolumeClaimRetentionPolicy", when)
            if new.get(*path) == "Delete" != old.get(*path):
                text = f"{when}: Delete: from now on its claims, with their data, go with it"
                yield Flag(HIGH, "volume-retention", found.identity, text)


def _claims(case: Case) -> Iterator[tuple[str, str, Any, Any]]:
    """(object, name, before, after) of every claim that stays."""
    for found, old, new in case.changed("PersistentVolumeClaim"):
        yield found.identity, new.name, old.data, new.data
    for found, old, new in case.changed("StatefulSet"):
        before, after = _templates(old), _templates(new)
        yield from ((found.identity, name, before[name], after[name]) for name in before if name in after)


def _templates(manifest: Manifest) -> dict[str, Any]:
    templates = map(mapping, sequence(manifest.get("spec", "volumeClaimTemplates")))
    return {Manifest(template).name: template for template in templates}
