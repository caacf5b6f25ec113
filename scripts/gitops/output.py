"""Problems as text, GitHub annotations, JSON, SARIF and JUnit, and tables. Pure: returns strings."""

import difflib
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from xml.etree import ElementTree

from gitops.problems import Problem
from gitops.rules import Rule, all_rules

Format = Callable[[Sequence[Problem]], str]


def line(problem: Problem) -> str:
    """`path:line: Kind/namespace/name: message; fix (rule)`, with the clusters it reaches when there are several."""
    about = f"{problem.object}: " if problem.object else ""
    reach = f" [{len(problem.clusters)} clusters: {', '.join(problem.clusters)}]" if len(problem.clusters) > 1 else ""
    return printable(f"{problem.path}:{problem.line}: {about}{problem.message}; {problem.fix} ({problem.rule}){reach}")


def printable(text: str) -> str:
    """One line, whatever a file is named: control characters and what is not UTF-8 are escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def difference(path: str, old: str, new: str) -> str:
    """A change of a file as a unified diff; `old` is "" for a file that is new."""
    return "".join(difflib.unified_diff(old.splitlines(True), new.splitlines(True), path if old else "/dev/null", path))


def text(problems: Sequence[Problem]) -> str:
    return "\n".join(f"{line(p)}{'' if p.severity == 'error' else ' warning'}" for p in problems)


def github(problems: Sequence[Problem]) -> str:
    """Workflow commands (docs.github.com: workflow commands, setting an error message)."""

    def escape(value: str) -> str:
        return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    def option(value: str) -> str:
        return escape(value).replace(":", "%3A").replace(",", "%2C")

    return "\n".join(
        f"::{p.severity} file={option(p.path)},line={p.line},title={option(p.rule)}::{escape(line(p))}"
        for p in problems
    )


def as_json(problems: Sequence[Problem]) -> str:
    return json.dumps([fields(problem) for problem in problems], indent=2)


def fields(problem: Problem) -> dict[str, Any]:
    names = ("rule", "severity", "path", "line", "object", "message", "fix", "clusters", "pending")
    return {name: getattr(problem, name) for name in names}


def sarif(problems: Sequence[Problem]) -> str:
    """SARIF 2.1.0 (OASIS), with the manual page of every rule."""
    rules = [
        {
            "id": rule.id,
            "shortDescription": {"text": rule.title},
            "help": {"text": rule.manual},
            "defaultConfiguration": {"level": rule.severity},
        }
        for rule in all_rules()
    ]
    results = [
        {
            "ruleId": problem.rule,
            "level": "note" if problem.pending else problem.severity,
            "message": {"text": line(problem)},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": problem.path},
                        "region": {"startLine": problem.line},
                    }
                }
            ],
        }
        for problem in problems
    ]
    run = {"tool": {"driver": {"name": "gitops validate", "rules": rules}}, "results": results}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2)


def junit(problems: Sequence[Problem]) -> str:
    """One test case per rule; a rule with counting problems fails."""
    suite = ElementTree.Element("testsuite", name="gitops validate", tests=str(len(all_rules())))
    failed = 0
    for rule in all_rules():
        case = ElementTree.SubElement(suite, "testcase", classname="rules", name=rule.id)
        found = [problem for problem in problems if problem.rule == rule.id and not problem.pending]
        if found:
            failed += 1
            failure = ElementTree.SubElement(case, "failure", message=f"{len(found)} found", type=rule.severity)
            failure.text = "\n".join(line(problem) for problem in found)
    suite.set("failures", str(failed))
    return ElementTree.tostring(suite, encoding="unicode")


FORMATS: dict[str, Format] = {"text": text, "github": github, "json": as_json, "sarif": sarif, "junit": junit}


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Left-aligned columns, two spaces apart."""
    cells = [list(header), *(list(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells)
    return "\n".join(line.rstrip() for line in lines)


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines)


def catalogue(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    return [
        {
            "id": r.id,
            "severity": r.severity,
            "reads": r.reads,
            "controls": r.controls,
            "title": r.title,
            "manual": r.manual,
        }
        for r in rules
    ]


def rules_page(rules: Sequence[Rule]) -> str:
    """docs/rules.md: the catalogue as a table, then every manual page."""
    rows = [(f"[`{r.id}`](#{r.id})", r.severity, ", ".join(r.reads), r.title) for r in rules]
    head = "# Rules of `gitops validate`\n\nMade by `gitops rules --format markdown`; a test compares.\n\n"
    pages = "".join(f"\n## {r.id}\n\n{r.manual.strip()}\n" for r in rules)
    return f"{head}{markdown_table(('Rule', 'Severity', 'Reads', 'What it flags'), rows)}\n{pages}"
