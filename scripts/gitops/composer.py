"""From the events of a YAML parser to nodes, bounded in depth, size and aliases before anything is built. Pure.

What readers of YAML 1.1 and 1.2 take differently is a fault (YAML 1.1 types: https://yaml.org/type/).
"""

import math
import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from gitops.nodes import Fault, Node, Refused

MAX_DEPTH = 100
MAX_ALIASES = 1_000
MAX_NODES = 1_000_000

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_BOOLEAN_11 = re.compile(r"(?:y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF)$")
_OCTAL_11 = re.compile(r"[-+]?0[0-7_]+$")
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$")


class Composer:
    """Nodes from the parser's events, so that depth, size and aliases are bounded before anything is built."""

    def __init__(self, text: str, faults: list[Fault]) -> None:
        self.events: Iterator[Any] = yaml.parse(text, Loader=Loader)
        self.faults = faults
        self.anchors: dict[str, tuple[Node, int, int]] = {}  # the value, how many it holds, how deep it goes
        self.count = self.aliases = self.deepest = 0

    def documents(self) -> Iterator[Node]:
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                node = self.node(next(self.events), 1)
                if node.value is not None:
                    yield node

    def node(self, event: Any, depth: int) -> Node:
        line = event.start_mark.line + 1
        self.count += 1
        above = self.deepest
        self.deepest = 0
        self.go_down(depth, line)
        if isinstance(event, yaml.AliasEvent):
            node = self.alias(str(event.anchor), line, depth)
            self.deepest = max(above, self.deepest)
            return node
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
            self.anchors[event.anchor] = (node, self.count - before + 1, self.deepest - depth)
        self.deepest = max(above, self.deepest)
        if self.count > MAX_NODES:
            raise Refused(line, f"more than {MAX_NODES:,} values", "split the file")
        return node

    def go_down(self, depth: int, line: int) -> None:
        """To a value at that depth, also to one inside of an alias."""
        if depth > MAX_DEPTH:
            raise Refused(line, f"nested deeper than {MAX_DEPTH} levels", "flatten the document")
        self.deepest = max(self.deepest, depth)

    def mapping(self, line: int, depth: int) -> Node:
        node = Node({}, line)
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            at = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent):
                raise Refused(at, "a key that is not a plain word", "use a string as key")
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

    def alias(self, anchor: str, line: int, depth: int) -> Node:
        if anchor not in self.anchors:
            raise Refused(line, f"alias *{anchor} refers to itself or to nothing", "write the value out")
        node, size, height = self.anchors[anchor]
        self.go_down(depth + height, line)
        self.aliases += 1
        self.count += size
        if self.aliases > MAX_ALIASES or self.count > MAX_NODES:
            raise Refused(line, "too many aliases", "write the values out")
        return node


_resolver: Any = Resolver()
_constructor = SafeConstructor()


def _scalar(event: Any, line: int, faults: list[Fault]) -> Any:
    text: str = event.value
    if event.tag and not event.tag.startswith("tag:yaml.org,2002:"):
        raise Refused(line, f"tag {event.tag}", "use plain YAML values")
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
        value = _constructor.construct_object(yaml.ScalarNode(tag, text))
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError("JSON, so an object of Kubernetes, has no such number")
        return value
    except (ValueError, OverflowError, yaml.YAMLError) as error:
        raise Refused(line, f"impossible value {text[:40]}", "correct or quote the value") from error
