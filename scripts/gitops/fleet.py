"""Everything rules look at: the files as written, the builds, and what the schema validator said."""

import datetime
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from gitops import chart, composition, facts, git, kubeconform, kustomizations, locate, render, source
from gitops.errors import GitopsError
from gitops.layout import MANIFEST_FOLDERS, PARTS, POLICIES, Cluster, Repository
from gitops.manifests import Build, Manifest, mapping
from gitops.nodes import Key, Node
from gitops.problems import Problem
from gitops.progress import Say, silent
from gitops.source import SourceFile

_TEXTS = (".yaml", ".yml", ".env", ".csv", ".pem", ".conf", ".py", ".sql")  # what rules read as text


@dataclass
class Fleet:
    """One revision of the repository. `files` are all files below the manifest folders; `sources` the YAML ones and
    the `.env` ones (text only). `builds` are those of the chosen clusters, `examples` the chart's. `today` is the date
    of the run."""

    repository: Repository
    clusters: list[Cluster]
    files: list[str]
    sources: dict[str, SourceFile]
    builds: list[Build]
    schema_failures: list[kubeconform.Failure] = field(default_factory=list)
    examples: list[Build] = field(default_factory=list)
    today: datetime.date = field(default_factory=datetime.date.today)

    @cached_property
    def _clusters(self) -> dict[str, Cluster]:
        return {cluster.name: cluster for cluster in self.clusters}

    @cached_property
    def _by_folder(self) -> dict[str, Build]:
        return {build.folder: build for build in self.builds}

    @cached_property
    def _by_cluster(self) -> dict[str, list[Build]]:
        found: dict[str, list[Build]] = {}
        for build in self.builds:
            found.setdefault(build.cluster, []).append(build)
        return found

    @cached_property
    def _tables(self) -> dict[str, dict[str, Any]]:
        return {}

    @cached_property
    def unlisted(self) -> dict[str, SourceFile]:
        """The files that no kustomization lists."""
        return kustomizations.unlisted(self.sources)

    def cluster(self, build: Build) -> Cluster | None:
        """The cluster a build belongs to."""
        return self._clusters.get(build.cluster)

    def build(self, folder: str) -> Build | None:
        """The build of a folder."""
        return self._by_folder.get(folder)

    def of_cluster(self, name: str) -> list[Build]:
        """The builds of a cluster."""
        return self._by_cluster.get(name, [])

    def environment(self, build: Build) -> str:
        cluster = self.cluster(build)
        return cluster.environment if cluster else ""

    def planned(self, build: Build) -> bool:
        """Is the build's cluster not live yet?"""
        cluster = self.cluster(build)
        return cluster is not None and not cluster.live

    def workloads(self) -> Iterator[Build]:
        """The builds that hold the application."""
        return (build for build in self.builds if build.part != "apps")

    def policy(self, name: str) -> Node | None:
        """The content of policies/<name>, None when it is not there."""
        documents = self.sources.get(self.repository.policy_file(name), SourceFile(name)).documents
        return documents[0] if documents else None

    def table(self, name: str) -> dict[str, Any]:
        """The same without lines, {} when it is not there."""
        if name not in self._tables:
            policy = self.policy(name)
            self._tables[name] = mapping(policy.plain() if policy else None)
        return self._tables[name]

    def at(self, rule: str, manifest: Manifest, path: Iterable[Key], message: str, fix: str) -> Problem:
        """A problem of a field of an object, located in the source that sets it; `build` is where it was seen."""
        file, line = locate.locate(self.sources, manifest, *path)
        return Problem(file, line, rule, manifest.written, message, fix, builds=(manifest.build,))


def load(
    repository: Repository, clusters: list[Cluster], *, schemas: bool = True, examples: bool = False, say: Say = silent
) -> Fleet:
    """Read the tree, render both builds of `clusters` and validate the objects against the schemas; the chart's
    examples too if they are asked for."""
    say("reading the tree")
    files = list(every_file(repository))
    sources = read(repository, files)
    say(f"rendering {len(clusters) * len(PARTS)} builds")
    folders = [repository.build_folder(cluster.name, part) for cluster in clusters for part in PARTS]
    built = [composition.traced(sources, build) for build in builds(repository, folders, sources)]
    rendered: list[Build] = []
    if examples and repository.examples:
        say("rendering the examples of the chart")
        rendered = chart.builds(repository)
        sources |= read(repository, repository.examples)
    both = [*built, *rendered]
    say(f"validating {sum(len(build.objects) for build in both)} objects against the schemas")
    failures = kubeconform.validate(repository, both) if schemas else []
    return Fleet(repository, clusters, files, sources, built, failures, rendered)


