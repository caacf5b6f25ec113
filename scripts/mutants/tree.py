"""A copy of the tree with its fleet in memory: one change at a time, and only what it can reach is rendered again."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from gitops import chart, composition, fleet, kubeconform, kustomizations, rules, validation
from gitops.errors import GitopsError
from gitops.fleet import Fleet
from gitops.layout import MANIFEST_FOLDERS, POLICIES, Repository
from gitops.manifests import Build
from gitops.problems import Problem
from gitops.source import SourceFile
from mutants.faults import Change, Site

COPIED = (*MANIFEST_FOLDERS, POLICIES, "charts", "schemas")
FEW = {  # all providers, environments and edges, every store in both forms that any cluster has
    "aks-production-westeurope",
    "bare-metal-development-local",
    "bare-metal-production-fra1",
    "eks-production-us-east-1",
    "eks-staging-us-east-1",
    "gke-staging-us-central1",
}


class Tree:
    """`texts`: every file of the copy that a fault may edit; `fleet`: what the validator sees of the copy."""

    def __init__(self, source: Path, folder: Path, few: bool = False) -> None:
        """Copy `source` to `folder`; with `few`, one cluster or two of each provider only."""
        for name in COPIED:
            shutil.copytree(source / name, folder / name, symlinks=True)
        for left_out in {path.name for path in (folder / "clusters").iterdir()} - FEW if few else ():
            shutil.rmtree(folder / "clusters" / left_out)
        self.repository = Repository(folder.resolve())
        self.fleet = fleet.load(self.repository, self.repository.clusters, examples=True)
        for problem in validation.validate(self.fleet):
            if not problem.pending:
                raise GitopsError(f"{problem.path}: the tree is not clean ({problem.rule}); see ./gitops validate")
        self.bytes = _content(folder)
        self.texts = {path: body.decode() for path, body in self.bytes.items() if not path.startswith("schemas/")}
        self.known = {json.dumps(m.data): m.data for build in self.fleet.builds for m in build.objects}
        self.seen = {id(m.data) for build in self._all(self.fleet) for m in build.objects}

    def problems(self, change: Change) -> tuple[list[Problem], bool]:
        """What counts of what the validator finds with the change made, and whether it alters what is rendered."""
        with self.changed(change):
            seen = self._load(set(change))
            found = [problem for problem in validation.validate(seen) if not problem.pending]
        new = any(id(m.data) not in self.seen for build in self._all(seen) for m in build.objects)
        return found, new or _shape(seen) != _shape(self.fleet)

    def reaches(self, site: Site) -> bool:
        """Can the rule see it? A file that no build reads is not rendered."""
        manifest = site.path.startswith(tuple(f"{folder}/" for folder in MANIFEST_FOLDERS))
        reads = {"source"} if not site.fault.rule else {*rules.rule(site.fault.rule).reads}
        known = site.path not in self.bytes or reads <= {"source", "data"}
        return known or not manifest or any(site.path in build.reads for build in self.fleet.builds)

    @contextmanager
    def changed(self, change: Change) -> Iterator[None]:
        """The change in the files of the copy; afterwards they are what they were."""
        try:
            for path, text in change.items():
                file = self.repository.root / path
                if text is None:
                    file.unlink()
                else:
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(text.encode("utf-8", "surrogateescape"))
            yield
        finally:
            for path in change:
                self._restore(path)

    def same(self) -> bool:
        """Is the copy what it was at first, byte for byte?"""
        return _content(self.repository.root) == self.bytes

    def close(self) -> None:
        shutil.rmtree(self.repository.root)

    def _restore(self, path: str) -> None:
        file = self.repository.root / path
        if path in self.bytes:
            file.write_bytes(self.bytes[path])
            return
        file.unlink(missing_ok=True)
        while not any(file.parent.iterdir()):
            file = file.parent
            file.rmdir()

    def _load(self, touched: set[str]) -> Fleet:
        repository = Repository(self.repository.root)
        files = list(fleet.every_file(repository))
        held = set(files)
        sources = {path: file for path, file in self.fleet.sources.items() if path not in touched or path in held}
        sources |= fleet.read(repository, [path for path in touched if path in held])
        if touched & set(repository.examples):
            sources |= fleet.read(repository, repository.examples)
        folders = [build.folder for build in self.fleet.builds if touched & self._reach(build, sources)]
        again = {build.folder: build for build in fleet.builds(repository, folders, sources, dict(self.known))}
        builds = [
            composition.traced(sources, again[build.folder]) if build.folder in again else build
            for build in self.fleet.builds
        ]
        examples = chart.builds(repository) if fleet.reaches_chart(repository, touched) else self.fleet.examples
        new = [replace(b, objects=[m for m in b.objects if id(m.data) not in self.seen]) for b in (*builds, *examples)]
        failures = kubeconform.validate(repository, new)
        return Fleet(repository, repository.clusters, files, sources, builds, failures, examples)

    def _reach(self, build: Build, sources: dict[str, SourceFile]) -> set[str]:
        before = kustomizations.reach(self.fleet.sources, build.folder)
        return before | kustomizations.reach(sources, build.folder) | build.reads

    @staticmethod
    def _all(seen: Fleet) -> list[Build]:
        return [*seen.builds, *seen.examples]


def _shape(seen: Fleet) -> list[tuple[str, int, bool]]:
    return [(build.folder, len(build.objects), bool(build.error)) for build in (*seen.builds, *seen.examples)]


def _content(folder: Path) -> dict[str, bytes]:
    files = sorted(path for name in COPIED for path in (folder / name).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
