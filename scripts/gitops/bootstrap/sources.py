"""What the cluster's folder must not have any more when it goes live, by the rules of `gitops validate`. Pure."""

from collections.abc import Iterator

from gitops import output, validation
from gitops.fleet import Fleet
from gitops.rules import rule
from gitops.smoke.model import FAILED, PASSED, SKIPPED, Result

PLACEHOLDERS = ("no-placeholders", "placeholder-value")
COVERAGE = ("secret-key-sealed",)
STUB = "is not sealed yet"  # of placeholder-value


def check(fleet: Fleet, sealed_here: bool) -> Iterator[Result]:
    """`sealed_here`: this run seals the stubs itself, as the local platform does."""
    yield from _rules(fleet, "placeholders", PLACEHOLDERS, sealed_here)
    yield from _rules(fleet, "secrets", COVERAGE, sealed_here)


def _rules(fleet: Fleet, name: str, rules: tuple[str, ...], sealed_here: bool) -> Iterator[Result]:
    problems = validation.validate(fleet, [rule(one) for one in rules])
    stubs = [problem for problem in problems if sealed_here and problem.message.endswith(STUB)]
    rest = [problem for problem in problems if problem not in stubs]
    if stubs:
        yield Result(name, SKIPPED, f"{len(stubs)} keys are not sealed: this run makes and seals their values")
    for problem in rest:
        yield Result(name, FAILED, output.line(problem))
    if not rest:
        what = "no placeholder is left" if name == "placeholders" else "every key that a pod needs is sealed"
        yield Result(name, PASSED, what)
