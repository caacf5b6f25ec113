"""List the rules of `gitops validate`.

example: gitops rules
         gitops rules --format markdown > docs/rules.md
"""

import argparse
import json
from collections.abc import Iterator
from datetime import date

from gitops import fleet, output, waivers
from gitops.layout import Repository
from gitops.rules import all_rules


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text")
    parser.add_argument("--waivers", action="store_true", help="the waivers of the tree, with the days that are left")


def run(repository: Repository, options: argparse.Namespace) -> int:
    if options.waivers:
        print(output.table(("FILE", "LINE", "RULE", "DAYS LEFT", "REASON"), _waivers(repository)))
    elif options.format == "json":
        print(json.dumps(output.catalogue(all_rules()), indent=2))
    elif options.format == "markdown":
        print(output.rules_page(all_rules()), end="")
    else:
        rows = [(r.id, r.severity, ",".join(r.reads), r.title) for r in all_rules()]
        print(output.table(("RULE", "SEVERITY", "READS", "WHAT IT FLAGS"), rows))
    return 0


def _waivers(repository: Repository) -> Iterator[tuple[str, str, str, str, str]]:
    for waiver in waivers.read(fleet.read(repository)):
        if not waiver.fault:
            days = (waiver.until - date.today()).days
            yield waiver.path, str(waiver.line), waiver.rule, str(days), waiver.reason
