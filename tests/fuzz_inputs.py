"""Hostile versions of real files, each made from one number and the files it starts from.

40 % broken YAML grammar, 30 % values of another type at any path, 20 % bytes and encodings, 10 % fields of
kustomizations, Applications and SealedSecrets."""

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Json = Any
TOKENS = ["&a", "*a", "&a [*a]", "!!binary", "!x", "!!python/name:os.system", "? ", "? [a]\n: ", "- ", "|", "|2-", ">"]
TOKENS += ["{", "}", "[", "]", "{{ .Values.x }}", "%YAML 1.1\n---\n", "---\n", "...\n", "<<: *a\n", "<<: ", '"', "'"]
TOKENS += ["#", ": ", ":", "\t", "@", "`", "\\", "\n", "\r", "  ", ", ", "=", "~", "null", "0x", "1e999", ".nan"]
TOKENS += ["-.inf", "yes", "012", "1:30", "2026-13-45"]
TOKENS += ["<<<<<<< ours\n", "0" * 30, "9" * 5000, "[" * 120, "- " * 120, "\u2028", "\x85", "\x7f"]
TOKENS += ["\ud7ff", "é", "😀", "\x1b[31m"]
VALUES: list[Json] = [None, 0, -1, 1, 2**63, 10**4000, 0.5, float("inf"), float("nan"), True, "", " "]
VALUES += ["~", "x" * 10_000]
VALUES += [[], [None], [[]], [1], ["a", "a"], {}, {"": ""}, {"a": None}, [{}], {"a": {"b": [{"c": 1}]}}]
VALUES += ["a\nb", "\x07", "%0A", "é", "😀"]
VALUES += ["*", "[", "(", "^(a+)+$", "a,b", "=", "/", "..", "../..", "/etc/passwd", "https://example.org/x?ref=1"]
VALUES += ["{{ x }}", "$(X)"]
VALUES += ["10.0.0.0/8", "0.0.0.0/33", "1.5Gi", "100m", "1e3", "-5Mi", "5%", "2026-01-01T00:00:00Z"]
VALUES += ["CLUSTER_DOMAIN", "<&>\"']]>"]
ENCODINGS = ["utf-16", "utf-16-be", "utf-32", "latin-1", "utf-8-sig", "cp037", "utf-7"]
BYTES = [b"\0", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80"]
BYTES += [b"\r\n", b"\r", b"\x1b[2J", b"\t", b"\xe2\x80\xa8", b"\xc2\x85", b"\x7f", b"\x00\x01\x02\x03"]
FIELDS: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "fuzz/fields.yaml").read_text())


@dataclass(frozen=True)
class Input:
    """A hostile file. `path`: where it was real, relative to the folder that was given; `kind`: how it was made."""

    number: int
    kind: str
    path: str
    body: bytes


Make = Callable[[random.Random, bytes], bytes]


def make(number: int, files: list[tuple[str, bytes]], special: list[tuple[str, bytes]]) -> Input:
    """The input of that number. `files`: (path, content) to start from; `special`: those that have FIELDS."""
    chance = random.Random(number)
    kind, change = chance.choices(list(KINDS.items()), weights=[4, 3, 2, 1])[0]
    path, body = chance.choice(special if kind == "fields" else files)
    return Input(number, kind, path, change(chance, body))


def read(root: Path, paths: Iterator[Path]) -> list[tuple[str, bytes]]:
    return [(str(path.relative_to(root)), path.read_bytes()) for path in sorted(paths)]


