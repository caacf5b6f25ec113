"""The texts of a cluster's sealed/: files of stubs, and keys, values and annotations put into what is there. Pure.

A person's lines and comments stay: a file is changed by line, and read again to see that it says what was meant.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from gitops import source
from gitops.errors import GitopsError
from gitops.manifests import mapping
from gitops.nodes import Node
from gitops.sealing import STUB

_PLAIN = re.compile(r"[A-Za-z][\w./-]*(?::[\w./-]+)*")  # needs no quotes in YAML


def stub(namespace: str, name: str, component: str, keys: Mapping[str, str]) -> str:
    """The whole file of a SealedSecret that is not sealed yet; `keys` with what they are."""
    labels = (
        "labels: {app.kubernetes.io/name: pybase, "
        f"app.kubernetes.io/component: {component}, app.kubernetes.io/part-of: pybase}}"
    )
    return f"""apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: {name}
  namespace: {namespace}
  {labels}
  annotations: {{argocd.argoproj.io/sync-wave: "-20"}}
spec:
  encryptedData:
{_stubs(keys, "    ")}  template:
    metadata:
      name: {name}
      namespace: {namespace}
      {labels}
"""


def with_keys(path: str, text: str, keys: Mapping[str, str]) -> str:
    """The file with those of these keys that it lacks, as stubs, after those it has. No line of it changes."""
    spec, held = _encrypted(path, text)
    keys = {key: text for key, text in keys.items() if key not in held.value}
    lines = text.splitlines(keepends=True)
    at = spec.key_lines["encryptedData"]
    if keys and held.line == at and lines[at - 1].split("#")[0].rstrip().endswith("}"):
        raise GitopsError(f"{path}:{at}: write encryptedData with one key a line, then run this again")
    later = [line for line in spec.key_lines.values() if line > at]
    indent = " " * (len(lines[at - 1]) - len(lines[at - 1].lstrip()) + 2)
    end = min(later) - 1 if later else len(lines)
    return "".join([*lines[:end], _stubs(keys, indent), *lines[end:]])


def with_values(path: str, text: str, data: Mapping[str, str], annotations: Mapping[str, str]) -> str:
    """The file with these values, all of keys that it has, each on one line, and annotations of the SealedSecret."""
    _, held = _encrypted(path, text)
    lines = text.splitlines(keepends=True)
    for key, value in data.items():
        if key not in held.value:
            raise GitopsError(f"{path}: has no key {key}; run `gitops secrets stub` for its cluster")
        number = held.key_lines[key]
        lines[number - 1] = re.sub(r"^(\s*[^\s:]+:).*$", rf"\1 {value}", lines[number - 1])
    changed = _annotated("".join(lines), annotations)
    document = _document(changed)
    after = mapping(document.plain() if document else None)
    said = mapping(mapping(after.get("metadata")).get("annotations"))
    wanted = {**held.plain(), **data}
    if mapping(after.get("spec")).get("encryptedData") != wanted or not annotations.items() <= said.items():
        raise GitopsError(f"{path}: cannot be changed by line; write one key a line, each value on the line of its key")
    return changed


def with_resources(text: str | None, files: Iterable[str]) -> str:
    """sealed/kustomization.yaml (None: not there yet) with these files listed too."""
    text = text or "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n"
    documents = source.parse(text)
    entries = [document.get("resources") or Node([], 1) for document in documents]
    listed = {str(node.value) for entry in entries for node in entry.items()}
    head, mark, tail = text.partition("resources:\n")
    indent = "" if tail.startswith("- ") else "  "
    new = "".join(f"{indent}- {file}\n" for file in files if file not in listed)
    if not mark:
        return f"{text.rstrip()}\nresources:\n{new}" if new else text
    body = tail.splitlines(keepends=True)
    end = next((number for number, line in enumerate(body) if line[0] not in " -#\n"), len(body))
    return head + mark + "".join([*body[:end], new, *body[end:]])


def _annotated(text: str, annotations: Mapping[str, str]) -> str:
    """metadata.annotations as a block of lines, with these in it."""
    document = _document(text)
    metadata = document.get("metadata") if document else None
    if metadata is None or not isinstance(metadata.value, dict):
        return text
    lines = text.splitlines(keepends=True)
    held = metadata.get("annotations")
    if held is None:
        at = document.key_lines["metadata"] if document else 0
        return "".join([*lines[:at], _block("  ", annotations), *lines[at:]])
    at = metadata.key_lines["annotations"]
    indent = lines[at - 1][: len(lines[at - 1]) - len(lines[at - 1].lstrip())]
    if held.line == at:  # {in: braces}
        return "".join([*lines[: at - 1], _block(indent, {**mapping(held.plain()), **annotations}), *lines[at:]])
    for name, value in annotations.items():
        line = held.key_lines.get(name)
        if line:
            lines[line - 1] = _entry(f"{indent}  ", name, value)
        else:
            lines[at - 1] += _entry(f"{indent}  ", name, value)
    return "".join(lines)


def _block(indent: str, entries: Mapping[str, Any]) -> str:
    return f"{indent}annotations:\n" + "".join(_entry(f"{indent}  ", *entry) for entry in entries.items())


def _entry(indent: str, name: str, value: Any) -> str:
    return f"{indent}{name}: {value if _PLAIN.fullmatch(str(value)) else json.dumps(str(value))}\n"


def _document(text: str) -> Node | None:
    documents = source.parse(text)
    return documents[0] if len(documents) == 1 else None


def _encrypted(path: str, text: str) -> tuple[Node, Node]:
    """The nodes of spec and of spec.encryptedData."""
    document = _document(text)
    spec = document.get("spec") if document else None
    held = spec.get("encryptedData") if spec else None
    if spec is None or held is None or not isinstance(held.value, dict):
        raise GitopsError(f"{path}: not one SealedSecret with spec.encryptedData; delete it and run this again")
    return spec, held


def _stubs(keys: Mapping[str, str], indent: str) -> str:
    return "".join(f"{indent}{key}: {STUB}{f'  # {text}' if text else ''}\n" for key, text in keys.items())
