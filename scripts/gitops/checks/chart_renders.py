"""The Helm chart does not lint or render with the values of one of its examples.

Why: the examples are what its users copy, and what the chart is compared with the components by. Each is rendered with
the pinned Helm 4, and the chart linted strictly; what a template renders has to be YAML that every reader takes alike,
with no key twice. What Helm refuses, the schema of the values too, fails at each user's install.

Fails:

    replicas: {{ .Values.api.replicas }}      # and no such value

Passes:

    replicas: {{ .Values.api.replicaCount }}

Fix: correct the named template, or the value of the example.
Cannot see: values that no example has; the tests render every value, with Helm 3 too.
Source: https://helm.sh/docs/helm/helm_lint/
"""

import re
from collections.abc import Iterator

from gitops.fleet import Fleet
from gitops.manifests import Build
from gitops.nodes import Node
from gitops.problems import Problem
from gitops.source import SourceFile

ID = "chart-renders"
SEVERITY = "error"
CONTROLS = ("ST08",)
READS = ("source", "render")

_FILE = re.compile(r"(?<![\w/.-])(?:pybase/)?(templates/[\w./-]*\w|Chart\.yaml)(?::(\d+))?")
_UNKNOWN = re.compile(r"at '([^']*)': additional propert(?:y|ies) '([^']*)'")
_REFUSED = re.compile(r"at '([^']*)': (?!validation failed)()")


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.examples:
        if build.error:
            path, line, fix = _place(fleet, build)
            yield Problem(path, line, ID, "", build.error, fix, builds=(build.folder,))


def _place(fleet: Fleet, build: Build) -> tuple[str, int, str]:
    """(file, line, fix): the template that helm names, or the value of the example that the schema refuses."""
    folder = fleet.repository.chart_folder()
    if value := _UNKNOWN.search(build.error) or _REFUSED.search(build.error):
        line = _line(fleet.sources.get(build.folder, SourceFile("")), [*value[1].split("/")[1:], value[2]])
        return build.folder, line, f"write a value that {folder}/values.schema.json describes"
    if file := _FILE.search(build.error):
        return f"{folder}/{file[1]}", int(file[2] or 1), "correct it there"
    return build.folder, 1, "correct the values, or the chart"


def _line(file: SourceFile, path: list[str]) -> int:
    """The line of the deepest written key along the path."""
    node: Node | None = file.documents[0] if file.documents else None
    line = 1
    for key in path:
        if node is None or not isinstance(node.value, dict) or key not in node.value:
            break
        line, node = node.key_lines[key], node.get(key)
    return line
