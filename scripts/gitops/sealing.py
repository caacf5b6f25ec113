"""The SealedSecrets that a build needs, as stubs to fill: which keys, what each is, and the text of the files. Pure.

A stub's value is STUB; `gitops validate` counts it as missing once the cluster is live. The descriptions are those of
policies/secrets.yaml: a text, or texts by the folder of components/ that the build lists, the first that fits.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from gitops import source
from gitops.environment import secret_uses
from gitops.errors import GitopsError
from gitops.manifests import Build, mapping
from gitops.nodes import Node
from gitops.peers import lists

STUB = "STUB"


def table(policy: Node | None) -> dict[str, Any]:
    """The content of policies/secrets.yaml: Secret -> its component and keys; {} when the file is not there."""
    return mapping(mapping(policy.plain() if policy else None).get("secrets"))


def needed(build: Build, table: Mapping[str, Any]) -> dict[tuple[str, str], list[str]]:
    """(namespace, Secret) -> the keys its pods cannot do without, in the order of the table, then of use."""
    found: dict[tuple[str, str], list[str]] = {}
    for use in secret_uses(build):
        keys = found.setdefault((use.manifest.namespace, use.name), []) if not use.optional else []
        keys += [key for key in ([use.key] if use.key else _keys(table, use.name)) if key not in keys]
    order = list(table)
    for (_, name), keys in found.items():
        listed = list(_keys(table, name))
        keys.sort(key=lambda key: listed.index(key) if key in listed else len(listed))
    return dict(sorted(found.items(), key=lambda item: order.index(item[0][1]) if item[0][1] in order else len(order)))


def unused(build: Build) -> list[tuple[str, str]]:
    """(path, "Secret name" or "key") of what is sealed and no pod refers to, optional references included."""
    uses = list(secret_uses(build))
    found = []
    for sealed in build.of_kind("SealedSecret"):
        mine = [use for use in uses if (use.manifest.namespace, use.name) == (sealed.namespace, sealed.name)]
        if not mine:
            found.append((sealed.origin, f"Secret {sealed.name}"))
        elif all(use.key for use in mine):
            keys = mapping(sealed.get("spec", "encryptedData"))
            found += [(sealed.origin, f"key {key}") for key in keys if key not in {use.key for use in mine}]
    return found


def describe(build: Build, table: Mapping[str, Any], name: str, key: str) -> str:
    """What the key is and how its value is made, "" when nothing is known."""
    text = _keys(table, name).get(key, "")
    if isinstance(text, dict):
        text = next((said for folder, said in text.items() if lists(build, folder)), "")
    return str(text)


def stub(namespace: str, name: str, table: Mapping[str, Any], keys: Mapping[str, str]) -> str:
    """The whole file of a SealedSecret that is not sealed yet; `keys` with their descriptions."""
    component = mapping(table.get(name)).get("component") or name.removeprefix("pybase-").removesuffix("-secret")
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
{_lines(keys, "    ")}  template:
    metadata:
      name: {name}
      namespace: {namespace}
      {labels}
"""


def with_keys(path: str, text: str, keys: Mapping[str, str]) -> str:
    """The file with those of these keys that it lacks, as stubs, after those it has. No line of it changes."""
    documents = source.parse(text)
    spec = documents[0].get("spec") if len(documents) == 1 else None
    held = spec.get("encryptedData") if spec else None
    if spec is None or held is None or not isinstance(held.value, dict):
        raise GitopsError(f"{path}: not one SealedSecret with spec.encryptedData; delete it and run this again")
    keys = {key: text for key, text in keys.items() if key not in held.value}
    lines = text.splitlines(keepends=True)
    at = spec.key_lines["encryptedData"]
    if keys and held.line == at and lines[at - 1].split("#")[0].rstrip().endswith("}"):
        raise GitopsError(f"{path}:{at}: write encryptedData with one key a line, then run this again")
    later = [line for line in spec.key_lines.values() if line > at]
    indent = " " * (len(lines[at - 1]) - len(lines[at - 1].lstrip()) + 2)
    end = min(later) - 1 if later else len(lines)
    return "".join([*lines[:end], _lines(keys, indent), *lines[end:]])


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


def _keys(table: Mapping[str, Any], name: str) -> dict[str, Any]:
    return mapping(mapping(table.get(name)).get("keys"))


def _lines(keys: Mapping[str, str], indent: str) -> str:
    return "".join(f"{indent}{key}: {STUB}{f'  # {text}' if text else ''}\n" for key, text in keys.items())
