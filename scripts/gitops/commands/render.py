"""Print the objects of clusters, or write them to a folder, one file per object.

example: gitops render eks-production-us-east-1
         gitops render gke-staging-us-central1 --part workload --output rendered

A cluster has two builds: `apps` (what Argo CD is told) and `workload` (what it applies).
"""

import argparse
import json
from pathlib import Path

from gitops import dump, files, render
from gitops.errors import GitopsError
from gitops.layout import PARTS, Repository
from gitops.manifests import Build, Manifest


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("clusters", nargs="*", metavar="CLUSTER", help="the clusters to render (default: all)")
    parser.add_argument("--part", choices=PARTS, help="only this build (default: both)")
    parser.add_argument("--format", choices=("yaml", "json"), default="yaml")
    parser.add_argument("--output", metavar="DIR", help="write <cluster>/<part>/<kind>-<name> below this folder")


def run(repository: Repository, options: argparse.Namespace) -> int:
    clusters = repository.choose(options.clusters)
    builds = [b for b in render.cluster_builds(repository, clusters) if options.part in (None, b.part)]
    for build in builds:
        if build.error:
            raise GitopsError(f"{build.folder}: does not build: {build.error}")
    if options.output:
        return _write(builds, Path(options.output), options)
    if options.format == "json":
        print(json.dumps([manifest.data for build in builds for manifest in build.objects], indent=2))
    else:
        print("---\n".join(_text(manifest, "yaml") for build in builds for manifest in build.objects), end="")
    return 0


def _write(builds: list[Build], folder: Path, options: argparse.Namespace) -> int:
    for build in builds:
        for manifest in build.objects:
            space = f"{manifest.namespace}-" if manifest.namespace else ""
            name = f"{manifest.kind.lower()}-{space}{manifest.name}.{options.format}".replace(":", "_").replace(
                "/", "_"
            )
            files.write(folder / build.cluster / build.part / name, _text(manifest, options.format))
    if not options.quiet:
        print(f"{sum(len(build.objects) for build in builds)} objects of {len(builds)} builds in {folder}")
    return 0


def _text(manifest: Manifest, form: str) -> str:
    if form == "json":
        return json.dumps(manifest.data, indent=2) + "\n"
    return dump.as_yaml(manifest.data)
