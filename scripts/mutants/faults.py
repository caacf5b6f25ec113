"""The faults of tests/faults and the places of the tree they fit. Pure, but for reading the data."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mutants import edits, places

Change = dict[str, str | None]  # path -> its new text, None for a file that goes


@dataclass(frozen=True)
class Fault:
    """One entry of a file of tests/faults; docs/mutants.md says what each key means."""

    title: str
    rule: str = ""  # "" for a benign edit
    within: str = ""  # patterns of paths
    kinds: str = ""
    at: str = ""
    edit: str = ""  # set, delete, insert, duplicate, text, remove, rename, add
    value: str = ""
    find: str = ""
    file: str = ""  # where the finding is, when not in the edited file
    line: str = ""  # "any" when not the edited line
    message: str = ""
    fix: str = ""
    also: tuple[str, ...] = ()
    files: Mapping[str, str | None] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Site:
    """A fault at one place; `path` is the edited file, `line` the edited line."""

    fault: Fault
    path: str
    line: int
    change: Change

    @property
    def name(self) -> str:
        return f"{self.fault.rule or 'benign'}: {self.fault.title} @ {self.path}:{self.line}"


def read(folder: Path) -> list[Fault]:
    """Every fault of a folder: the name of the file is the rule."""
    found = []
    for file in sorted(folder.glob("*.yaml")):
        rule = "" if folder.name == "benign" else file.stem
        found += [_fault(rule, entry) for entry in yaml.safe_load(file.read_text(encoding="utf-8"))]
    return found


def _fault(rule: str, entry: dict[str, Any]) -> Fault:
    known = {f.name for f in fields(Fault)}
    names = {"in": "within", **dict.fromkeys(EDITS, "edit")}
    made: dict[str, Any] = {"rule": rule}
    for key, value in entry.items():
        if key in EDITS:
            made |= {"edit": key} | ({} if value is True else {"at" if key in _AT else "find": value})
        elif (name := names.get(key, key)) in known:
            made[name] = tuple(value) if name == "also" else value
        else:
            raise ValueError(f"tests/faults: {rule}: {entry.get('title')}: no such key: {key}")
    return Fault(**made)


def sites(fault: Fault, texts: Mapping[str, str]) -> Iterator[Site]:
    """The fault at every place of the tree where it can be made."""
    if fault.edit == "add":
        yield Site(fault, next(iter(fault.files)), 1, dict(fault.files))
        return
    wanted = fault.within.split()
    for path, text in texts.items():
        if any(_matches(path, pattern) for pattern in wanted) and _kind(text) in (fault.kinds.split() or [_kind(text)]):
            for new in EDITS[fault.edit](fault, path, text):
                yield _site(fault, path, text, new)


def _matches(path: str, pattern: str) -> bool:
    """`*` does not cross folders, `**` does."""
    if "**" not in pattern:
        return path.count("/") == pattern.count("/") and fnmatchcase(path, pattern)
    return fnmatchcase(path, pattern.replace("**", "*"))


def _site(fault: Fault, path: str, old: str, new: "str | Change") -> Site:
    if isinstance(new, dict):
        return Site(fault, path, 1, new | dict(fault.files))
    same = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    return Site(fault, path, new.count("\n", 0, same) + 1, {path: new, **fault.files})


@cache
def _root(text: str) -> yaml.Node | None:
    return places.parse(text)


@cache
def _kind(text: str) -> str:
    root = _root(text)
    kinds = places.find(root, ["kind"]) if isinstance(root, yaml.MappingNode) else ()
    return next((str(place.node.value) for place in kinds if place.node is not None), "")


def _at(edit: Callable[..., str | None]) -> Callable[[Fault, str, str], Iterator[str | Change]]:
    def every(fault: Fault, path: str, text: str) -> Iterator[str | Change]:
        root = _root(text) if path.endswith((".yaml", ".yml")) else None
        for place in places.find(root, fault.at.split()) if root else ():
            made = edit(text, place) if edit in (edits.remove, edits.again) else edit(text, place, fault.value)
            if made is not None:
                yield made

    return every


def _text(fault: Fault, path: str, text: str) -> Iterator[str | Change]:
    for match in re.finditer(fault.find, text, re.MULTILINE):
        yield text[: match.start()] + match.expand(fault.value) + text[match.end() :]


def _gone(fault: Fault, path: str, text: str) -> Iterator[str | Change]:
    yield {path: None}


def _moved(fault: Fault, path: str, text: str) -> Iterator[str | Change]:
    yield {path: None, f"{path.rpartition('/')[0]}/{fault.find}": text}


_AT = ("set", "delete", "insert", "duplicate")
EDITS: dict[str, Callable[[Fault, str, str], Iterator[str | Change]]] = {
    "set": _at(edits.put),
    "insert": _at(edits.insert),
    "delete": _at(edits.remove),
    "duplicate": _at(edits.again),
    "text": _text,
    "remove": _gone,
    "rename": _moved,
    "add": _gone,
}
