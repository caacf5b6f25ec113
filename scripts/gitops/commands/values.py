"""Renew what is derived from the schema of the chart's values.

example: gitops values

Writes the tables of charts/pybase/README.md, between their two marks, from values.schema.json and values.yaml; and in
values.schema.json the names that Helm shows for a misspelt value (`propertyNames` of
every closed object).
"""

import argparse

from gitops import chart, chart_values, files
from gitops.layout import Repository


def arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(repository: Repository, options: argparse.Namespace) -> int:
    schema = chart.schema(repository)
    texts = {
        "values.schema.json": chart_values.named(chart.text(repository, "values.schema.json")),
        "README.md": chart_values.renewed(chart.text(repository, "README.md"), schema, chart.defaults(repository)),
    }
    for name, text in texts.items():
        path = f"{repository.chart_folder()}/{name}"
        if text != chart.text(repository, name):
            files.write(repository.root / path, text)
            if not options.quiet:
                print(f"{path}: renewed")
    return 0
