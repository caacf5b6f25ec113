"""A live cluster uses a stub, a placeholder or an example value.

Why: a stub cannot be decrypted, a value that a guide printed is known to everyone, and an example domain belongs to
somebody else. Looked for are STUB in sealed keys; changeme, change-this, replace-with, placeholder, minioadmin and
your-access-key in any rendered text; example domains (example.com, .example, .test, .invalid) in the cluster's facts
and, where those have none, in rendered text. A planned cluster shows them as its to-do list (`gitops status CLUSTER`).

Fails:

    encryptedData: {secret-key: STUB}

Passes:

    encryptedData: {secret-key: AgBy3i4OJSWK...}

Fix: seal the real value for that key; write the cluster's own domain in its facts.
Cannot see: a real-looking value that is wrong.
Source: https://www.rfc-editor.org/rfc/rfc2606 (reserved names)
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from gitops import facts
from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest, mapping, strings
from gitops.problems import Problem
from gitops.sealing import is_stub
from gitops.source import SourceFile

ID = "placeholder-value"
SEVERITY = "error"
CONTROLS = ("SE08",)
READS = ("source", "render")
_WORD = re.compile(
    r"change[-_]?(?:me|this)\b|replace[-_]with[\w-]*|placeholder|minioadmin|your-(?:access|secret)-key", re.I
)
_EXAMPLE = re.compile(r"(?:^|[./@])(?:example\.com|[a-z0-9-]+\.(?:example|test|invalid))(?=$|[:/\"])", re.I)
LONGEST = 200  # characters; what is longer or has several lines is a script or a document


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.builds:
        examples = list(_facts(fleet, build))
        found = [*examples, *(p for m in build.objects for p in _object(fleet, m, bool(examples)))]
        for problem in found:
            yield replace(problem, pending=fleet.planned(build))


def _facts(fleet: Fleet, build: Build) -> Iterator[Problem]:
    path = fleet.repository.facts_file(build.cluster)
    for key, value, line in facts.literals(fleet.sources.get(path, SourceFile(path))):
        if _EXAMPLE.search(value):
            message = f"{key}={value} is an example"
            yield Problem(path, line, ID, "", message, "write the cluster's own", builds=(build.folder,))


def _object(fleet: Fleet, manifest: Manifest, examples: bool) -> Iterator[Problem]:
    """Placeholders of one object; example domains only where the facts have none, since hosts are made from them."""
    if manifest.kind == "SealedSecret":
        for key, value in mapping(manifest.get("spec", "encryptedData")).items():
            if is_stub(value) or (isinstance(value, str) and len(value) < LONGEST and _WORD.search(value)):
                message = f"key {key} is not sealed yet"
                yield fleet.at(ID, manifest, ("spec", "encryptedData", key), message, "seal the real value for it")
        return
    for path, text in strings(manifest.data):
        if len(text) > LONGEST or "\n" in text:
            continue
        if word := _WORD.search(text):
            yield fleet.at(ID, manifest, path, f"placeholder {word.group()}", "write the real value, sealed if secret")
        elif not examples and _EXAMPLE.search(text):
            yield fleet.at(ID, manifest, path, f"{text} is an example", "write the real one")
