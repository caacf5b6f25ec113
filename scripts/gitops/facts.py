"""Facts of a cluster or of the fleet: the literals of their ConfigMap generator, read and changed as text. Pure."""

import ipaddress
import re
from collections.abc import Mapping

from gitops.nodes import Node
from gitops.source import SourceFile

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})+"
COPIED = re.compile(r"(?:fieldPath: data\.|\bfact: )([\w-]+)")  # by a replacement, or a peer of policies/peers.yaml
# fact, or its end -> what it must look like, and an example
_SHAPES = {
    "base-domain": (HOST, "a domain in lower case, as example.org"),
    "domain": (f"{HOST}|localhost", "a domain in lower case, as eu.example.org"),
    "smtp-host": (HOST, "a host in lower case, as smtp.example.org"),
    "-url": (r"https?://[a-z0-9][^\s\"']*", "an address, as https://s3.example.org"),
    "s3-bucket": (r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "a bucket's name: lower-case letters, digits, - and ."),
    "repository": (
        r"(https://|ssh://|git@|file:///)[\w.@:/~+%-]*[\w/]",
        "a Git address, as https://git.example.org/fleet.git",
    ),
    "revision": (r"\w+(?:[./-]\w+)*", "a branch or tag, as refs/heads/main"),
    "registry": (r"[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*", "a registry, as ghcr.io/name"),
    "acme-email": (r"[\w.+-]+@" + HOST, "an e-mail address"),
}
UNKNOWN = "REPLACE_WITH_"  # to be written before the cluster goes live
PLACEHOLDER = re.compile(r"\b(CLUSTER|FLEET)_[A-Z0-9]+(?:_[A-Z0-9]+)*\b")


def read(source: SourceFile) -> dict[str, str]:
    """Every `key=value` literal of a facts file, e.g. {"name": ..., "domain": ...}; {} for a file of another shape."""
    return {key: value for key, value, _ in literals(source)}


def line_of(source: SourceFile, key: str) -> int:
    """The line of a fact, 1 when it is not there."""
    return next((line for name, _, line in literals(source) if name == key), 1)


def literals(source: SourceFile) -> list[tuple[str, str, int]]:
    """(key, value, line) of every literal of every generator in the file."""
    entries: list[Node] = [
        node
        for document in source.documents
        for generator in (document.get("configMapGenerator") or Node([], 1)).items()
        for node in (generator.get("literals") or Node([], 1)).items()
    ]
    return [(*_split(str(entry.value)), entry.line) for entry in entries]


def rewritten(source: SourceFile, wanted: Mapping[str, str]) -> str:
    """The file's text with the values of these facts replaced on their own lines; comments and quoting stay."""
    lines = source.text.splitlines(keepends=True)
    for key, value, line in literals(source):
        if key in wanted:
            lines[line - 1] = lines[line - 1].replace(f"{key}={value}", f"{key}={wanted[key]}", 1)
    return "".join(lines)


def refusal(key: str, value: str) -> tuple[str, str] | None:
    """(what is wrong with the value of a fact, what to write instead), None when nothing is."""
    if UNKNOWN in value:
        return None
    if not value:
        return "it is empty", "its value"
    if value != value.strip():
        return "the blank becomes part of it", "the bare value"
    value = value.strip("'\"")  # Kustomize takes them off
    if key.endswith("-cidr") or key == "address-range":
        return _range(value)
    shape = next((shape for end, shape in _SHAPES.items() if key.endswith(end)), None)
    return None if shape is None or re.fullmatch(shape[0], value) else (f"it is not {shape[1]}", shape[1])


def _range(value: str) -> tuple[str, str] | None:
    example = "the first address and the length of the range, as 10.0.0.0/16"
    try:
        if "/" not in value and "-" in value:
            for end in value.split("-", 1):
                ipaddress.ip_address(end.strip())
        elif "/" not in value:
            return "it has no length", example
        elif not ipaddress.ip_network(value).prefixlen:
            return "it is every address", "the range that is meant"
    except ValueError as error:
        return str(error), example
    return None


def _split(literal: str) -> tuple[str, str]:
    key, _, value = literal.partition("=")
    return key, value
