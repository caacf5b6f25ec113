"""Objects as YAML text. Pure."""

from typing import Any

import yaml


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """PyYAML writes the strings y, n and = bare, which YAML 1.1 readers take for something else: quote them."""


def _quoted(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = '"' if value in ("y", "Y", "n", "N", "=") else "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _quoted)


def as_yaml(value: Any, *, sort: bool = False) -> str:
    """One document without its marker; `sort` puts the keys of every mapping in order."""
    return str(yaml.dump(value, Dumper=_Dumper, sort_keys=sort, allow_unicode=True, width=120))


def inline(value: Any) -> str:
    """A value on one line: a scalar as YAML has it, anything else in flow style."""
    text = yaml.dump(value, Dumper=_Dumper, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**6)
    return str(text).removesuffix("\n...\n").removesuffix("\n").strip()
