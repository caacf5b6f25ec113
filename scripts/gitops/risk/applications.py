"""Applications that deploy something else, or are less careful with what they deploy."""

from collections.abc import Iterator

from gitops import argocd
from gitops.manifests import Manifest, dig, mapping
from gitops.risk.case import HIGH, MEDIUM, Case, Flag

DESTINATION = ("server", "name", "namespace")


def application_retargeted(case: Case) -> Iterator[Flag]:
    """The same Application with another source or destination; another revision is `add-on-version`."""
    for found, old, new in case.changed("Application"):
        was, now = _deployed(old), _deployed(new)
        if was != now:
            text = f"deploys {' and '.join(now)} in place of {' and '.join(was)}: what only the old one has is pruned"
            yield Flag(HIGH, "application-retargeted", found.identity, text)
        places = [mapping(side.get("spec", "destination")) for side in (old, new)]
        moved = [field for field in DESTINATION if places[0].get(field) != places[1].get(field)]
        if moved:
            changes = ", ".join(f"{f} {places[0].get(f) or '(none)'} to {places[1].get(f) or '(none)'}" for f in moved)
            left = "what names no namespace is made anew there, without its data"
            if moved != ["namespace"]:
                left = "what it deployed before stays where it is, unmanaged"
            yield Flag(HIGH, "application-retargeted", found.identity, f"deploys elsewhere ({changes}): {left}")


def application_careless(case: Case) -> Iterator[Flag]:
    for found, old, new in case.changed("Application"):
        for level, text in _careless(new):
            if text not in (said for _, said in _careless(old)):
                yield Flag(level, "application-careless", found.identity, text)


def _careless(app: Manifest) -> Iterator[tuple[str, str]]:
    """(level, what may happen) of how the Application is set."""
    automated = app.get("spec", "syncPolicy", "automated")
    if automated is None or dig(automated, "enabled") is False:
        yield MEDIUM, "does not sync by itself any more: what is merged does not arrive"
        return
    if dig(automated, "prune") is True and dig(automated, "allowEmpty") is True:
        yield HIGH, "allowEmpty: true: a render without objects deletes everything it deployed"
    if dig(automated, "prune") is not True:
        yield MEDIUM, "does not prune any more: what leaves Git stays in the cluster"
    if dig(automated, "selfHeal") is not True:
        yield MEDIUM, "does not heal any more: what people change in the cluster stays"
    if argocd.takes_along(app):
        yield MEDIUM, "has a finalizer: when it is deleted, so is everything it deployed"


def _deployed(app: Manifest) -> list[str]:
    """Each source in words, without its revision."""
    entries = argocd.sources(app)
    return [f"{e.text('path') or e.text('chart') or '.'} of {e.text('repoURL') or 'no repository'}" for e in entries]
