"""A file cannot be read: syntax, encoding, a conflict marker, an impossible value, or a size beyond the limits.

Why: every later rule, and Argo CD itself, needs the file. Limits keep a hostile or broken file from stopping the run:
1 MiB, 100 levels, 1,000 aliases, 1,000,000 values, 10,000 files in the tree; links out
of the tree are not followed.

Fails:

    spec: [1, 2

Passes:

    spec: [1, 2]

Fix: correct the named line, or split the file.
Cannot see: whether the content makes sense; that is the schema's business.
"""

from collections.abc import Iterator

from gitops.fleet import Fleet
from gitops.problems import Problem

ID = "yaml-readable"
SEVERITY = "error"
CONTROLS: tuple[str, ...] = ()
READS = ("source",)
MAX_FILES = 10_000


def check(fleet: Fleet) -> Iterator[Problem]:
    for path in fleet.files[MAX_FILES : MAX_FILES + 1]:
        yield Problem(path, 1, ID, "", f"more than {MAX_FILES:,} files in the tree", "delete what no cluster uses")
    for source in fleet.sources.values():
        for fault in source.faults:
            if fault.fatal:
                yield Problem(source.path, fault.line, ID, "", fault.message, fault.fix)
