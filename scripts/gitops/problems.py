"""What a rule found. Pure data; `output` prints it, `validation` sorts, merges and counts it."""

import re
from dataclasses import dataclass, replace

ERROR = "error"
WARNING = "warning"

_GUESS = re.compile(r", did you mean [^?;]*\?")  # the nearest name differs by what else a build holds


@dataclass(frozen=True, order=True)
class Problem:
    """A fault in the source file that a person must edit.

    `line` counts from 1; `object` is Kind/namespace/name or ""; `message` says what is wrong with which value and `fix`
    is one action. `builds` are the build folders it reaches. `pending`: it does not count until the cluster goes live.
    """

    path: str
    line: int
    rule: str
    object: str
    message: str
    fix: str
    severity: str = ERROR
    builds: tuple[str, ...] = ()
    pending: bool = False

    @property
    def clusters(self) -> tuple[str, ...]:
        """The names of the clusters it reaches, in order."""
        folders = (build.split("/") for build in self.builds)
        return tuple(dict.fromkeys(parts[1] if parts[0] == "clusters" else "/".join(parts) for parts in folders))


def merged(problems: list[Problem]) -> list[Problem]:
    """The same fault in twelve builds, or of one patch in five objects, is one problem that names the builds.

    Its object is the first by name. It counts as soon as it counts in one of them. Sorted by path, line and rule.
    """
    found: dict[Problem, Problem] = {}
    for problem in problems:
        key = replace(problem, object="", message=_GUESS.sub("", problem.message), builds=(), pending=False)
        known = found.get(key, problem)
        builds = tuple(sorted({*problem.builds, *known.builds}))
        first = min(problem.object, known.object)
        found[key] = replace(known, object=first, builds=builds, pending=problem.pending and known.pending)
    return sorted(found.values())
