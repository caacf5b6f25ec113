"""Renew what is derived from the schema of the chart's values.

example: gitops values

Writes the tables of charts/pybase/README.md, between their two marks, from values.schema.json and values.yaml; and in
values.schema.json the names that Helm shows for a misspelt value (`propertyNames` of every object).
"""

import argparse
import json

from gitops import chart, chart_values, files
from gitops.layout import Repository


def arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(repository: Repository, options: argparse.Namespace) -> int:
    folder = repository.root / repository.chart_folder()
    schema = chart_values.named(chart.schema(repository))
    readme = chart.text(repository, "README.md")
    texts = {
        "values.schema.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n",
        "README.md": chart_values.renewed(readme, schema, chart.defaults(repository)),
    }
    for name, text in texts.items():
        if text != chart.text(repository, name):
            files.write(folder / name, text)
            if not options.quiet:
                print(f"{repository.chart_folder()}/{name}: renewed")
    return 0
