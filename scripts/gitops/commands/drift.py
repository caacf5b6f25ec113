"""What differs between two environments: versions, features and settings, and since which commit.

example: gitops drift staging production
         gitops drift development production --format json

Versions and features are those that the files of the working tree list; settings are read from the rendered objects,
where all clusters of an environment agree. Exit 0, whatever differs: environments may.
"""

import argparse
import json
from collections.abc import Iterator

from gitops import drifted, output, progress, versions_update
from gitops.drift import FEATURES, SETTINGS, VERSIONS
from gitops.errors import GitopsError
from gitops.layout import Repository
from gitops.review.lines import plural, visible

WIDTH = 48  # characters of a value in the table
ONE = {VERSIONS: "image", FEATURES: "component", SETTINGS: "setting"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("first", metavar="FROM", help="an environment")
    parser.add_argument("second", metavar="TO", help="another environment")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(repository: Repository, options: argparse.Namespace) -> int:
    names = [versions_update.environment(repository, name) for name in (options.first, options.second)]
    if names[0] == names[1]:
        raise GitopsError(f"{names[0]}: FROM and TO are the same environment; name two")
    with progress.shown(options.quiet) as say:
        say("rendering")
        rows = drifted.rows(repository, (names[0], names[1]))
    print(json.dumps(rows, indent=2) if options.format == "json" else "\n".join(_text(names, rows)))
    return 0


def _text(names: list[str], rows: list[dict[str, str]]) -> Iterator[str]:
    counts = {kind: [row for row in rows if row["kind"] == kind] for kind in ONE}
    differ = ", ".join(plural(len(held), ONE[kind]) for kind, held in counts.items() if held)
    yield f"{names[0]} and {names[1]} {f'differ in {differ}' if differ else 'are alike'}"
    for kind, held in counts.items():
        if held:
            head = (ONE[kind].upper(), *(name.upper() for name in names), *(("SINCE",) if kind != SETTINGS else ()))
            values = [(r["name"], *(_short(r[n]) for n in names), *((r["since"],) * (kind != SETTINGS))) for r in held]
            yield ""
            yield from (visible(line) for line in output.table(head, values).split("\n"))


def _short(value: str) -> str:
    line = value.replace("\n", " ")
    return f"{line[: WIDTH - 3]}..." if len(line) > WIDTH else line or "-"
