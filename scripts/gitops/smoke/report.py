"""Results as text, JSON and JUnit. Pure: returns strings."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from xml.etree import ElementTree

from gitops.smoke.model import FAILED, PASSED, SKIPPED, WARNING, Result

LABELS = {PASSED: "ok", FAILED: "FAILED", WARNING: "warning", SKIPPED: "skipped"}


def counts(results: Sequence[Result]) -> str:
    """`12 passed, 1 failed, 2 warnings, 3 skipped`."""
    held = Counter(result.outcome for result in results)
    text = f"{held[PASSED]} passed, {held[FAILED]} failed, {held[WARNING]} warnings"
    return f"{text}, {held[SKIPPED]} skipped" if held[SKIPPED] else text


def lines(results: Sequence[Result]) -> list[str]:
    """One line a result, and its hint below it."""
    found = []
    for result in results:
        found.append(f"{LABELS[result.outcome]:<8} {result.check:<18} {result.message}")
        if result.hint and result.outcome in (FAILED, WARNING):
            found.append(f"{'':<27} -> {result.hint}")
    return found


def text(_: str, results: Sequence[Result]) -> str:
    """The lines, and the counts last."""
    return "\n".join([*lines(results), counts(results)])


def as_json(_: str, results: Sequence[Result]) -> str:
    return json.dumps([asdict(result) for result in results], indent=2)


def junit(name: str, results: Sequence[Result]) -> str:
    """One test case per result; warnings are said in the output of theirs."""
    held = Counter(result.outcome for result in results)
    sums = {"tests": str(len(results)), "failures": str(held[FAILED]), "skipped": str(held[SKIPPED])}
    suite = ElementTree.Element("testsuite", {"name": name, **sums})
    for result in results:
        case = ElementTree.SubElement(suite, "testcase", classname=result.check, name=result.message)
        if result.outcome == FAILED:
            ElementTree.SubElement(case, "failure", message=result.message).text = result.hint
        elif result.outcome == SKIPPED:
            ElementTree.SubElement(case, "skipped", message=result.message)
        elif result.outcome == WARNING:
            ElementTree.SubElement(case, "system-out").text = f"warning: {result.message}; {result.hint}"
    return ElementTree.tostring(suite, encoding="unicode")


FORMATS: dict[str, Callable[[str, Sequence[Result]], str]] = {"text": text, "json": as_json, "junit": junit}
