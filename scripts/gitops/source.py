"""YAML files as written: every value with its line, and what a strict reader refuses.

Limits and faults follow the Kubernetes and YAML 1.2 readings of a file: what one reader takes for `true`, another takes
for "on", so anything ambiguous is a fault (YAML 1.1 types: https://yaml.org/type/).
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from gitops.composer import Composer
from gitops.nodes import Fault, Node, Refused

MAX_BYTES = 1 << 20
CARRIAGE = "carriage return"  # no fault where Git keeps the file with LF

_LINE_END_11 = re.compile(r"[\x85\u2028\u2029]")
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7})(?: |$)", re.MULTILINE)


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
        return list(Composer(text, []).documents())
    except (yaml.YAMLError, Refused):
        return []


def read(file: Path, path: str, root: Path) -> SourceFile:
    """Read `file`, known in messages as `path`. Never raises for what the file holds: that becomes its faults."""
    source = read_text(file, path, root)
    if not source.readable:
        return source
    try:
        source.documents = list(Composer(source.text, source.faults).documents())
        if not source.documents:
            raise Refused(1, "empty file", "write the object, or delete the file")
    except Refused as refused:
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
            raise Refused(1, "symbolic link out of the repository", "copy the file into the tree")
        source.text = _decode(file.read_bytes(), source.faults)
    except Refused as refused:
        source.faults.append(refused.fault)
    except OSError as error:
        reason = error.strerror or "no reason given"
        source.faults.append(Fault(1, f"cannot be read: {reason}", "restore the file or its permissions", fatal=True))
    return source


def _decode(body: bytes, faults: list[Fault]) -> str:
    if len(body) > MAX_BYTES:
        raise Refused(1, f"{len(body):,} bytes, more than {MAX_BYTES:,}", "split the file")
    if b"\0" in body:
        raise Refused(body[: body.index(b"\0")].count(b"\n") + 1, "NUL byte", "save the file as UTF-8 text")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        raise Refused(line, f"byte 0x{body[error.start]:02x} is not UTF-8", "save the file as UTF-8") from error
    if end := _LINE_END_11.search(text):
        message = f"U+{ord(end[0]):04X} ends a line in YAML 1.1 and not in 1.2"
        raise Refused(text.count("\n", 0, end.start()) + 1, message, "delete it, or escape it in double quotes")
    if conflict := _CONFLICT.search(text):
        line = text.count("\n", 0, conflict.start()) + 1
        raise Refused(line, "merge conflict marker", "resolve the conflict and delete the marker lines")
    if text.startswith("\ufeff"):
        faults.append(Fault(1, "byte order mark", "save as UTF-8 without BOM"))
        text = text[1:]
    if "\r" in text:
        faults.append(Fault(text[: text.index("\r")].count("\n") + 1, CARRIAGE, "save with LF line ends"))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\t" in text:
        line = text.count("\n", 0, text.index("\t")) + 1
        faults.append(Fault(line, "tab character", "indent with spaces"))
    return text
