"""What differs between two environments of a checkout, and since when: reads its files and its history."""

from collections.abc import Iterable

from gitops import drift, fleet, git, render, revisions, source
from gitops.drift import Files, Key, Sides
from gitops.errors import GitopsError
from gitops.layout import Repository
from gitops.manifests import Build

COMMITS = 200  # how far back it is looked for when something began to differ
Names = tuple[str, str]


def rows(repository: Repository, names: Names, builds: Iterable[Build] | None = None) -> list[dict[str, str]]:
    """{"kind", "name", the first environment, the second, "since"} of everything that differs; `builds` that are
    there already. Raises GitopsError for a build that does not build."""
    known = {build.folder: build for build in builds or ()}
    sides = [_builds(repository, name, known) for name in names]
    held = {build.cluster: fleet.facts_of(repository, build.cluster) for side in sides for build in side}
    found = _listed(repository, names) | {
        key: (values, "") for key, values in drift.settings(sides[0], sides[1], held).items()
    }
    return [
        {"kind": kind, "name": name, names[0]: was, names[1]: now, "since": when}
        for (kind, name), ((was, now), when) in found.items()
    ]


def _builds(repository: Repository, environment: str, known: dict[str, Build]) -> list[Build]:
    clusters = [cluster for cluster in repository.clusters if cluster.environment == environment]
    folders = [repository.build_folder(cluster.name, "workload") for cluster in clusters]
    builds = [known[folder] for folder in folders] if known else render.render(repository, folders)
    for build in builds:
        if build.error:
            raise GitopsError(f"{build.folder}: does not build: {build.error}; mend it first (gitops validate)")
    return builds


def _files(repository: Repository, environment: str) -> Files:
    clusters = (cluster.name for cluster in repository.clusters if cluster.environment == environment)
    lists = tuple(repository.workload_file(name) for name in clusters)
    return Files(repository.versions_file(environment), repository.environment_file(environment), lists)


def _listed(repository: Repository, names: Names) -> dict[Key, tuple[Sides, str]]:
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