def special(files: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [(path, body) for path, body in files if path.endswith(".yaml") and _fields(body)]


def _fields(body: bytes) -> list[str]:
    words = body.decode()
    return next((fields for kind, fields in FIELDS.items() if f"kind: {kind}\n" in words), [])


def _grammar(chance: random.Random, body: bytes) -> bytes:
    text = body.decode()
    for _ in range(chance.randint(1, 4)):
        text = chance.choice([_line, _line, _token, _token, _anchor, _cut])(chance, text)
    return text.encode("utf-8", "surrogatepass")


def _line(chance: random.Random, text: str) -> str:
    lines = text.split("\n")
    one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(6):
        case 0:
            del lines[one]
        case 1:
            lines.insert(two, lines[one])
        case 2:
            lines[one], lines[two] = lines[two], lines[one]
        case 3:
            lines[one] = "  " * chance.randint(1, 3) + lines[one]
        case 4:
            lines[one] = lines[one].replace("  ", "", 1)
        case 5:
            lines[one : one + 3] = lines[one : one + 3] * chance.choice([2, 50])
    return "\n".join(lines)


def _token(chance: random.Random, text: str) -> str:
    at = chance.randint(0, len(text))
    drop = chance.choice([0, 0, 1, 5])
    return text[:at] + chance.choice(TOKENS) + text[at + drop :]


def _anchor(chance: random.Random, text: str) -> str:
    """A value with an anchor, and one or many uses of it further down, or inside of itself."""
    places = [at for at in range(len(text)) if text.startswith(": ", at)]
    if len(places) < 2:
        return text
    one, two = sorted(chance.sample(places, 2))
    used = chance.choice(["*a", "[*a, *a]", "{k: *a}", "[" + "*a, " * 1_200 + "]"])
    end = text.find("\n", two)
    return f"{text[: one + 2]}&a {text[one + 2 : two + 2]}{used}{text[end if end >= 0 else len(text) :]}"


def _cut(chance: random.Random, text: str) -> str:
    return text[: chance.randint(0, len(text))]


def _types(chance: random.Random, body: bytes) -> bytes:
    try:
        documents = list(yaml.safe_load_all(body.decode()))
    except yaml.YAMLError:  # a table or a certificate
        return _bytes(chance, body)
    for _ in range(chance.randint(1, 2)):
        holder, key = chance.choice(list(_places(documents)))
        value = copy.deepcopy(chance.choice(VALUES))
        if isinstance(holder, dict) and chance.random() < 0.1:
            holder[str(value)[:200]] = holder.pop(key)
        else:
            holder[key] = value
    return _written(documents)


def _places(value: Json) -> Iterator[tuple[Json, Json]]:
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def _written(documents: list[Json]) -> bytes:
    return b"---\n".join(yaml.safe_dump(one, allow_unicode=True, sort_keys=False).encode() for one in documents)


def _bytes(chance: random.Random, body: bytes) -> bytes:
    if chance.random() < 0.15:
        return body.decode().encode(chance.choice(ENCODINGS), "replace")
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(body))
        match chance.randrange(4):
            case 0:
                body = body[:at] + chance.randbytes(chance.choice([1, 1, 8, 64])) + body[at + 1 :]
            case 1:
                body = body[:at] + chance.choice(BYTES) + body[at:]
            case 2:
                body = body[:at] + body[at + chance.choice([1, 20, 200]) :]
            case 3:
                body = body[:at] + body[at : at + 20] * chance.choice([2, 100]) + body[at:]
    return body


def _special(chance: random.Random, body: bytes) -> bytes:
    documents = list(yaml.safe_load_all(body.decode()))
    names = _fields(body)
    holders = [documents[0], *(held for held, key in _places(documents) if isinstance(held, dict))]
    for _ in range(chance.randint(1, 3)):
        chance.choice(holders)[chance.choice(names)] = _entries(chance)
    return _written(documents)


def _entries(chance: random.Random) -> Json:
    def some() -> Json:
        return copy.deepcopy(chance.choice(VALUES))

    def entry() -> dict[str, Json]:
        return {name: some() for name in chance.sample(FIELDS["entry"], chance.randint(1, 4))}

    made = [some, lambda: [some()], entry, lambda: [entry(), entry()], lambda: {"spec": entry()}]
    return chance.choice(made)()


KINDS: dict[str, Make] = {"grammar": _grammar, "types": _types, "bytes": _bytes, "fields": _special}