def read(repository: Repository, files: Iterable[str] | None = None) -> dict[str, SourceFile]:
    """The YAML files among `files` (all of the manifest folders by default), and the other texts that rules look at."""
    found = every_file(repository) if files is None else files
    texts = {path: _read(repository, path) for path in found if path.endswith(_TEXTS) or _leaves(repository, path)}
    if not any(_carriage(file) for file in texts.values()):
        return texts
    kept = git.kept_with_lf(repository.root)
    return {path: _with_lf(file) if path in kept else file for path, file in texts.items()}


def _carriage(file: SourceFile) -> bool:
    return any(fault.message == source.CARRIAGE for fault in file.faults)


def _with_lf(file: SourceFile) -> SourceFile:
    """A file whose line ends are this machine's, and no fault of what is committed."""
    return replace(file, faults=[fault for fault in file.faults if fault.message != source.CARRIAGE])


def facts_of(repository: Repository, cluster: str) -> dict[str, str]:
    """The facts of a cluster, as its file has them now."""
    path = repository.facts_file(cluster)
    return facts.read(source.read(repository.root / path, path, repository.root))


def reached(repository: Repository, clusters: list[Cluster], changed: set[str]) -> list[Cluster]:
    """Those of the clusters whose builds can read one of the files; all of them for what judges every build."""
    if any(_judges(path) for path in changed):
        return clusters
    sources = read(repository)
    return [cluster for cluster in clusters if changed & _reach(repository, sources, cluster) or _own(cluster, changed)]


def reaches_chart(repository: Repository, changed: set[str]) -> bool:
    """Can what the chart's examples render differ by a change of these files?"""
    return any(_judges(path) or path.startswith(f"{repository.chart_folder()}/") for path in changed)


def _judges(path: str) -> bool:
    return path.startswith((f"{POLICIES}/", "schemas/", "scripts/", "tools/", "requirements"))


def _own(cluster: Cluster, changed: set[str]) -> bool:
    return any(path.startswith(f"clusters/{cluster.name}/") for path in changed)


def _reach(repository: Repository, sources: dict[str, SourceFile], cluster: Cluster) -> set[str]:
    folders = (repository.build_folder(cluster.name, part) for part in PARTS)
    return {path for folder in folders for path in kustomizations.reach(sources, folder)}


def builds(
    repository: Repository, folders: list[str], sources: dict[str, SourceFile], known: render.Known | None = None
) -> list[Build]:
    """The builds of these folders of clusters, in order. One that lists an unreadable file is not given to the
    renderer: a document that refers to itself would be the end of it, and of the other builds."""
    unreadable = {path for path, file in sources.items() if not file.readable}
    reach = {folder: kustomizations.reach(sources, folder) if unreadable else set() for folder in folders}
    rendered = render.render(repository, [folder for folder in folders if not reach[folder] & unreadable], known)
    found = {build.folder: build for build in rendered}
    for folder in folders:
        if refused := reach[folder] & unreadable:
            _, cluster, part = folder.split("/")
            error = f"{min(refused)} cannot be read"
            found[folder] = Build(folder, cluster, part, reads=frozenset(reach[folder]), error=error)
    return [found[folder] for folder in folders]


def _leaves(repository: Repository, path: str) -> bool:
    """Is it a link out of the repository? Reading it is then its fault, whatever it is named."""
    file = repository.root / path
    return file.is_symlink() and not file.resolve().is_relative_to(repository.root)


def every_file(repository: Repository) -> Iterator[str]:
    """Every file below the manifest folders and policies/, links to folders are not followed."""
    for top in (*MANIFEST_FOLDERS, POLICIES):
        for folder, names, found in os.walk(repository.root / top, onerror=_unreadable):
            names.sort()
            here = os.path.relpath(folder, repository.root)
            yield from (f"{here}/{name}" for name in sorted(found))
            yield from (f"{here}/{name}" for name in names if Path(folder, name).is_symlink())


def _unreadable(error: OSError) -> None:
    """A folder that may not be entered; one that is not there is a rule's business."""
    if not isinstance(error, FileNotFoundError):
        raise GitopsError(f"{error.filename}: cannot be read: {error.strerror}; restore its permissions") from error


def _read(repository: Repository, path: str) -> SourceFile:
    if path.endswith((".yaml", ".yml")):
        return source.read(repository.root / path, path, repository.root)
    return source.read_text(repository.root / path, path, repository.root)
