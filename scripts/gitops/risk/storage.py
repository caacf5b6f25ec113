"""Volume claims, those of StatefulSets too: smaller, of another class, no longer kept, or no longer mounted."""

from collections.abc import Iterator
from typing import Any

from gitops import argocd, quantity
from gitops.manifests import Manifest, containers, dig, mapping, sequence
from gitops.risk.case import HIGH, Case, Flag
from gitops.risk.deletion import GUARDED
from gitops.volumes import volumes

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


def volume_replaced(case: Case) -> Iterator[Flag]:
    """A path that was on a claim, and is on another volume or on none."""
    for found, old, new in case.changed():
        now = _mounts(new)
        for (container, path), was in _mounts(old).items():
            there = now.get((container, path), "not mounted")
            if was.startswith("claim ") and there != was and new.pod:
                text = f"{path} of container {container} was {was} and is {there}: the new pods do not see its data"
                yield Flag(HIGH, "volume-replaced", found.identity, text)


def protection_lost(case: Case) -> Iterator[Flag]:
    """Argo CD's Prune=false and Delete=false, of what holds data or owns other objects."""
    for found, old, new in case.changed(*GUARDED):
        kept = [option for option in ("Prune=false", "Delete=false") if argocd.syncs_with(old, option)]
        lost = [option for option in kept if not argocd.syncs_with(new, option)]
        if lost:
            when = "leaves Git" if "Prune=false" in lost else "loses its Application"
            text = f"loses {' and '.join(lost)}: from now on it is deleted when it {when}"
            yield Flag(HIGH, "protection-lost", found.identity, text)


def _mounts(manifest: Manifest) -> dict[tuple[str, str], str]:
    """(container, path) -> the volume in words: a claim by its name, anything else by its type."""
    sources = {
        name: f"claim {claim}" if (claim := dig(volume, "persistentVolumeClaim", "claimName")) else _type(volume)
        for name, volume, _ in volumes(manifest)
    } | {name: f"claim {name}" for name in _templates(manifest)}
    return {
        (container.name, str(mount.get("mountPath"))): sources.get(str(mount.get("name")), "not mounted")
        for container in containers(manifest)
        for mount in map(mapping, sequence(container.spec.get("volumeMounts")))
    }


def _type(volume: dict[str, object]) -> str:
    return next((field for field in volume if field != "name"), "emptyDir")


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
