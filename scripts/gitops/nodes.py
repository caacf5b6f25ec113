"""YAML values with the line each is written in, and what a strict reader refuses. Pure."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

Key: TypeAlias = str | int


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


class Refused(Exception):
    def __init__(self, line: int, message: str, fix: str) -> None:
        self.fault = Fault(line, message, fix, fatal=True)
