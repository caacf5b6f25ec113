"""A file means different things to different YAML readers, or holds a key twice.

Why: Kustomize, Argo CD and kubectl use YAML 1.1, most editors 1.2. `country: no` is false for one and "no" for the
other; of a duplicate key one reader keeps the first value, another the last, and in a kustomization it renders nothing.
Flagged: duplicate keys, tabs, merge keys, unquoted 1.1 booleans, octal and base-60 numbers, a byte order mark, CR LF.

Fails:

    env: {DEBUG: off}

Passes:

    env: {DEBUG: "off"}

Fix: delete the duplicate, quote the value, or save as UTF-8 with LF.
Source: https://yaml.org/type/bool.html, https://yaml.org/type/int.html
"""

from collections.abc import Iterator

from gitops.fleet import Fleet
from gitops.problems import Problem

ID = "yaml-strict"
SEVERITY = "error"
CONTROLS = ("ST01",)
READS = ("source",)


def check(fleet: Fleet) -> Iterator[Problem]:
    for source in fleet.sources.values():
        for fault in source.faults:
            if not fault.fatal:
                yield Problem(source.path, fault.line, ID, "", fault.message, fault.fix)
