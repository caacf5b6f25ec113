"""Where a path leads in a YAML text: the spans of keys and values, in characters. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from gitops.composer import Loader

_OPTIONAL = ("annotations", "labels")  # made where they are not there
ANY = "*"  # every entry of a list or mapping


@dataclass(frozen=True)
class Place:
    """`keys` leads to it; the value of the last key is `node`, None when it is not there; `holder` has or lacks it.
    `within`: the key is to be made with this one in it."""

    keys: tuple[str, ...]
    holder: yaml.Node
    node: yaml.Node | None
    key: yaml.Node | None = None
    within: str = ""


def parse(text: str) -> yaml.Node | None:
    """The first document, None when there is none or it cannot be read."""
    try:
        return next(iter(yaml.compose_all(text, Loader=Loader)), None)
    except yaml.YAMLError:
        return None


def find(root: yaml.Node, keys: list[str], before: tuple[str, ...] = ()) -> Iterator[Place]:
    """Every place at `keys`, the last of which may be absent; `*` stands for all entries of a list or mapping, and
    `name=value` for the entries of a list in which that is so."""
    if len(keys) == 1 and keys[0] != ANY and isinstance(root, yaml.MappingNode):
        key, node = next(((k, v) for k, v in root.value if k.value == keys[0]), (None, None))
        yield Place((*before, keys[0]), root, node, key)
        return
    if len(keys) == 2 and keys[0] in _OPTIONAL and not any(_children(root, keys[0])):
        yield Place((*before, keys[0]), root, None, within=keys[1])
    for name, key, node in _children(root, keys[0]):
        if len(keys) > 1:
            yield from find(node, keys[1:], (*before, name))
        else:
            yield Place((*before, name), root, node, key)


def _children(root: yaml.Node, wanted: str) -> Iterator[tuple[str, yaml.Node | None, yaml.Node]]:
    if isinstance(root, yaml.MappingNode):
        yield from ((k.value, k, v) for k, v in root.value if wanted in (ANY, k.value))
    elif isinstance(root, yaml.SequenceNode):
        for number, node in enumerate(root.value):
            if wanted in (ANY, str(number)) or _holds(node, wanted):
                yield str(number), None, node


def _holds(node: yaml.Node, wanted: str) -> bool:
    name, equals, value = wanted.partition("=")
    pairs = node.value if equals and isinstance(node, yaml.MappingNode) else []
    return any(k.value == name and getattr(v, "value", None) == value for k, v in pairs)


def end(node: yaml.Node) -> int:
    """Where the text of a node ends: a block collection's own mark is after the blanks and comments that follow it."""
    if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return end(last[1] if isinstance(last, tuple) else last)


def flow(node: yaml.Node) -> bool:
    """Is it written in brackets or braces?"""
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)
