"""PyBase's environment read as PyBase reads it (pydantic-settings). Pure; the names are data: policies/settings.yaml.

Of the table's entries `type` is str, bool, int, list or dict (JSON); `secret` keeps a value out of ConfigMaps;
`required` must be set when ENVIRONMENT is production; `values` are the only ones; `forbidden` are substrings that no
value may hold in production, in any case of letters, and with `forbidden_start` no value may begin; `at_least` is the
shortest value in characters; `url`: an address, or empty.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitops.layout import nearest
from gitops.manifests import mapping, sequence

POLICY = "settings.yaml"
PRODUCTION = "production"  # the exact value of ENVIRONMENT that turns PyBase's validators on
# https://docs.pydantic.dev/latest/api/standard_library_types/#booleans
_BOOLEANS = frozenset(["true", "false", "1", "0", "yes", "no", "on", "off", "t", "f", "y", "n"])
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s]")
_INTEGER = re.compile(r"\s*[-+]?[0-9]+(?:_[0-9]+)*(?:\.0+)?\s*")


@dataclass(frozen=True)
class Setting:
    """One environment variable that PyBase or its process knows."""

    name: str
    type: str = "str"
    secret: bool = False
    required: bool = False
    values: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    forbidden_start: tuple[str, ...] = ()
    at_least: int = 0
    url: bool = False


@dataclass(frozen=True)
class Wrong:
    """What is wrong with a variable, and the one action that mends it."""

    name: str
    message: str
    fix: str


def table(data: Any) -> dict[str, Setting]:
    """The settings by name, from the content of policies/settings.yaml; what has another shape is left out."""
    return {name: _setting(name, mapping(entry)) for name, entry in mapping(mapping(data).get("settings")).items()}


def _setting(name: str, entry: Mapping[str, Any]) -> Setting:
    at_least = entry.get("at_least")
    return Setting(
        name,
        str(entry.get("type", "str")),
        secret=entry.get("secret") is True,
        required=entry.get("required") is True,
        values=tuple(map(str, sequence(entry.get("values")))),
        forbidden=tuple(map(str, sequence(entry.get("forbidden")))),
        forbidden_start=tuple(map(str, sequence(entry.get("forbidden_start")))),
        url=entry.get("url") is True,
        at_least=at_least if isinstance(at_least, int) else 0,
    )


def wrong(
    known: Mapping[str, Setting],
    environment: Mapping[str, str | None],
    *,
    production: bool = True,
    required: Collection[str] = (),
) -> Iterator[Wrong]:
    """What is wrong with one container's environment: name -> value, None for a value that cannot be seen.

    `production`: PyBase's production validators apply. `required`: the names that must be there.
    """
    for name, value in environment.items():
        setting = known.get(name.upper())  # pydantic-settings takes names in any case
        if setting is None:
            yield Wrong(
                name, f"{name} is unknown to PyBase{nearest(name.upper(), known)}", "correct or delete the name"
            )
        elif value is not None:
            yield from _value(setting, value, production)
    given = {name.upper() for name in environment}
    for name in sorted(set(required) - given):
        yield Wrong(name, f"{name} is required and not set", f"set {name}")


def _value(setting: Setting, value: str, production: bool) -> Iterator[Wrong]:
    name = setting.name
    shown = "its value" if setting.secret else f'"{value}"'
    if refused := refusal(setting.type, value):
        yield Wrong(name, f"{name}: {shown} is not {refused[0]}: PyBase does not start", f"write {refused[1]}")
    elif setting.values and value not in setting.values:
        meant = nearest(value.upper(), {entry.upper() for entry in setting.values})
        allowed = ", ".join(setting.values)
        yield Wrong(name, f"{name}: {shown} is none of {allowed}{meant}", "write one of these, in these letters")
    elif not setting.secret and setting.type == "str" and (around := _around(value)):
        yield Wrong(name, f"{name}: {shown} has {around}, part of the value", f"delete the {around}")
    elif setting.url and value and not _ADDRESS.match(value):
        yield Wrong(name, f"{name}: {shown} is no address", "write scheme://host, as in http://name:9000")
    elif production:
        yield from _refused_in_production(setting, value, shown)


def _around(value: str) -> str:
    """What stands around a value by mistake."""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return "quotes around it"
    return "blanks around it" if value != value.strip() else ""


def _refused_in_production(setting: Setting, value: str, shown: str) -> Iterator[Wrong]:
    found = [part for part in setting.forbidden if part.lower() in value.lower()]
    found += [part for part in setting.forbidden_start if value.lower().startswith(part.lower())]
    if found:
        message = f"{setting.name}: {shown} contains {found[0]}, which is refused in production"
        yield Wrong(setting.name, message, "set a real value")
    elif len(value) < setting.at_least:
        message = f"{setting.name}: shorter than {setting.at_least} characters"
        yield Wrong(setting.name, message, "generate a longer value")


def refusal(kind: str, value: str) -> tuple[str, str] | None:
    """(what the text is not, what to write instead) when it is not a value of that type, else None."""
    match kind:
        case "bool" if value.lower() not in _BOOLEANS:
            return "a boolean", "true or false"
        case "int" if not _INTEGER.fullmatch(value):
            return "a whole number", "digits only"
        case "list" if not isinstance(_json(value), list):
            return "a JSON list", '["one", "two"], or [] for none'
        case "dict" if not isinstance(_json(value), dict):
            return "a JSON object", '{"key": "value"}, or leave it out'
    return None


def _json(value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None
