"""YAML files as written: every value with its line, and what a strict reader refuses.

Limits and faults follow the Kubernetes and YAML 1.2 readings of a file: what one reader takes for `true`, another takes
for "on", so anything ambiguous is a fault (YAML 1.1 types: https://yaml.org/type/).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

MAX_BYTES = 1 << 20
MAX_DEPTH = 100
MAX_ALIASES = 1_000
MAX_NODES = 1_000_000

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Key: TypeAlias = str | int

_BOOLEAN_11 = re.compile(r"(?:y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF)$")
_OCTAL_11 = re.compile(r"[-+]?0[0-7_]+$")
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$")
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7})(?: |$)", re.MULTILINE)


@dataclass(slots=True)
class Node:
    """A YAML value: scalar, list of nodes, or mapping of nodes; lines count from 1."""

    value: Any
    line: int
    key_lines: dict[str, int] = field(default_factory=dict)

    def plain(self) -> Any:
        """The value without lines, as a YAML reader returns it."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def get(self, *path: Key) -> "Node | None":
        """The node at `path`, or None."""
        node: Node | None = self
        for key in path:
            if node is None:
                return None
            held = node.value
            if isinstance(held, dict):
                node = held.get(str(key))
            elif isinstance(held, list) and isinstance(key, int) and -len(held) <= key < len(held):
                node = held[key]
            else:
                return None
        return node

    def items(self) -> "list[Node]":
        """The nodes of a list; empty for anything else."""
        return self.value if isinstance(self.value, list) else []

    def text(self, *path: Key) -> str:
        """The scalar at `path` as text, or ""."""
        node = self.get(*path)
        return "" if node is None or isinstance(node.value, dict | list | None) else str(node.value)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something a strict reader refuses. `fatal`: the file has no usable content."""

    line: int
    message: str
    fix: str
    fatal: bool = False


class _Refused(Exception):
    def __init__(self, line: int, message: str, fix: str) -> None:
        self.fault = Fault(line, message, fix, fatal=True)


@dataclass
class SourceFile:
    """One YAML file: `path` relative to the repository, its documents, and its faults."""

    path: str
    text: str = ""
    documents: list[Node] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def readable(self) -> bool:
        return not any(fault.fatal for fault in self.faults)


def parse(text: str) -> list[Node]:
    """The documents of a YAML text, [] when it cannot be read (a patch written inside a kustomization)."""
    try:
        return list(_Composer(text, []).documents())
    except (yaml.YAMLError, _Refused):
        return []


def read(file: Path, path: str, root: Path) -> SourceFile:
    """Read `file`, known in messages as `path`. Never raises for what the file holds: that becomes its faults."""
    source = read_text(file, path, root)
    if not source.readable:
        return source
    try:
        source.documents = list(_Composer(source.text, source.faults).documents())
        if not source.documents:
            raise _Refused(1, "empty file", "write the object, or delete the file")
    except _Refused as refused:
        source.faults.append(refused.fault)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        text = f"not YAML: {error.problem or error.context or 'syntax error'}"
        source.faults.append(Fault(line, text, "correct the syntax at this line", fatal=True))
    except yaml.YAMLError as error:
        source.faults.append(Fault(1, f"not YAML: {error}", "correct the syntax", fatal=True))
    return source


def read_text(file: Path, path: str, root: Path) -> SourceFile:
    """The text of `file` with the faults of its bytes, no documents."""
    source = SourceFile(path)
    try:
        if not file.resolve().is_relative_to(root):
            raise _Refused(1, "symbolic link out of the repository", "copy the file into the tree")
        source.text = _decode(file.read_bytes(), source.faults)
    except _Refused as refused:
        source.faults.append(refused.fault)
    except OSError as error:
        reason = error.strerror or "no reason given"
        source.faults.append(Fault(1, f"cannot be read: {reason}", "restore the file or its permissions", fatal=True))
    return source


def _decode(body: bytes, faults: list[Fault]) -> str:
    if len(body) > MAX_BYTES:
        raise _Refused(1, f"{len(body):,} bytes, more than {MAX_BYTES:,}", "split the file")
    if b"\0" in body:
        raise _Refused(body[: body.index(b"\0")].count(b"\n") + 1, "NUL byte", "save the file as UTF-8 text")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        raise _Refused(line, f"byte 0x{body[error.start]:02x} is not UTF-8", "save the file as UTF-8") from error
    if conflict := _CONFLICT.search(text):
        line = text.count("\n", 0, conflict.start()) + 1
        raise _Refused(line, "merge conflict marker", "resolve the conflict and delete the marker lines")
    if text.startswith("\ufeff"):
        faults.append(Fault(1, "byte order mark", "save as UTF-8 without BOM"))
        text = text[1:]
    if "\r" in text:
        faults.append(Fault(text[: text.index("\r")].count("\n") + 1, "carriage return", "save with LF line ends"))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\t" in text:
        line = text.count("\n", 0, text.index("\t")) + 1
        faults.append(Fault(line, "tab character", "indent with spaces"))
    return text


class _Composer:
    """Nodes from the parser's events, so that depth, size and aliases are bounded before anything is built."""

    def __init__(self, text: str, faults: list[Fault]) -> None:
        self.events: Iterator[Any] = yaml.parse(text, Loader=Loader)
        self.faults = faults
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.count = self.aliases = 0

    def documents(self) -> Iterator[Node]:
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                node = self.node(next(self.events), 1)
                if node.value is not None:
                    yield node

    def node(self, event: Any, depth: int) -> Node:
        line = event.start_mark.line + 1
        self.count += 1
        if depth > MAX_DEPTH:
            raise _Refused(line, f"nested deeper than {MAX_DEPTH} levels", "flatten the document")
        if isinstance(event, yaml.AliasEvent):
            return self.alias(str(event.anchor), line)
        before = self.count
        if isinstance(event, yaml.ScalarEvent):
            node = Node(_scalar(event, line, self.faults), line)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = Node([], line)
            while not isinstance(child := next(self.events), yaml.SequenceEndEvent):
                node.value.append(self.node(child, depth + 1))
        else:
            node = self.mapping(line, depth)
        if event.anchor:
            self.anchors[event.anchor] = (node, self.count - before + 1)
        if self.count > MAX_NODES:
            raise _Refused(line, f"more than {MAX_NODES:,} values", "split the file")
        return node

    def mapping(self, line: int, depth: int) -> Node:
        node = Node({}, line)
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            at = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent):
                raise _Refused(at, "a key that is not a plain word", "use a string as key")
            key = event.value
            if key == "<<":
                self.faults.append(Fault(at, "merge key <<", "write the keys out"))
            elif not event.style and _BOOLEAN_11.match(key):
                self.faults.append(Fault(at, f"key {key} is a boolean in YAML 1.1", f'write "{key}"'))
            if key in node.value:
                first = node.key_lines[key]
                self.faults.append(Fault(at, f"key {key} is here twice (first in line {first})", "delete one of them"))
            node.value[key] = self.node(next(self.events), depth + 1)
            node.key_lines[key] = at
        return node

    def alias(self, anchor: str, line: int) -> Node:
        if anchor not in self.anchors:
            raise _Refused(line, f"alias *{anchor} refers to itself or to nothing", "write the value out")
        node, size = self.anchors[anchor]
        self.aliases += 1
        self.count += size
        if self.aliases > MAX_ALIASES or self.count > MAX_NODES:
            raise _Refused(line, "too many aliases", "write the values out")
        return node


_resolver: Any = Resolver()
_constructor = SafeConstructor()


def _scalar(event: Any, line: int, faults: list[Fault]) -> Any:
    text: str = event.value
    if event.tag and not event.tag.startswith("tag:yaml.org,2002:"):
        raise _Refused(line, f"tag {event.tag}", "use plain YAML values")
    if event.style or not event.implicit[0]:
        return text
    if _BOOLEAN_11.match(text):
        faults.append(Fault(line, f"{text} is a boolean in YAML 1.1 and text in 1.2", f'write "{text}", true or false'))
    elif _OCTAL_11.match(text) and text not in ("0", "+0", "-0"):
        faults.append(Fault(line, f"{text} is octal in YAML 1.1 and decimal in 1.2", f'write "{text}" or 0o...'))
    elif _SEXAGESIMAL.match(text):
        faults.append(Fault(line, f"{text} is a number in base 60 in YAML 1.1", f'write "{text}"'))
    tag = _resolver.resolve(yaml.ScalarNode, text, (True, False))
    try:
        return _constructor.construct_object(yaml.ScalarNode(tag, text))
    except (ValueError, OverflowError, yaml.YAMLError) as error:
        raise _Refused(line, f"impossible value {text[:40]}", "correct or quote the value") from error
