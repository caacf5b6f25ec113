"""What a change does to every cluster: renders both sides, shows each difference once with the clusters it reaches.

example: gitops diff
         gitops diff --base HEAD~1 --output review.html
         gitops diff --head feature eks-production-us-east-1
         gitops diff --builds 'overlays/*' --base HEAD~1

The base is the commit where the default branch was left; the head is the working tree. Only clusters whose builds list
a changed file are rendered. A change that alters more than one environment passes when a subject of its commits (or
--title) begins with `fleet:`; deletions of what holds data or owns objects need the trailer `Deletes:
Kind/namespace/name`, fields that cannot be changed `Replaces: Kind/namespace/name`.
Exit 0: passes, 1: does not pass, 2: a side is not to be had.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from gitops import files, git, progress
from gitops.compare import Asked, compare
from gitops.errors import GitopsError
from gitops.layout import Repository
from gitops.review import data, markdown, page, text
from gitops.review.model import Review, review

FORMATS: dict[str, Callable[[Review], str]] = {
    "text": text.text,
    "markdown": markdown.markdown,
    "json": lambda made: json.dumps(data.data(made), indent=2),
    "html": page.page,
}
SUFFIXES = {".txt": "text", ".md": "markdown", ".json": "json", ".html": "html"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("clusters", nargs="*", metavar="CLUSTER", help="the clusters to look at (default: all)")
    parser.add_argument("--base", default="", metavar="REV", help="compare with this revision, as it is")
    parser.add_argument("--head", default="", metavar="REV", help="a revision instead of the working tree")
    parser.add_argument("--title", default="", metavar="TEXT", help="the title of the change, as of a pull request")
    parser.add_argument(
        "--builds", action="append", default=[], metavar="GLOB",
        help="kustomization folders of any repository, instead of clusters (repeatable)",
    )  # fmt: skip
    parser.add_argument("--format", choices=list(FORMATS), default="text")
    parser.add_argument(
        "--output", action="append", default=[], metavar="FILE",
        help=f"write it to this file too, in the format of its suffix: {', '.join(SUFFIXES)} (repeatable)",
    )  # fmt: skip


def find(options: argparse.Namespace) -> Repository:
    """With --builds any Git repository will do."""
    start = Path(options.repository)
    if not options.builds:
        return Repository.find(start)
    if not start.is_dir():
        raise GitopsError(f"{start}: no such folder; change to the checkout or pass --repository")
    return Repository(Path(git.run(start, "rev-parse", "--show-toplevel").removesuffix("\n")).resolve())


def run(repository: Repository, options: argparse.Namespace) -> int:
    if options.clusters and options.builds:
        raise GitopsError("CLUSTER and --builds exclude each other; name one of the two")
    for name in options.output:
        if Path(name).suffix not in SUFFIXES:
            raise GitopsError(f"--output {name}: no such format; end it in {', '.join(SUFFIXES)}")
    asked = Asked(options.base, options.head, tuple(options.clusters), tuple(options.builds))
    with progress.shown(options.quiet) as say:
        found = compare(repository, asked, say)
        say("comparing")
        made = review(replace(found, titles=(options.title, *found.titles)))
    for name in options.output:
        files.write(Path(name), FORMATS[SUFFIXES[Path(name).suffix]](made) + "\n")
    if options.format == "text":
        print(text.text(made, coloured=sys.stdout.isatty() and "NO_COLOR" not in os.environ))
    else:
        print(FORMATS[options.format](made))
    return 1 if made.faults else 0
