"""Waivers in the sources, on the offending line or the one above. Pure.

`# gitops: allow <rule> until YYYY-MM-DD: reason`
"""

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gitops.problems import Problem
from gitops.source import SourceFile

NEVER = frozenset({"yaml-readable", "kustomize-builds", "plain-secret", "waiver-valid"})
SHAPE = "# gitops: allow <rule> until YYYY-MM-DD: reason"

_WAIVER = re.compile(r"#\s*gitops:\s*allow\b(?P<rest>.*)")
_REST = re.compile(r"\s+(?P<rule>[a-z0-9-]+)\s+until\s+(?P<until>\d{4}-\d\d-\d\d):\s*(?P<reason>\S.*)")


@dataclass(frozen=True)
class Waiver:
    """One waiver; `fault` says why it does not count, "" when it is well written."""

    path: str
    line: int
    rule: str = ""
    until: datetime.date = datetime.date.min
    reason: str = ""
    fault: str = ""

    def covers(self, problem: Problem) -> bool:
        """Is the problem of this rule, on the waiver's line or the one below?"""
        here = problem.path == self.path and problem.line in (self.line, self.line + 1)
        return here and problem.rule == self.rule and not self.fault


def read(sources: Mapping[str, SourceFile]) -> Iterator[Waiver]:
    """Every waiver of the tree, well written or not."""
    for path, source in sources.items():
        if "gitops:" in source.text:
            for number, line in enumerate(source.text.splitlines(), 1):
                if found := _WAIVER.search(line):
                    yield _waiver(path, number, found["rest"])


def _waiver(path: str, line: int, rest: str) -> Waiver:
    found = _REST.fullmatch(rest)
    if not found:
        return Waiver(path, line, fault="it lacks a rule, a date or a reason")
    try:
        until = datetime.date.fromisoformat(found["until"])
    except ValueError:
        return Waiver(path, line, fault=f"{found['until']} is no date")
    fault = f"{found['rule']} cannot be waived" if found["rule"] in NEVER else ""
    return Waiver(path, line, found["rule"], until, found["reason"], fault)


def apply(
    waivers: Iterable[Waiver], problems: list[Problem], today: datetime.date
) -> tuple[list[Problem], set[Waiver]]:
    """The problems that no waiver covers, and the waivers that covered something."""
    valid = [waiver for waiver in waivers if not waiver.fault and waiver.until >= today]
    used = {waiver for waiver in valid for problem in problems if waiver.covers(problem)}
    return [problem for problem in problems if not any(waiver.covers(problem) for waiver in used)], used
