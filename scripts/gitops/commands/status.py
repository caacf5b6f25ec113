"""What each cluster still needs before it can go live, and its open findings.

example: gitops status
         gitops status eks-production-us-east-1

A cluster is live from the commit of facts/sealed-secrets.pem, the public certificate of its own sealed-secrets
controller. Until then stubs, the example domain and images without a digest are a to-do list; then each is an error.
Exit 1 when there are findings that count.
"""

import argparse
import json

from gitops import checklist, fleet, output, progress, validation
from gitops.layout import Repository


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("clusters", nargs="*", metavar="CLUSTER", help="the clusters to look at (default: all)")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(repository: Repository, options: argparse.Namespace) -> int:
    clusters = repository.choose(options.clusters)
    with progress.shown(options.quiet) as say:
        seen = fleet.load(repository, clusters, say=say)
        problems = validation.validate(seen)
    states = list(checklist.states(seen, clusters, problems))
    if options.format == "json":
        print(json.dumps(states, indent=2))
    elif options.clusters:
        print("\n\n".join(checklist.text(state) for state in states))
    else:
        rows = [(s["cluster"], s["state"], str(len(s["missing"])), str(len(s["findings"]))) for s in states]
        print(output.table(("CLUSTER", "STATE", "TO DO", "FINDINGS"), rows))
    return 1 if any(state["findings"] for state in states) else 0
