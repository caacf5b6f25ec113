"""Edits of a YAML text that keep its comments and order. Pure: text in, text out, None where an edit cannot be."""

import re

import yaml

from mutants.places import Place, end, flow


def put(text: str, place: Place, value: str) -> str | None:
    """Set the value; an absent key becomes the first of its mapping."""
    if place.node is not None:
        start = int(place.node.start_mark.index)
        if start == end(place.node) and text[start - 1 : start] != " ":
            value = f" {value}"  # an empty value
        return text[:start] + value + text[end(place.node) :]
    made = f"{{{place.within}: {value}}}" if place.within else value
    return _first(text, place.holder, f"{place.keys[-1]}: {made}")


def insert(text: str, place: Place, value: str) -> str | None:
    """Make the value the first entry of the list at the place."""
    return None if place.node is None else _first(text, place.node, value)


def remove(text: str, place: Place) -> str | None:
    """Delete the key, or the entry of the list, with its value."""
    if place.node is None:
        return None
    entries = _entries(place.holder)
    number = next(i for i, (_, last) in enumerate(entries) if last is place.node)
    start = int(entries[number][0].start_mark.index)
    if number + 1 < len(entries):
        return text[:start] + text[int(entries[number + 1][0].start_mark.index) :]
    if number:
        return text[: end(entries[number - 1][1])] + text[end(place.node) :]
    if flow(place.holder):
        return text[:start] + text[end(place.node) :]
    return None  # the only one of a block: delete what holds it


def again(text: str, place: Place) -> str | None:
    """Write the key or entry twice."""
    if place.node is None:
        return None
    first = place.key or place.node
    return _before(text, place.holder, int(first.start_mark.index), text[first.start_mark.index : end(place.node)])


def _entries(holder: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
    """The first and the last node of every entry."""
    return [entry if isinstance(entry, tuple) else (entry, entry) for entry in holder.value]


def _first(text: str, holder: yaml.Node, entry: str) -> str | None:
    if isinstance(holder, yaml.ScalarNode):
        return None
    start = int(holder.start_mark.index)
    if flow(holder):
        return f"{text[: start + 1]}{entry}{', ' if holder.value else ''}{text[start + 1 :]}"
    first = _entries(holder)[0][0]
    return _before(text, holder, int(first.start_mark.index), entry)


def _before(text: str, holder: yaml.Node, start: int, entry: str) -> str:
    """Write an entry before the one that starts there, with its dash if the entries have one."""
    if flow(holder):
        return f"{text[:start]}{entry}, {text[start:]}"
    line = text.rfind("\n", 0, start) + 1
    indent = start - line
    if not isinstance(holder, yaml.SequenceNode):
        return f"{text[:start]}{entry}\n{' ' * indent}{text[start:]}"
    dash = re.search(r"-\s+$", text[:start])
    column = indent - (len(dash[0]) if dash else 0)
    return f"{text[:start]}{entry}\n{' ' * column}- {text[start:]}"
