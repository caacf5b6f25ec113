"""Is what a cluster's folder renders really there and well? Reads only.

example: gitops smoke eks-production-us-east-1 --context prod-us-east-1
         gitops smoke eks-production-us-east-1 --wait --timeout 10m --format junit
         gitops smoke bare-metal-development-local --local default

Compares the cluster with the render, one query per kind: secrets, workloads, stores, Jobs, pods, Services, claims,
requests and limits, autoscalers, NetworkPolicies, budgets; then health and connections from inside the pods, with
programs that the images have, and the address that people open. Where pods are simulated (`gitops local`) what only a
running pod can answer is skipped.
Exit 0: nothing failed, 1: something did, 2: the cluster cannot be asked.
"""

import argparse

from gitops import installed, progress, target
from gitops.layout import Repository
from gitops.smoke import report
from gitops.smoke import run as smoke
from gitops.smoke.model import FAILED

SECONDS = 300


def arguments(parser: argparse.ArgumentParser) -> None:
    target.arguments(parser)
    parser.add_argument("--wait", action="store_true", help="try again until nothing fails or the time is out")
    parser.add_argument("--timeout", type=target.duration, default=SECONDS, metavar="TIME", help="of --wait (5m)")
    parser.add_argument("--format", choices=list(report.FORMATS), default="text")


def run(repository: Repository, options: argparse.Namespace) -> int:
    with progress.shown(options.quiet) as say:
        say("rendering")
        workload = target.builds(repository, options.cluster)["workload"]
        say("reading the cluster")
        cluster = target.reached(options)
        installed.refuse_another(cluster, workload.cluster)
        results = smoke.until_passed(workload, cluster, options.timeout if options.wait else 0, say)
    failed = [result for result in results if result.outcome == FAILED]
    if options.format == "text" and options.quiet:
        print("\n".join(report.lines(failed)), end="\n" if failed else "")
        return 1 if failed else 0
    print(report.FORMATS[options.format](f"smoke {options.cluster}", results))
    if options.format == "text":
        print(f"next: {'the hints above; --wait for what is still starting' if failed else 'nothing to do'}")
    return 1 if failed else 0
