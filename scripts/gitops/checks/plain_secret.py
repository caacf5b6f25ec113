"""A Secret is written in plain text.

Why: base64 is no encryption. What was pushed once is known to everyone who can read the repository, and stays in its
history. Git holds SealedSecrets only. Flagged are a Secret with `data` or `stringData` anywhere in a file (in a List,
in the values of a chart), a secretGenerator, and a Secret that appears in a render.

Fails:

    kind: Secret
    stringData: {password: "..."}

Passes:

    kind: SealedSecret
    spec: {encryptedData: {password: Ag...}}

Fix: delete it, replace the value wherever it is in use, then seal the new one.
Cannot see: values in other places: credential-in-config looks for those. Not waivable.
Source: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
"""

from collections.abc import Iterator

from gitops.fleet import Fleet
from gitops.nodes import Node
from gitops.problems import Problem

ID = "plain-secret"
SEVERITY = "error"
CONTROLS = ("SE01", "SE02")
READS = ("source", "render")
FIX = "delete it, replace the value wherever it is in use, and seal the new one"


def check(fleet: Fleet) -> Iterator[Problem]:
    flagged: set[str] = set()
    for source in fleet.sources.values():
        for document in source.documents:
            for node, message in _walk(document):
                flagged.add(source.path)
                yield Problem(source.path, node.line, ID, "", message, FIX)
    for build in fleet.builds:
        for secret in build.of_kind("Secret"):
            held = next((field for field in ("data", "stringData") if secret.get(field)), None)
            if held and not flagged & build.reads:  # the source was named already
                yield fleet.at(ID, secret, (held,), "a Secret in plain text is rendered", FIX)


def _walk(node: Node) -> Iterator[tuple[Node, str]]:
    if isinstance(node.value, dict):
        yield from _here(node)
    children = node.value.values() if isinstance(node.value, dict) else node.items()
    for child in children:
        yield from _walk(child)


def _here(node: Node) -> Iterator[tuple[Node, str]]:
    if node.text("kind") == "Secret":
        for field in ("data", "stringData"):
            held = node.get(field)
            if held is not None and held.value:
                yield Node(None, node.key_lines[field]), f"a Secret with {field} in plain text"
    generators = node.get("secretGenerator")
    for generator in generators.items() if generators else ():
        for field in ("literals", "envs", "env", "files"):
            if generator.get(field) is not None:
                line = generator.key_lines[field]
                yield Node(None, line), f"a secretGenerator with {field} holds its values in plain text"
