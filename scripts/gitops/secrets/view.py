"""A cluster's Secrets as its render wants them and as they are sealed."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gitops import files, fleet, recipes, sealing, settings, source
from gitops.environment import secret_uses
from gitops.errors import GitopsError
from gitops.layout import MANIFEST_FOLDERS, Cluster, Repository, nearest
from gitops.manifests import Build
from gitops.recipes import Recipe, Table

# Lets the workload build before anything is sealed: one object that is never applied.
EMPTY = """kind: {kind}
configMapGenerator:
  - name: no-{kind}
    options: {{annotations: {{config.kubernetes.io/local-config: "true"}}}}
"""


@dataclass(frozen=True)
class View:
    """`build` is the cluster's workload, `known` PyBase's settings by name."""

    repository: Repository
    cluster: Cluster
    build: Build
    table: Table
    known: dict[str, settings.Setting]

    @cached_property
    def sealed(self) -> dict[sealing.Name, sealing.Sealed]:
        return sealing.sealed(self.build)

    @cached_property
    def recipes(self) -> dict[str, Recipe]:
        """secret/key -> its recipe: what pods need, what they can use, and what is there."""
        found = [(*name, key) for name, keys in sealing.needed(self.build, self.table).items() for key in keys]
        found += [(*name, key) for name, secret in self.sealed.items() for key in secret.data]
        found += [
            (use.manifest.namespace, use.name, use.key) for use in secret_uses(self.build) if use.optional and use.key
        ]
        made = (recipes.recipe(self.build, self.table, *name) for name in dict.fromkeys(found))
        return {recipe.name: recipe for recipe in made}

    @cached_property
    def missing(self) -> list[Recipe]:
        """What has no value yet: needed and not there, or a stub."""
        wanted = {(*name, key) for name, keys in sealing.needed(self.build, self.table).items() for key in keys}
        wanted |= {(*name, key) for name, secret in self.sealed.items() for key in secret.data}
        return [r for r in self.recipes.values() if (r.namespace, r.secret, r.key) in wanted and not self.is_sealed(r)]

    @cached_property
    def _texts(self) -> dict[str, str | None]:
        return {}

    def text(self, path: str) -> str | None:
        """A file as it was when this run first read it, None for none: what changed since is not written over."""
        if path not in self._texts:
            self._texts[path] = read(self.repository, path)
        return self._texts[path]

    def is_sealed(self, recipe: Recipe) -> bool:
        held = self.sealed.get((recipe.namespace, recipe.secret))
        return held is not None and recipe.key in held.values

    def behind(self, fingerprint: str) -> list[sealing.Sealed]:
        """The SealedSecrets with values that another certificate than this one sealed."""
        return [held for held in self.sealed.values() if held.values and held.fingerprint != fingerprint]

    def recipe(self, name: str) -> Recipe:
        """The recipe of secret/key; GitopsError with the nearest name."""
        if name not in self.recipes:
            raise GitopsError(f"{name}: no such key on {self.cluster.name}{nearest(name, self.recipes)}")
        return self.recipes[name]

    def path(self, recipe: Recipe) -> str:
        """The file of the recipe's SealedSecret."""
        held = self.sealed.get((recipe.namespace, recipe.secret))
        folder = self.repository.sealed_folder(self.cluster.name)
        return held.manifest.origin if held else f"{folder}/{recipe.secret}.yaml"


def load(repository: Repository, clusters: list[Cluster]) -> Iterator[View]:
    seen = fleet.load(repository, clusters, schemas=False)
    table = seen.table(recipes.POLICY)
    known = settings.table(seen.table(settings.POLICY))
    builds = {build.cluster: build for build in seen.workloads()}
    for cluster in clusters:
        build = builds[cluster.name]
        yield View(repository, cluster, _without_sealed(repository, cluster) if build.error else build, table, known)


def read(repository: Repository, path: str) -> str | None:
    """The text of a file, None when it is not there; GitopsError when it cannot be read."""
    file = repository.root / path
    if not file.exists():
        return None
    found = source.read_text(file, path, repository.root)
    for fault in found.faults:
        if fault.fatal:
            raise GitopsError(f"{path}:{fault.line}: {fault.message}; {fault.fix}")
    return found.text


def _without_sealed(repository: Repository, cluster: Cluster) -> Build:
    """The cluster's workload as it is without its sealed/, from a copy of the tree: the folder is missing or broken."""
    with tempfile.TemporaryDirectory(prefix="gitops-") as name:
        copy = Repository(Path(name).resolve())
        for top in MANIFEST_FOLDERS:
            shutil.copytree(repository.root / top, copy.root / top, symlinks=True)
        sealed = copy.root / repository.sealed_folder(cluster.name)
        shutil.rmtree(sealed, ignore_errors=True)
        files.write(sealed / "kustomization.yaml", EMPTY.format(kind="Kustomization"))
        files.write(copy.root / repository.rollout_file(cluster.name), EMPTY.format(kind="Component"))
        build = next(fleet.load(copy, [cluster], schemas=False).workloads())
    if build.error:
        raise GitopsError(f"{build.folder}: does not build: {build.error}; `gitops validate {cluster.name}` says where")
    return build
