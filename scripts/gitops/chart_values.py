"""The values of the chart as its schema describes them (values.schema.json, JSON Schema 2020-12). Pure."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gitops import output
from gitops.errors import GitopsError
from gitops.manifests import dig, mapping, sequence

_EMPTY: dict[str, Any] = {"string": "", "array": [], "object": {}}
_CLOSED = re.compile(r'"additionalProperties": false')
_NAMES = re.compile(r', "propertyNames": \{"enum": \[[^]]*\]\}')
BEGIN, END = "<!-- values: begin -->\n", "<!-- values: end -->\n"
Schema = dict[str, Any]


@dataclass(frozen=True)
class Leaf:
    """One value: `path` from the top, and its schema with every reference followed. A mapping whose keys the user
    chooses (annotations, a node selector) is one value."""

    path: tuple[str, ...]
    schema: Schema

    @property
    def name(self) -> str:
        return ".".join(self.path)

    @property
    def section(self) -> str:
        """The first word of its name; values without one belong to the chart as a whole."""
        return self.path[0] if len(self.path) > 1 else ""

    @property
    def type(self) -> str:
        """The types it takes; the words of a closed list are those."""
        if "enum" in self.schema:
            return ", ".join(_code(word) for word in self.schema["enum"])
        kinds = self.schema.get("type", "any")
        return " or ".join(kinds) if isinstance(kinds, list) else str(kinds)


def leaves(schema: Schema) -> list[Leaf]:
    """Every value that the schema describes, in its order."""
    return list(_leaves(schema, schema, ()))


def objects(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """(name, schema) of everything with properties of its own: what has to be closed."""
    parts = (schema, *mapping(schema.get("$defs")).values())
    for part, name in zip(parts, ("", *mapping(schema.get("$defs"))), strict=True):
        yield from _objects(mapping(part), name)


def named(text: str) -> str:
    """The text of the schema in which every closed object lists the names of its values once more, as `propertyNames`:
    so that Helm's message for a misspelt one holds them. Everything else stays as it is written."""
    bare = _NAMES.sub("", text)
    names = _closed(json.loads(bare))
    return _CLOSED.sub(lambda found: f'{found[0]}, "propertyNames": {{"enum": {json.dumps(next(names))}}}', bare)


def _closed(node: Any) -> Iterator[list[str]]:
    """The names in every object that says `"additionalProperties": false`, in the order in which it is written."""
    if isinstance(node, list):
        for entry in node:
            yield from _closed(entry)
    elif isinstance(node, dict):
        for key, held in node.items():
            if key == "additionalProperties" and held is False:
                yield list(mapping(node.get("properties")))
            yield from _closed(held)


def renewed(page: str, schema: Schema, values: dict[str, Any]) -> str:
    """The page with the tables of all values between its two marks; raises GitopsError without these."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise GitopsError(f"README.md of the chart: the lines {BEGIN.strip()} and {END.strip()} are not both there")
    return f"{head}{BEGIN}\n{tables(schema, values)}\n{END}{tail}"


def tables(schema: Schema, values: dict[str, Any]) -> str:
    """One table for each section, as Markdown; `values` are the chart's defaults."""
    sections: dict[str, list[Leaf]] = {}
    for leaf in leaves(schema):
        sections.setdefault(leaf.section, []).append(leaf)
    return "\n".join(_section(schema, values, name, held) for name, held in sections.items())


def default(leaf: Leaf, values: dict[str, Any]) -> Any:
    """What the chart uses for a value that is not set; an empty one need not be in its values.yaml."""
    written = dig(values, *leaf.path)
    return leaf.schema.get("default", _EMPTY.get(leaf.type)) if written is None else written


def _section(schema: Schema, values: dict[str, Any], name: str, held: list[Leaf]) -> str:
    about = resolved(schema, mapping(schema["properties"].get(name))).get("description") if name else ""
    rows = ((f"`{leaf.name}`", leaf.type, _code(default(leaf, values)), _meaning(leaf)) for leaf in held)
    table = output.markdown_table(("Value", "Type", "Default", "Meaning"), rows)
    return "\n".join([f"### {name or 'General'}\n", *([f"{about}\n"] if about else []), f"{table}\n"])


def _meaning(leaf: Leaf) -> str:
    examples = sequence(leaf.schema.get("examples"))
    return str(leaf.schema.get("description", "")) + (f" Example: {_code(examples[0])}" if examples else "")


def _code(value: Any) -> str:
    """A value as it is written in YAML, on one line."""
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    return f"`{text}`" if "\n" not in text else f"`{json.dumps(value, ensure_ascii=False)}`"


def resolved(schema: Schema, node: Schema) -> Schema:
    """The node with the definition that it refers to; what it says itself goes first."""
    if "$ref" not in node:
        return node
    target = dig(schema, *str(node["$ref"]).removeprefix("#/").split("/"))
    if not isinstance(target, dict):
        raise GitopsError(f"values.schema.json: {node['$ref']} is not there")
    own = {key: value for key, value in node.items() if key != "$ref"}
    return _merged(resolved(schema, target), own)


def _merged(below: Schema, above: Schema) -> Schema:
    nested = {key for key in above if isinstance(above[key], dict) and isinstance(below.get(key), dict)}
    return below | above | {key: _merged(below[key], above[key]) for key in nested}


def _leaves(schema: Schema, node: Schema, path: tuple[str, ...]) -> Iterator[Leaf]:
    node = resolved(schema, node)
    for key, held in mapping(node.get("properties")).items():
        yield from _leaves(schema, mapping(held), (*path, key))
    if "properties" not in node:
        yield Leaf(path, node)


def _objects(node: Any, name: str) -> Iterator[tuple[str, Schema]]:
    if isinstance(node, dict) and isinstance(node.get("properties"), dict):
        yield name, node
        for key, held in node["properties"].items():
            yield from _objects(held, f"{name}.{key}".strip("."))
