"""Sealed secrets of a cluster: which keys it needs.

example: gitops secrets stub eks-production-us-east-1
         gitops secrets stub gke-staging-us-central1 --dry-run

`stub` reads the cluster's render and writes, into clusters/CLUSTER/workload/sealed, a SealedSecret for every Secret
that its pods refer to, each missing key with the value STUB and what it is. What is there already stays as it is; what
nothing needs any more is named, not deleted.
"""

import argparse
import difflib
import shutil
import tempfile
from pathlib import Path

from gitops import files, fleet, sealing, source
from gitops.errors import GitopsError
from gitops.layout import MANIFEST_FOLDERS, Cluster, Repository
from gitops.manifests import Build

# Lets the workload build before anything is sealed: one object that is never applied.
EMPTY = """kind: Kustomization
configMapGenerator:
  - name: nothing-sealed
    options: {annotations: {config.kubernetes.io/local-config: "true"}}
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("stub",), help="stub: write what is not sealed yet")
    parser.add_argument("clusters", nargs="+", metavar="CLUSTER", help="the clusters to write for")
    parser.add_argument("--dry-run", action="store_true", help="print the change and write nothing")


def run(repository: Repository, options: argparse.Namespace) -> int:
    clusters = repository.choose(options.clusters)
    seen = fleet.load(repository, clusters, schemas=False)
    table = sealing.table(seen.policy("secrets.yaml"))
    builds = {build.cluster: build for build in seen.workloads()}
    for cluster in clusters:
        build = builds[cluster.name]
        if build.error:
            build = _without_sealed(repository, cluster)
        changes = _changes(repository, cluster, build, table)
        for path, text in changes.items():
            if options.dry_run:
                print(_difference(path, _read(repository, path) or "", text), end="")
            else:
                files.write(repository.root / path, text)
                print(f"{path}: written")
        for path, what in sealing.unused(build):
            print(f"{path}: {what} is no longer used; delete it when nothing else needs it")
        if not changes and not options.quiet:
            print(f"{repository.sealed_folder(cluster.name)}: every key is there")
    return 0


def _without_sealed(repository: Repository, cluster: Cluster) -> Build:
    """The cluster's workload as it is without its sealed/, from a copy of the tree: the folder is missing or broken."""
    with tempfile.TemporaryDirectory(prefix="gitops-") as name:
        copy = Repository(Path(name).resolve())
        for top in MANIFEST_FOLDERS:
            shutil.copytree(repository.root / top, copy.root / top, symlinks=True)
        sealed = copy.root / repository.sealed_folder(cluster.name)
        shutil.rmtree(sealed, ignore_errors=True)
        files.write(sealed / "kustomization.yaml", EMPTY)
        build = next(fleet.load(copy, [cluster], schemas=False).workloads())
    if build.error:
        raise GitopsError(f"{build.folder}: does not build: {build.error}; `gitops validate {cluster.name}` says where")
    return build


def _changes(repository: Repository, cluster: Cluster, build: Build, table: dict[str, object]) -> dict[str, str]:
    """path -> new text of every file that lacks something."""
    folder = repository.sealed_folder(cluster.name)
    origins = {(sealed.namespace, sealed.name): sealed.origin for sealed in build.of_kind("SealedSecret")}
    changes: dict[str, str] = {}
    names = []
    for (namespace, name), keys in sealing.needed(build, table).items():
        if "/" in name:
            raise GitopsError(f"{build.folder}: a pod names the Secret {name!r}, which is no name; correct it first")
        path = origins.get((namespace, name), f"{folder}/{name}.yaml")
        names.append(path.removeprefix(f"{folder}/"))
        described = {key: sealing.describe(build, table, name, key) for key in keys}
        text = _read(repository, path)
        if text is None:
            changes[path] = sealing.stub(namespace, name, table, described)
        else:
            changes[path] = sealing.with_keys(path, text, described)
    listing = f"{folder}/kustomization.yaml"
    changes[listing] = sealing.with_resources(_read(repository, listing), names)
    return {path: text for path, text in changes.items() if text != _read(repository, path)}


def _read(repository: Repository, path: str) -> str | None:
    file = repository.root / path
    if not file.exists():
        return None
    read = source.read_text(file, path, repository.root)
    for fault in read.faults:
        if fault.fatal:
            raise GitopsError(f"{path}:{fault.line}: {fault.message}; {fault.fix}")
    return read.text


def _difference(path: str, old: str, new: str) -> str:
    return "".join(difflib.unified_diff(old.splitlines(True), new.splitlines(True), path, path))
