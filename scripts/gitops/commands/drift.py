"""What differs between two environments: versions, features and settings, and since which commit.

example: gitops drift staging production
         gitops drift development production --format json

Versions and features are those that the files of the working tree list; settings are read from the rendered objects,
where all clusters of an environment agree. Exit 0, whatever differs: environments may.
"""

import argparse
import json
from collections.abc import Iterator

from gitops import drift, facts, git, output, progress, render, revisions, source, versions_update
from gitops.drift import FEATURES, SETTINGS, VERSIONS, Files, Key, Sides
from gitops.errors import GitopsError
from gitops.layout import Repository
from gitops.manifests import Build
from gitops.review.lines import plural, visible

COMMITS = 200  # how far back it is looked for when something began to differ
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
        sides = [_builds(repository, name) for name in names]
        known = {build.cluster: _facts(repository, build.cluster) for side in sides for build in side}
        found = _listed(repository, names) | {
            key: (values, "") for key, values in drift.settings(sides[0], sides[1], known).items()
        }
    rows = [
        {"kind": kind, "name": name, names[0]: was, names[1]: now, "since": when}
        for (kind, name), ((was, now), when) in found.items()
    ]
    print(json.dumps(rows, indent=2) if options.format == "json" else "\n".join(_text(names, rows)))
    return 0


def _builds(repository: Repository, environment: str) -> list[Build]:
    clusters = [cluster for cluster in repository.clusters if cluster.environment == environment]
    builds = render.render(repository, [repository.build_folder(cluster.name, "workload") for cluster in clusters])
    for build in builds:
        if build.error:
            raise GitopsError(f"{build.folder}: does not build: {build.error}; mend it first (gitops validate)")
    return builds


def _facts(repository: Repository, cluster: str) -> dict[str, str]:
    path = repository.facts_file(cluster)
    return facts.read(source.read(repository.root / path, path, repository.root))


def _files(repository: Repository, environment: str) -> Files:
    clusters = (cluster.name for cluster in repository.clusters if cluster.environment == environment)
    lists = tuple(repository.workload_file(name) for name in clusters)
    return Files(repository.versions_file(environment), repository.environment_file(environment), lists)


def _listed(repository: Repository, names: list[str]) -> dict[Key, tuple[Sides, str]]:
    """What the files list otherwise, each with the commit and its date, or "not committed"."""
    first, second = (_files(repository, name) for name in names)
    paths = (*first.every, *second.every)
    here = {path: source.read_text(repository.root / path, path, repository.root).text for path in paths}
    now = drift.listed({path: text for path, text in here.items() if text}, first, second)
    texts = revisions.history(repository.root, git.commit(repository.root, "HEAD"), paths, COMMITS)
    history = [(commit, drift.listed(held, first, second)) for commit, held in texts]
    commits = {key: drift.since(key, history) for key in now}
    said = {commit: _said(repository, commit) for commit in set(commits.values())}
    return {key: (values, said[commits[key]]) for key, values in now.items()}


def _said(repository: Repository, commit: str) -> str:
    if not commit:
        return "not committed"
    return git.run(repository.root, "log", "-1", "--format=%h %as %s", commit).strip()


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
