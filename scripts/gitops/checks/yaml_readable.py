"""A file cannot be read: syntax, encoding, a conflict marker, an impossible value, or a size beyond the limits.

Why: every later rule, and Argo CD itself, needs the file. Limits keep a hostile or broken file from stopping the run:
1 MiB, 100 levels, 1,000 aliases, 1,000,000 values, 10,000 files of one
cluster, and as many of what all share; links out of the tree are not followed.

Fails:

    spec: [1, 2

Passes:

    spec: [1, 2]

Fix: correct the named line, or split the file.
Cannot see: whether the content makes sense; that is the schema's business.
"""

from collections import Counter
from collections.abc import Iterator

from gitops.fleet import Fleet
from gitops.problems import Problem

ID = "yaml-readable"
SEVERITY = "error"
CONTROLS: tuple[str, ...] = ()
READS = ("source",)
MAX_FILES = 10_000  # of one cluster, or of what all share: a fleet may have thousands of clusters


def check(fleet: Fleet) -> Iterator[Problem]:
    yield from _many(fleet.files)
    for source in fleet.sources.values():
        for fault in source.faults:
            if fault.fatal:
                yield Problem(source.path, fault.line, ID, "", fault.message, fault.fix)


def _many(files: list[str]) -> Iterator[Problem]:
    """The first file beyond the limit of each cluster, or of what all share."""
    counts: Counter[str] = Counter()
    for path in files:
        top, name, *_ = f"{path}/".split("/")
        cluster = name if top == "clusters" else ""
        counts[cluster] += 1
        if counts[cluster] == MAX_FILES + 1:
            what = f"clusters/{cluster}" if cluster else "what all clusters share"
            yield Problem(path, 1, ID, "", f"more than {MAX_FILES:,} files in {what}", "delete what nobody uses")
