"""The fleet as one page: clusters, what is missing before live, findings, versions, drift, connections as a picture.

example: gitops report --output fleet.html
         gitops report --format json

Clusters are grouped by environment, in the order of promotion. The picture is drawn from the rendered network policies;
clusters with the same connections share one. The page needs nothing else: no server, no network.
A cluster that does not build is on the page, as such. Exit 0 when it is written, whatever it says; gitops validate
judges. Exit 2: nothing was written.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gitops import drifted, files, fleet, git, progress, validation
from gitops.errors import GitopsError
from gitops.layout import Repository
from gitops.report import data, graph, page
from gitops.review.lines import plural


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("html", "json"), default="html", help="on standard output (default: html)")
    parser.add_argument("--output", default="", metavar="FILE", help="write the page there instead; ends in .html")


def run(repository: Repository, options: argparse.Namespace) -> int:
    if options.output and Path(options.output).suffix != ".html":
        raise GitopsError(f"--output {options.output}: the page is HTML; end it in .html")
    if options.output and options.format == "json":
        raise GitopsError("--output writes the page; leave one of --output and --format json out")
    with progress.shown(options.quiet) as say:
        seen = fleet.load(repository, repository.clusters, say=say)
        say("applying the rules")
        problems = validation.validate(seen)
        say("comparing environments")
        pairs = data.neighbours(repository.environments)
        drift = [{"from": pair[0], "to": pair[1], **_drift(seen, pair)} for pair in pairs]
        say("drawing")
        graphs = graph.graphs(seen)
        found = data.data(seen, problems, graphs, drift, _about(repository), _notes(seen))
        text = json.dumps(found, indent=2) if options.format == "json" else page.page(found, graphs).rstrip("\n")
    if not options.output:
        print(text)
        return 0
    files.write(Path(options.output), f"{text}\n")
    print(options.output)
    return 0


def _about(repository: Repository) -> dict[str, str]:
    """The commit; all "" where there is none."""
    try:
        commit, date, subject = git.run(repository.root, "log", "-1", "--format=%h%n%cs%n%s").split("\n")[:3]
        number = len(git.changed(repository.root, "HEAD"))
    except GitopsError:
        return dict.fromkeys(("commit", "date", "subject", "changes"), "")
    changes = f"and {plural(number, 'file')} not committed" if number else ""
    return {"commit": commit, "date": date, "subject": subject, "changes": changes}


def _drift(seen: fleet.Fleet, pair: tuple[str, str]) -> dict[str, Any]:
    try:
        return {"rows": drifted.rows(seen.repository, pair, seen.builds), "error": ""}
    except GitopsError as error:
        return {"rows": [], "error": str(error)}


def _notes(seen: fleet.Fleet) -> Iterator[str]:
    """What is lacking, and why."""
    for build in seen.builds:
        if build.error:
            yield f"{build.folder} does not build, its objects are left out: {build.error}"
    for path, file in seen.sources.items():
        if not file.readable:
            yield f"{path} cannot be read"
