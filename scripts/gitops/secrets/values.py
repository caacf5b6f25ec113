"""The values of one run: given by a person as NAME=VALUE, asked for without echo, or made. They stay in memory.

NAME is a part (redis-password), or SECRET/KEY for a whole value, from which its parts are learnt.
"""

import getpass
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping

from gitops import recipes, settings
from gitops.errors import GitopsError
from gitops.layout import nearest
from gitops.recipes import URL_SAFE, Part, Parts, Recipe
from gitops.secrets.view import View

MAX_BYTES = 1 << 20
NAME = re.compile(r"[a-z0-9-]{1,63}|[a-z0-9.-]{1,253}/[\w.-]{1,253}", re.ASCII)


def read(descriptor: int) -> dict[str, str]:
    """The lines NAME=VALUE of an open file, to its end; empty lines and lines that begin with # say nothing.

    A value is what follows the first =, as it stands: no quotes, no escapes. Messages never show one."""
    where = f"descriptor {descriptor}"
    try:
        with os.fdopen(os.dup(descriptor), "rb") as file:
            text = file.read(MAX_BYTES + 1).decode()
    except (OSError, OverflowError) as error:
        raise GitopsError(f"--values-fd {descriptor}: cannot be read; open it, as in `{descriptor}< FILE`") from error
    except UnicodeDecodeError as error:
        raise GitopsError(f"{where}: not UTF-8; values are text") from error
    if len(text) > MAX_BYTES:
        raise GitopsError(f"{where}: more than {MAX_BYTES:,} bytes; give the values only")
    found: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, sign, value = line.partition("=")
        if not sign or not NAME.fullmatch(name) or value.endswith("\r"):  # a name that is none may be a value
            raise GitopsError(f"{where}, line {number}: not NAME=VALUE with LF at its end; correct the line")
        if name in found:
            raise GitopsError(f"{where}, line {number}: {name} is there twice; delete one")
        found[name] = value
    return found


def parts(view: View, given: Mapping[str, str]) -> Parts:
    """The parts that these values give, those of whole values learnt; GitopsError for a name nobody knows."""
    known = {part.name: part for recipe in view.recipes.values() for part in recipe.parts}
    found: dict[str, str] = {}
    for name, value in given.items():
        if not value:
            raise GitopsError(f"{name}: is empty; give a value, or leave the line out")
        if "/" not in name and name not in known:
            raise GitopsError(f"{name}: nothing on {view.cluster.name} is made of it{nearest(name, known)}")
        learnt = view.recipe(name).learn(value) if "/" in name else {name: value}
        if learnt is None and view.recipe(name).random:
            raise GitopsError(f"{name}: does not fit {view.recipe(name).template}; give a value of this form")
        for part, text in (learnt or {}).items():
            if found.setdefault(part, text) != text:
                raise GitopsError(f"{name}: another {part} than the one given beside it; give one value for both")
    return found


def complete(chosen: Iterable[Recipe], known: Parts, whole: Mapping[str, str]) -> Parts:
    """The parts with those that are lacking: made, or asked for. Nothing typed: it is left out, and so are its keys."""
    found = dict(known)
    for part in _without(chosen, known, whole):
        value = recipes.make(part.random) if part.random else _asked(part)
        found |= {part.name: value} if value else {}
    return found


def lacking(chosen: Iterable[Recipe], known: Parts, whole: Mapping[str, str]) -> list[Part]:
    """The parts that a person has to supply."""
    return [part for part in _without(chosen, known, whole) if not part.random]


def _without(chosen: Iterable[Recipe], known: Parts, whole: Mapping[str, str]) -> Iterable[Part]:
    """The parts, each once, that these keys are made of and that are not known."""
    wanted = {part.name: part for recipe in chosen if recipe.name not in whole for part in recipe.parts}
    return [part for name, part in wanted.items() if name not in known]


def value(view: View, recipe: Recipe, parts: Parts, whole: Mapping[str, str]) -> str | None:
    """The key's value, None when a part of it is lacking; GitopsError when PyBase or the store would refuse it."""
    if recipe.name not in whole and not all(part.name in parts for part in recipe.parts):
        return None
    made = whole[recipe.name] if recipe.name in whole else recipe.value(parts)
    wrong = next(_wrong(recipe, made, parts), "")
    if not wrong and recipe.variable in view.known:
        production = view.cluster.environment != "development"
        found = settings.wrong(view.known, {recipe.variable: made}, production=production)
        wrong = next((f"{recipe.name}: {each.message}; {each.fix}" for each in found), "")
    if wrong:
        raise GitopsError(wrong)
    return made


def _wrong(recipe: Recipe, made: str, parts: Parts) -> Iterator[str]:
    """What is wrong with a value by itself; it is not shown."""
    for part in recipe.parts:
        text = parts.get(part.name, "x" * part.at_least)
        if recipe.composed and text and not URL_SAFE.fullmatch(text):
            yield f"{part.name}: has characters that a URL escapes; use letters, digits, - . _ and ~"
        if len(text) < (part.at_least if part.random else 0):
            yield f"{part.name}: shorter than {part.at_least} characters; give a longer one"
    if not made or not all(part.name not in parts or parts[part.name] for part in recipe.parts):
        yield f"{recipe.name}: is empty; give a value, or leave it out"
    if made != made.strip() or not made.isprintable():
        yield f"{recipe.name}: has blanks around it or characters that do not print; give the bare value"
    if recipe.template.startswith("postgresql://") and (not made.startswith("postgresql://") or "%" in made):
        yield f"{recipe.name}: alembic reads postgresql:// without %-escapes only; write it so"


def _asked(part: Part) -> str:
    """What the person types, without echo."""
    try:
        return getpass.getpass(f"{part.name} ({part.about}): ", stream=sys.stderr)
    except EOFError as error:
        raise GitopsError(f"{part.name}: the input ended, so nothing was changed; run it again") from error
    except UnicodeDecodeError:
        raise GitopsError(f"{part.name}: not UTF-8, so nothing was changed; values are text") from None
