"""List the rules of `gitops validate`.

example: gitops rules
         gitops rules --format markdown > docs/rules.md
"""

import argparse
import json

from gitops import output
from gitops.layout import Repository
from gitops.rules import all_rules


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text")


def run(repository: Repository, options: argparse.Namespace) -> int:
    if options.format == "json":
        print(json.dumps(output.catalogue(all_rules()), indent=2))
    elif options.format == "markdown":
        print(output.rules_page(all_rules()), end="")
    else:
        rows = [(r.id, r.severity, ",".join(r.reads), r.title) for r in all_rules()]
        print(output.table(("RULE", "SEVERITY", "READS", "WHAT IT FLAGS"), rows))
    return 0
