"""A review for a terminal: what matters first, one hunk once. Pure."""

import difflib
from collections.abc import Iterable, Iterator, Sequence

from gitops.difference import ADDED, DELETED
from gitops.dump import as_yaml, inline
from gitops.fields import ABSENT, Change
from gitops.output import table
from gitops.review.hunks import Hunk
from gitops.review.model import Review
from gitops.review.places import Line, said
from gitops.risk import HIGH, MEDIUM

MARKS = {ADDED: "+", DELETED: "-"}
_COLOURS = {"red": "31", "green": "32", "yellow": "33", "cyan": "36", "bold": "1", "dim": "2"}
_LEVELS = {HIGH: "red", MEDIUM: "yellow"}
SHOWN = 3  # objects of a hunk by name
UNREAD = 8  # files that no build reads, by name


class Paint:
    """Colours, or none."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, colour: str, text: str) -> str:
        return f"\033[{_COLOURS[colour]}m{text}\033[0m" if self.on and text else text


def text(review: Review, coloured: bool = False) -> str:
    """The whole review."""
    return "\n".join(_lines(review, Paint(coloured)))


def headline(review: Review) -> str:
    """What the change is, in one line."""
    if not review.places:
        return f"no cluster changes ({files(review.files)})"
    counts = [f"{review.counts.get(status, 0)} {status}" for status in ("changed", ADDED, DELETED)]
    environments = f"{len(review.environments)} environments ({', '.join(review.environments)}), "
    if len(review.environments) == 1:
        environments = f"{review.environments[0]}, "
    where = f"{environments}{plural(len(review.places), 'cluster')}" if review.environments else plural(
        len(review.places), "build"
    )  # fmt: skip
    return f"{where}; objects: {', '.join(counts)}; risk: {review.risk}"


def plural(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def files(number: int) -> str:
    return f"{plural(number, 'file')} changed"


def _lines(review: Review, paint: Paint) -> Iterator[str]:
    yield f"{review.base} -> {review.head}: {files(review.files)}"
    yield paint("bold", headline(review))
    yield from _section("DOES NOT PASS", [paint("red", fault) for fault in review.faults], paint)
    rows = [
        (flag.level, flag.id, f"{flag.object}: {flag.message}{_where(places, review)}") for flag, places in review.risks
    ]
    yield from _section("RISKS", [_risk(row, rows, paint) for row in rows], paint)
    images = [
        (line.what, f"{line.old or '(new)'} -> {line.new or '(gone)'}", _users(line, review)) for line in review.images
    ]
    yield from _section("IMAGES", _table(images), paint)
    sizes = [
        (line.what, f"{line.old or '(none)'} -> {line.new or '(none)'}", _where(line.places, review))
        for line in review.sizes
    ]
    yield from _section("REPLICAS AND RESOURCES", _table(sizes), paint)
    yield from _section("CONNECTIONS", _connections(review, paint), paint)
    restarts = [
        f"{line.what}{' (new hash)' if line.new else ''}{_where(line.places, review)}" for line in review.restarts
    ]
    yield from _section("RESTARTS", restarts, paint)
    if review.hunks:
        yield f"\n{paint('bold', 'CHANGES')}"
        for hunk in review.hunks:
            yield from _hunk(hunk, review, paint)
    yield from _section("NO BUILD READS", [some(review.unread, UNREAD)] if review.unread else [], paint)
    yield from _section("NOT COMPARED", [note for note in review.notes if note not in review.faults], paint)


def _section(title: str, lines: Sequence[str], paint: Paint) -> Iterator[str]:
    if lines:
        yield f"\n{paint('bold', title)}"
        yield from (f"  {line}" for line in lines)


def _risk(row: tuple[str, str, str], rows: Sequence[tuple[str, str, str]], paint: Paint) -> str:
    level, name, sentence = row
    width = max(len(each[1]) for each in rows)
    return f"{paint(_LEVELS.get(level, 'dim'), level.ljust(6))}  {name.ljust(width)}  {sentence}"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    return table(rows[0], rows[1:]).splitlines() if rows else []


def _connections(review: Review, paint: Paint) -> list[str]:
    gained = [paint("yellow", f"+ {line.what}: {line.new}") + _where(line.places, review) for line in review.gained]
    return gained + [paint("dim", f"- {line.what}: {line.new}") + _where(line.places, review) for line in review.lost]


def _users(line: Line, review: Review) -> str:
    return f"{plural(len(line.users), 'object')}{_where(line.places, review)}"


def _where(places: Iterable[str], review: Review) -> str:
    return f" [{said(tuple(places), review.fleet)}]"


def _hunk(hunk: Hunk, review: Review, paint: Paint) -> Iterator[str]:
    mark = MARKS.get(hunk.status, "~")
    colour = {"+": "green", "-": "red"}.get(mark, "cyan")
    yield f"\n{paint(colour, f'{mark} {objects(hunk)}')}{paint('dim', _where(hunk.places, review))}"
    for change in hunk.changes:
        yield from (f"    {paint(_COLOUR.get(line[:1], 'dim'), line)}" for line in lines(change))


_COLOUR = {"+": "green", "-": "red"}


def some(names: Sequence[str], number: int) -> str:
    """The names, or the first of them and how many more there are."""
    if len(names) <= number + 1:
        return ", ".join(names)
    return f"{', '.join(names[:number])} and {len(names) - number} more"


def objects(hunk: Hunk) -> str:
    """The objects of a hunk: by name, the first of them when they are many."""
    return some(hunk.objects, SHOWN)


def lines(change: Change) -> Iterator[str]:
    """A change as lines: the field, then what it was with `-`, what it is with `+`; a scalar is one line."""
    if not change.path:  # the whole object
        yield from (f"{'-' if change.new is ABSENT else '+'} {line}" for line in _yaml(_value(change)))
        return
    if _short(change.old) and _short(change.new) and ABSENT not in (change.old, change.new):
        yield f"  {change.where}:"
        yield f"- {inline(change.old)}"
        yield f"+ {inline(change.new)}"
        return
    yield f"  {change.where}:"
    yield from _unified(change)


def _value(change: Change) -> object:
    return change.old if change.new is ABSENT else change.new


def _short(value: object) -> bool:
    return not isinstance(value, dict | list) and "\n" not in str(value)


def _yaml(value: object) -> list[str]:
    if value is ABSENT:
        return []
    if isinstance(value, str) and "\n" in value:
        return value.splitlines()
    return (as_yaml(value) if isinstance(value, dict | list) else inline(value)).splitlines()


def _unified(change: Change) -> Iterator[str]:
    """The lines that differ of two long texts or lists, with three around each."""
    old, new = _yaml(change.old), _yaml(change.new)
    if not old or not new:
        yield from (f"{'-' if old else '+'} {line}" for line in old or new)
        return
    for line in list(difflib.unified_diff(old, new, lineterm="", n=3))[2:]:
        yield f"{line[:1]} {line[1:]}" if not line.startswith("@@") else "  ..."
