"""What each cluster still needs before it can go live, and its open findings.

example: gitops status
         gitops status eks-production-us-east-1

A cluster is live from the commit of facts/sealed-secrets.pem, the public certificate of its own sealed-secrets
controller. Until then stubs, the example domain and images without a digest are a to-do list; then each is an error.
Exit 1 when there are findings that count.
"""

import argparse
import json
from typing import Any

from gitops import fleet, kustomizations, output, progress, validation
from gitops.layout import PARTS, Cluster, Repository
from gitops.problems import Problem


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("clusters", nargs="*", metavar="CLUSTER", help="the clusters to look at (default: all)")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(repository: Repository, options: argparse.Namespace) -> int:
    clusters = repository.choose(options.clusters)
    with progress.shown(options.quiet) as say:
        seen = fleet.load(repository, clusters, say=say)
        problems = validation.validate(seen)
    states = [_status(seen, cluster, problems) for cluster in clusters]
    if options.format == "json":
        print(json.dumps(states, indent=2))
    elif options.clusters:
        print("\n\n".join(_checklist(state) for state in states))
    else:
        rows = [(s["cluster"], s["state"], str(len(s["missing"])), str(len(s["findings"]))) for s in states]
        print(output.table(("CLUSTER", "STATE", "TO DO", "FINDINGS"), rows))
    return 1 if any(state["findings"] for state in states) else 0


def _status(seen: fleet.Fleet, cluster: Cluster, problems: list[Problem]) -> dict[str, Any]:
    elsewhere = _reach(seen, {c.name for c in seen.repository.clusters} - {cluster.name}) - _reach(seen, {cluster.name})
    reaching = [p for p in problems if cluster.name in p.clusters or not (p.builds or p.path in elsewhere)]
    missing = [output.line(problem) for problem in reaching if problem.pending]
    if not cluster.live:
        path = seen.repository.certificate_file(cluster.name)
        missing.append(f"{path}: commit the certificate of the cluster's sealed-secrets controller; then it is live")
    findings = [output.line(problem) for problem in reaching if not problem.pending]
    return {"cluster": cluster.name, "state": cluster.state, "missing": missing, "findings": findings}


def _reach(seen: fleet.Fleet, clusters: set[str]) -> set[str]:
    """Every file that a build of these clusters lists."""
    folders = (seen.repository.build_folder(cluster, part) for cluster in clusters for part in PARTS)
    return {path for folder in folders for path in kustomizations.reach(seen.sources, folder)}


def _checklist(state: dict[str, Any]) -> str:
    lines = [f"{state['cluster']}: {state['state']}"]
    lines += [f"  [ ] {line}" for line in state["missing"]]
    lines += [f"  [!] {line}" for line in state["findings"]]
    return "\n".join(lines if len(lines) > 1 else [*lines, "  nothing to do"])
