"""Print the manual page of a rule.

example: gitops explain image-pinned
"""

import argparse

from gitops.layout import Repository
from gitops.rules import rule


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rule", metavar="RULE", help="its id, as in `gitops rules`")


def run(repository: Repository, options: argparse.Namespace) -> int:
    found = rule(options.rule)
    controls = ", ".join(found.controls) or "none"
    print(f"{found.id} ({found.severity}; reads {', '.join(found.reads)}; controls: {controls})\n")
    print(found.manual.strip())
    return 0
