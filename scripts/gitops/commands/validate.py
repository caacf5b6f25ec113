"""Check sources and renders against the schemas and every rule.

example: gitops validate
         gitops validate eks-production-us-east-1 --format github
         gitops validate --changed-since origin/main

A finding names the file and line to edit. What only a live cluster must have (sealed secrets, its own domain,
digests) is counted but does not fail a planned cluster; `gitops status CLUSTER` lists it.
The examples of the Helm chart are rendered and checked too, unless clusters are named.
With --changed-since, only the clusters whose builds list a changed file are rendered; sources are read all.
Exit 0: nothing found, 1: problems.
"""

import argparse
import os
import sys

from gitops import fleet, git, output, progress, validation
from gitops.layout import Cluster, Repository
from gitops.problems import Problem
from gitops.rules import Rule, all_rules, rule


def arguments(parser: argparse.ArgumentParser) -> None:
    default = "github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text"
    parser.add_argument("clusters", nargs="*", metavar="CLUSTER", help="the clusters to look at (default: all)")
    parser.add_argument("--format", choices=list(output.FORMATS), default=default)
    parser.add_argument("--fail-on", choices=("error", "warning"), default="warning", help="what makes the exit code 1")
    parser.add_argument("--changed-since", metavar="REV", help="only the clusters that a change since REV can reach")
    parser.add_argument("--rule", action="append", default=[], metavar="RULE", help="only this rule (repeatable)")


def run(repository: Repository, options: argparse.Namespace) -> int:
    chosen = [rule(name) for name in options.rule] or None
    with progress.shown(options.quiet) as say:
        clusters, examples = _scope(repository, options)
        seen = fleet.load(repository, clusters, examples=examples, say=say)
        say("applying the rules")
        problems = validation.validate(seen, chosen)
    counting = [problem for problem in problems if validation.counts(problem, options.fail_on)]
    shown = (
        [problem for problem in problems if not problem.pending] if options.format in ("text", "github") else problems
    )
    if shown or options.format not in ("text", "github"):
        print(output.FORMATS[options.format](shown))
    if options.format == "text" and not options.quiet:
        print(_summary(seen, chosen or list(all_rules()), problems), file=sys.stdout)
    return 1 if counting else 0


def _scope(repository: Repository, options: argparse.Namespace) -> tuple[list[Cluster], bool]:
    """The clusters to look at, and whether to look at the chart too."""
    chosen = repository.choose(options.clusters)
    if not options.changed_since:
        return chosen, not options.clusters
    changed = git.changed(repository.root, options.changed_since)
    return fleet.reached(repository, chosen, changed), fleet.reaches_chart(repository, changed)


def _summary(seen: fleet.Fleet, chosen: list[Rule], problems: list[Problem]) -> str:
    pending = sum(problem.pending for problem in problems)
    found = len(problems) - pending
    builds = [*seen.builds, *seen.examples]
    objects = sum(len(build.objects) for build in builds)
    later = f"; {pending} to do before planned clusters go live (gitops status)" if pending else ""
    what = "no problems" if not found else f"{found} problem{'s' if found > 1 else ''}"
    return f"{what}: {len(builds)} builds, {objects} objects, {len(seen.files)} files, {len(chosen)} rules{later}"
