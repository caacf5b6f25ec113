"""Whether the findings of a mutant are what its fault says. Pure."""

from collections import Counter
from collections.abc import Sequence

from gitops.problems import Problem
from mutants.faults import Site

KILLED, SURVIVED, NO_OP = "killed", "survived", "no-op"
RULE, FILE, LINE, WORDS, MORE = "wrong rule", "wrong file", "wrong line", "wrong words", "unrelated finding"
CLEAN, FALSE = "clean", "false positive"


def verdict(site: Site, found: Sequence[Problem], rendered: bool, unchanged: bool) -> str:
    """One word for what became of it. `rendered`: the change altered a build; `unchanged`: it did not alter a file."""
    fault = site.fault
    if unchanged:
        return NO_OP
    if not fault.rule:
        return FALSE if found else CLEAN
    if not found:
        return SURVIVED if rendered else NO_OP
    own = [problem for problem in found if problem.rule == fault.rule]
    if not own:
        return RULE
    wrong = _wrong(site, own[0])
    count = Counter(problem.rule for problem in found)
    allowed = {fault.rule, *fault.also}
    return wrong or (KILLED if count[fault.rule] == 1 and set(count) <= allowed else MORE)


def _wrong(site: Site, problem: Problem) -> str:
    fault = site.fault
    folder = site.path.rpartition("/")[0]
    if problem.path != (fault.file.format(folder=folder, part=folder.rpartition("/")[2]) or site.path):
        return FILE
    if fault.line != "any" and problem.line != site.line:
        return LINE
    said = f"{problem.message}; {problem.fix}".lower()
    if not problem.fix or fault.message.lower() not in said or fault.fix.lower() not in problem.fix.lower():
        return WORDS
    return ""
