"""What the terminal and Markdown have in common: a change as lines, and things in few words. Pure."""

import difflib
from collections.abc import Iterable, Iterator, Sequence

from gitops.difference import ADDED, CHANGED, DELETED, HIDDEN
from gitops.dump import as_yaml, inline
from gitops.fields import ABSENT, Change
from gitops.review.hunks import Hunk
from gitops.review.model import Review
from gitops.review.places import said

MARKS = {ADDED: "+", DELETED: "-", CHANGED: "~"}
SHOWN = 3  # objects of a hunk by name
CONTEXT = 3  # lines around what differs in a long text


def headline(review: Review) -> str:
    """What the change is, in one line."""
    if not review.places:
        return "no cluster changes"
    counts = ", ".join(f"{review.counts.get(status, 0)} {status}" for status in (CHANGED, ADDED, DELETED))
    names = review.environments
    environments = (
        f"{len(names)} environments ({', '.join(names)}), " if len(names) > 1 else "".join(f"{n}, " for n in names)
    )
    moved = (("new", review.come), ("gone", review.gone))
    whole = "".join(f"{word}: {some(places, SHOWN)}; " for word, places in moved if places)
    return visible(
        f"{environments}{plural(len(review.places), 'cluster' if names else 'build')}; {whole}objects: {counts}"
    )


def plural(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def where(places: Iterable[str], review: Review) -> str:
    return visible(said(tuple(places), review.fleet))


def some(names: Sequence[str], number: int) -> str:
    """The names, or the first of them and how many more there are."""
    if len(names) <= number + 1:
        return ", ".join(names)
    return f"{', '.join(names[:number])} and {len(names) - number} more"


def objects(hunk: Hunk) -> str:
    """The objects of a hunk: by name, the first of them when they are many."""
    return some(hunk.objects, SHOWN)


def visible(text: str) -> str:
    """`text` with what does not show, or reorders what does, written out: escape sequences, marks of direction."""
    return "".join(c if c.isprintable() or c == "\t" else c.encode("unicode_escape", "replace").decode() for c in text)


def lines(change: Change) -> Iterator[str]:
    """A change as lines: the field, then what it was with `-`, what it is with `+`."""
    if change.path:
        yield visible(f"  {change.where}:")
    if change.old == change.new == HIDDEN:
        yield "  changed, not shown"
        return
    old, new = _yaml(change.old), _yaml(change.new)
    if (len(old) <= 1 and len(new) <= 1) or ABSENT in (change.old, change.new):
        yield from (visible(f"{'-' if side is old else '+'} {line}") for side in (old, new) for line in side)
        return
    for line in list(difflib.unified_diff(old, new, lineterm="", n=CONTEXT))[2:]:
        yield "  ..." if line.startswith("@@") else visible(f"{line[:1]} {line[1:]}")


def _yaml(value: object) -> list[str]:
    if value is ABSENT:
        return []
    if isinstance(value, str) and "\n" in value:
        return value.removesuffix("\n").split("\n")
    return (as_yaml(value) if isinstance(value, dict | list) else inline(value)).removesuffix("\n").split("\n")
