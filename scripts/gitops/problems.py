"""What a rule found. Pure data; `output` prints it, `validation` sorts, merges and counts it."""

from dataclasses import dataclass, replace

ERROR = "error"
WARNING = "warning"


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
    """The same fault in twelve builds is one problem that names the builds; sorted by path, line and rule.

    It counts as soon as it counts in one of them.
    """
    found: dict[Problem, Problem] = {}
    for problem in problems:
        key = replace(problem, builds=(), pending=False)
        known = found.get(key)
        builds = tuple(sorted({*problem.builds, *(known.builds if known else ())}))
        pending = problem.pending and (known is None or known.pending)
        found[key] = replace(problem, builds=builds, pending=pending)
    return sorted(found.values())
