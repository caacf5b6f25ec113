"""A review for a terminal: what matters first, each hunk once. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from gitops.difference import ADDED, DELETED
from gitops.output import table
from gitops.review.hunks import Hunk, families
from gitops.review.lines import MARKS, headline, lines, objects, plural, some, visible, where
from gitops.review.model import Review
from gitops.review.places import Line, grouped
from gitops.risk import HIGH, MEDIUM

_COLOURS = {"red": "31", "green": "32", "yellow": "33", "cyan": "36", "bold": "1", "dim": "2"}
_LEVELS = {HIGH: "red", MEDIUM: "yellow"}
_MARKED = {"+": "green", "-": "red", "~": "cyan"}
UNREAD = 8  # files that no build reads, by name
CONNECTIONS = 30  # lines
ALIKE = 2  # hunks of the same objects and fields


class Paint:
    """Colours, or none; what is painted has no escape sequence of its own."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, colour: str, text: str) -> str:
        shown = visible(text)
        return f"\033[{_COLOURS[colour]}m{shown}\033[0m" if self.on and shown else shown


def text(review: Review, coloured: bool = False) -> str:
    """The whole review."""
    return "\n".join(_lines(review, Paint(coloured)))


def _lines(review: Review, paint: Paint) -> Iterator[str]:
    yield visible(f"{review.base} -> {review.head}: {plural(review.files, 'file')} changed")
    yield paint("bold", f"{headline(review)}; risk: {review.risk}" if review.places else headline(review))
    sections = {
        "DOES NOT PASS": [paint("red", fault) for fault in review.faults],
        "RISKS": _risks(review, paint),
        "IMAGES AND CHARTS": _table(_images(review)),
        "REPLICAS AND RESOURCES": _table(_sizes(review)),
        "CONNECTIONS": _connections(review, paint),
        "RESTARTS": [f"{visible(f'{line.what}: {line.new}')}{_at(line, review)}" for line in review.restarts],
    }
    for title, found in sections.items():
        yield from _section(title, found, paint)
    yield from _changes(review, paint)
    yield from _section("NO BUILD READS", [visible(some(review.unread, UNREAD))] if review.unread else [], paint)
    yield from _section("NOT COMPARED", [visible(note) for note in review.notes if note not in review.faults], paint)


def _section(title: str, found: Sequence[str], paint: Paint) -> Iterator[str]:
    if found:
        yield f"\n{paint('bold', title)}"
        yield from (f"  {line}" for line in found)


def _risks(review: Review, paint: Paint) -> list[str]:
    width = max((len(flag.id) for flag, _ in review.risks), default=0)
    return [
        f"{paint(_LEVELS.get(flag.level, 'dim'), flag.level.ljust(6))}  {flag.id.ljust(width)}  "
        f"{visible(f'{flag.object}: {flag.message}')} [{where(places, review)}]"
        for flag, places in review.risks
    ]


def _images(review: Review) -> list[tuple[str, str, str]]:
    return [
        (
            line.what,
            f"{line.old or '(new)'} -> {line.new or '(gone)'}",
            f"{plural(len(line.users), 'object')}{_at(line, review)}",
        )
        for line in review.images
    ]


def _sizes(review: Review) -> list[tuple[str, str, str]]:
    return [
        (line.what, f"{line.old or '(none)'} -> {line.new or '(none)'}", _at(line, review).strip())
        for line in review.sizes
    ]


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    return [visible(line) for line in table(rows[0], rows[1:]).split("\n")] if rows else []


def _connections(review: Review, paint: Paint) -> list[str]:
    found = [(paint("yellow", f"+ {line.what}: {line.new}"), line) for line in review.gained]
    found += [(paint("dim", f"- {line.what}: {line.new}"), line) for line in review.lost]
    more = [f"and {len(found) - CONNECTIONS} more"] if len(found) > CONNECTIONS else []
    return [f"{said}{_at(line, review)}" for said, line in found[:CONNECTIONS]] + more


def _at(line: Line, review: Review) -> str:
    return f" [{where(line.places, review)}]"


def _changes(review: Review, paint: Paint) -> Iterator[str]:
    if review.hunks:
        yield f"\n{paint('bold', 'CHANGES')}"
    named = (hunk for hunk in review.hunks if by_name(hunk, review))
    for (mark, places), names in grouped(((MARKS[hunk.status], hunk.places), hunk.objects[0]) for hunk in named):
        head = f"{mark} {plural(len(names), 'object')}"
        yield f"\n{paint(_MARKED[mark], head)}{paint('dim', f' [{where(places, review)}]')}"
        yield from (f"    {visible(name)}" for name in names)
    for family in families(hunk for hunk in review.hunks if not by_name(hunk, review)):
        for hunk in family[:ALIKE]:
            yield from _hunk(hunk, review, paint)
        if len(family) > ALIKE:
            rest = tuple(place for hunk in family[ALIKE:] for place in hunk.places)
            yield paint("dim", f"  and in {len(family) - ALIKE} other ways [{where(rest, review)}]")


def by_name(hunk: Hunk, review: Review) -> bool:
    """Is the name enough? Of what goes, and of all that a new cluster has."""
    return hunk.status == DELETED or (hunk.status == ADDED and set(hunk.places) <= set(review.come))


def _hunk(hunk: Hunk, review: Review, paint: Paint) -> Iterator[str]:
    mark = MARKS[hunk.status]
    head, like = f"{mark} {objects(hunk)}", f", as in {hunk.like} but for" if hunk.like else ""
    yield f"\n{paint(_MARKED[mark], head)}{paint('dim', f' [{where(hunk.places, review)}]{like}')}"
    for line in _coloured((line for change in hunk.changes for line in lines(change)), paint):
        yield f"    {line}"


def _coloured(found: Iterable[str], paint: Paint) -> Iterator[str]:
    return (paint(_MARKED.get(line[:1], "dim"), line) for line in found)
