"""Moving versions between environments: what the two versions files list, what differs, the new text. Pure.

A versions file is edited by line: comments, quotes and order of the target stay.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gitops import images
from gitops.errors import GitopsError
from gitops.kustomizations import listed
from gitops.layout import nearest
from gitops.nodes import Node
from gitops.risk.versions import BEFORE, version
from gitops.source import SourceFile, parse

FIELDS = ("newName", "newTag", "digest")
# What can be allowed, by the name it has on the command line.
SKIP, DOWNGRADE, NOT_RUNNING = "skip", "downgrade", "not-running"
ALLOW = {
    SKIP: "an environment is left out",
    DOWNGRADE: "an image goes back to an older version",
    NOT_RUNNING: "no cluster of FROM runs it, or its versions are not committed",
}


@dataclass(frozen=True)
class Move:
    """An image of the target whose version changes; references without a name, "" when it is not listed."""

    name: str
    old: str
    new: str

    def __str__(self) -> str:
        was, now = (short(side) or "(none)" for side in (self.old, self.new))
        return f"{self.name} {was} -> {now}"


def short(reference: str) -> str:
    """Tag and the first digits of the digest, as people compare them."""
    return "@".join(filter(None, (images.tag(reference), images.digest(reference)[7:19])))


def versions(file: SourceFile) -> dict[str, str]:
    """Name -> image reference with tag and digest, of every `images:` entry."""
    return {name: _reference(entry) for name, entry in _entries(file.documents).items()}


def moves(target: SourceFile, text: str) -> list[Move]:
    """What changes when the file `target` has `text` instead."""
    before = versions(target)
    after = {name: _reference(entry) for name, entry in _entries(parse(text)).items()}
    names = dict.fromkeys((*before, *after))
    return [Move(n, before.get(n, ""), after.get(n, "")) for n in names if before.get(n) != after.get(n)]


def promoted(source: SourceFile, target: SourceFile, names: Iterable[str] = ()) -> str:
    """The text of `target` with the versions that `source` lists: all of them, or those of the named images.

    Raises GitopsError for a name that the source does not list, and for an entry that cannot be edited by line."""
    wanted, present = _entries(source.documents), _entries(target.documents)
    for name in names:
        if name not in wanted:
            raise GitopsError(f"{source.path}: lists no image {name}{nearest(name, wanted)}; name one that it lists")
    chosen = {name: entry for name, entry in wanted.items() if name in set(names) or not names}
    theirs, lines = source.text.splitlines(), target.text.splitlines()
    edits: list[tuple[int, int, list[str]]] = []  # first line, lines it replaces, lines instead; lines from 0
    added: list[str] = []
    end = max((max(entry.key_lines.values()) for entry in present.values()), default=0)
    for name, entry in chosen.items():
        if name not in present:
            added += theirs[entry.line - 1 : max(entry.key_lines.values())]
        elif _reference(entry) != _reference(present[name]):
            edits += _fields(entry, theirs, present[name], lines)
    edits.append((end, 0, added))
    edits.sort(key=lambda edit: edit[0])
    for at, count, instead in reversed(edits):
        lines[at : at + count] = instead
    text = "".join(f"{line}\n" for line in lines)
    made = {name: _reference(entry) for name, entry in _entries(parse(text)).items()}
    if made != versions(target) | {name: _reference(entry) for name, entry in chosen.items()}:
        raise GitopsError(f"{target.path}: cannot be edited by line; write one field on each line, name first")
    return text


def refusals(source: str, target: str, found: Iterable[Move], running: Mapping[str, set[str]] | None) -> Iterator[str]:
    """Why these moves should not be made: "NAME OF ALLOW: sentence". `running`: version -> repositories, as the
    clusters of the source run them, None when that does not matter."""
    first = BEFORE.get(target, source)
    if source != first:
        yield f"{SKIP}: {target} takes what {first} runs, not what {source} does; promote it to {first} first"
    for move in found:
        was, now = version(images.tag(move.old)), version(images.tag(move.new))
        if images.repository(move.old) == images.repository(move.new) and was and now and now < was:
            yield f"{DOWNGRADE}: {move} goes back; what the newer one wrote, the older may not read"
        if running is not None and not _runs(move.new, running):
            yield f"{NOT_RUNNING}: {move}: no cluster of {source} runs {short(move.new)}"


def message(subject: str, found: Iterable[Move], trailers: Mapping[str, str]) -> str:
    """The text of a commit: what moves, then the trailers; each new image is one, with its digest."""
    listed_moves = list(found)
    body = "\n".join(map(str, listed_moves))
    ends = [f"{key}: {value}" for key, value in trailers.items()]
    ends += [f"Image: {move.new}" for move in listed_moves if move.new]
    return f"{subject}\n\n{body}\n\n" + "".join(f"{line}\n" for line in ends)


def _entries(documents: list[Node]) -> dict[str, Node]:
    found = listed(documents[0], "images") if documents else []
    return {entry.text("name"): entry for entry in found if entry.text("name")}


def _reference(entry: Node) -> str:
    tag, digest = entry.text("newTag"), entry.text("digest")
    return f"{entry.text('newName') or entry.text('name')}{tag and f':{tag}'}{digest and f'@{digest}'}"


def _fields(source: Node, theirs: list[str], target: Node, lines: list[str]) -> Iterator[tuple[int, int, list[str]]]:
    """The edits that give the entry `target` the fields of `source`, as written there."""
    last = max(target.key_lines.values())
    name = lines[target.key_lines["name"] - 1]
    indent = " " * (len(name) - len(name.lstrip("- ")))
    for field in FIELDS:
        value = _written(theirs[source.key_lines[field] - 1], field)[1] if field in source.key_lines else ""
        if field not in target.key_lines:
            if value:
                yield last, 0, [f"{indent}{field}: {value}"]
            continue
        at = target.key_lines[field] - 1
        if not value:
            yield at, 1, []
        elif source.text(field) != target.text(field):
            head, _, comment = _written(lines[at], field)
            yield at, 1, [f"{head}{value}{comment}"]


def _written(line: str, field: str) -> tuple[str, str, str]:
    """What is before the value of a field, the value as written, and what is after it; "" thrice when it is not so."""
    found = re.fullmatch(rf"""([\s-]*{field}:\s+)("[^"]*"|'[^']*'|\S+)(\s+#.*|\s*)""", line)
    return (found[1], found[2], found[3]) if found else ("", "", "")


def _runs(reference: str, running: Mapping[str, set[str]]) -> bool:
    """Does a cluster run that version of it? The registry may be a fact of the fleet, so only the last part of the
    repository counts."""
    own = images.repository(reference).rpartition("/")[2]
    return own in running.get(reference.removeprefix(images.repository(reference)), set())
