"""A review as a comment on a pull request: the essentials first, and never longer than a comment may be. Pure.

What manifests hold is somebody else's text: it is shown as code or escaped, so it mentions nobody and links nowhere.
"""

import re
from collections.abc import Iterator, Sequence

from gitops.review.hunks import Hunk, families
from gitops.review.lines import MARKS, headline, lines, objects, plural, some, visible, where
from gitops.review.model import Review
from gitops.review.places import Line, grouped
from gitops.review.text import by_name

LIMIT = 64_536  # 65,536 is the most that GitHub takes; the others are for a marker and a link around it
RESERVE = 400  # for what says that something was left out
ROWS = 40  # of a table
TABLE = 12_000  # units of a table
LINES = 120  # of a hunk
LINE = 500  # characters of one, or of a cell
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~>$^-])")
_LEVELS = {"high": "🔴 high", "medium": "🟠 medium", "low": "⚪ low"}


def markdown(review: Review) -> str:
    """The whole review; blocks that do not fit are left out from the end, and that is said."""
    kept: list[str] = []
    room, left = LIMIT - RESERVE, 0
    for block in _blocks(review):
        size = units(block) + 2
        if size <= room and not left:
            kept.append(block)
            room -= size
        else:
            left += 1
    if left:
        kept.append(
            f"_{plural(left, 'block')} left out: it would be longer than a comment may be. The page has all of it._"
        )
    return "\n\n".join(kept)


def units(text: str) -> int:
    """The length of a text as a comment's limit counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _blocks(review: Review) -> Iterator[str]:
    yield f"### {escape(headline(review))}"
    risk = f", risk **{review.risk}**" if review.places else ""
    yield f"{code(review.base)} → {code(review.head)}, {plural(review.files, 'file')} changed{risk}"
    if review.faults:
        yield "\n".join(
            ["> [!CAUTION]", "> Does not pass:", *(f"> - {sentence(fault)}" for fault in _cut(review.faults))]
        )
    yield from _table("Risks", ("", "Risk", "Object", "What happens", "Where"), _risks(review))
    yield from _table("Images and charts", ("What", "From", "To", "Objects", "Where"), _images(review))
    yield from _table("Replicas and resources", ("What", "From", "To", "Where"), _sizes(review))
    yield from _table("Connections", ("", "Connection", "Ports", "Where"), _connections(review))
    yield from _table("Restarts", ("Workload", "Why", "Where"), _restarts(review))
    if review.unread:
        yield f"**No build reads** {code(some(review.unread, 8))}"
    notes = [note for note in review.notes if note not in review.faults]
    if notes:
        yield "\n".join(["**Not compared**", *(f"- {sentence(note)}" for note in _cut(notes))])
    if review.hunks:
        yield "**Changes**"
    yield from _changes(review)


def _cut(found: Sequence[str]) -> list[str]:
    more = [f"and {len(found) - ROWS} more"] if len(found) > ROWS else []
    return [*found[:ROWS], *more]


def _table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if rows:
        lines = [f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows[:ROWS])]
        while units("\n".join(lines)) > TABLE:
            lines.pop()
        left = len(rows) + 2 - len(lines)
        yield f"**{title}**\n\n" + "\n".join(lines) + (f"\n\n_and {left} more_" if left else "")


def _risks(review: Review) -> list[tuple[str, ...]]:
    return [
        (_LEVELS[flag.level], code(flag.id), code(flag.object), sentence(flag.message), code(where(places, review)))
        for flag, places in review.risks
    ]


def _images(review: Review) -> list[tuple[str, ...]]:
    return [
        (code(line.what), code(line.old or "new"), code(line.new or "gone"), str(len(line.users)), _at(line, review))
        for line in review.images
    ]


def _sizes(review: Review) -> list[tuple[str, ...]]:
    return [
        (code(line.what), code(line.old or "none"), code(line.new or "none"), _at(line, review))
        for line in review.sizes
    ]


def _connections(review: Review) -> list[tuple[str, ...]]:
    found = [("gained", line) for line in review.gained] + [("lost", line) for line in review.lost]
    return [(mark, code(line.what), code(line.new), _at(line, review)) for mark, line in found]


def _restarts(review: Review) -> list[tuple[str, ...]]:
    return [(code(line.what), escape(line.new), _at(line, review)) for line in review.restarts]


def _at(line: Line, review: Review) -> str:
    return code(where(line.places, review))


def _changes(review: Review) -> Iterator[str]:
    named = (hunk for hunk in review.hunks if by_name(hunk, review))
    for (mark, places), names in grouped(((MARKS[hunk.status], hunk.places), hunk.objects[0]) for hunk in named):
        title = f"{mark} {plural(len(names), 'object')}"
        yield _details(title, where(places, review), [f"{mark} {visible(name)}" for name in names])
    for family in families(hunk for hunk in review.hunks if not by_name(hunk, review)):
        yield _hunk(family[0], review)
        if len(family) > 1:
            rest = tuple(place for hunk in family[1:] for place in hunk.places)
            yield f"_The same fields, otherwise:_ {code(where(rest, review))}"


def _hunk(hunk: Hunk, review: Review) -> str:
    like = f", as in {hunk.like} but for" if hunk.like else ""
    found = [line for change in hunk.changes for line in lines(change)]
    return _details(f"{MARKS[hunk.status]} {objects(hunk)}", f"{where(hunk.places, review)}{like}", found)


def _details(title: str, places: str, found: Sequence[str]) -> str:
    more = [f"  ... and {len(found) - LINES} more lines"] if len(found) > LINES else []
    body = "\n".join(short(line) for line in [*found[:LINES], *more])
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", body))])
    return (
        f"<details><summary>{html(title)} <i>{html(places)}</i></summary>\n\n{fence}diff\n{body}\n{fence}\n</details>"
    )


def code(text: str) -> str:
    """`text` as code, in a cell of a table too; nothing in it is read as Markdown."""
    plain = short(visible(text)).replace("|", "\\|")
    run = max((len(found) for found in re.findall("`+", plain)), default=0)
    pad = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{'`' * (run + 1)}{pad}{plain}{pad}{'`' * (run + 1)}" if plain else ""


def sentence(text: str) -> str:
    """A sentence whose code in backticks stays code, and the rest is escaped."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return "".join(code(part) if index % 2 else escape(part) for index, part in enumerate(parts))


def escape(text: str) -> str:
    """`text` as text: no markup, no mention, no link."""
    return _SPECIAL.sub(r"\\\1", html(text))


def short(text: str) -> str:
    """`text`, cut where it is longer than anybody reads."""
    return text if len(text) <= LINE else f"{text[:LINE]} ..."


def html(text: str) -> str:
    """`text` in HTML; an invisible joiner keeps it from being a mention or an address."""
    plain = short(visible(text)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return plain.replace("@", "@\u2060").replace("://", ":\u2060//").replace("www.", "www\u2060.")
