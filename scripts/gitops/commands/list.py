"""The fleet as a table: clusters with state, domain and Applications; images by environment.

example: gitops list
         gitops list --format json
"""

import argparse
import json
from typing import Any

from gitops import facts, output, render, source
from gitops.layout import Cluster, Repository
from gitops.manifests import Build, containers


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(repository: Repository, options: argparse.Namespace) -> int:
    builds = {(build.cluster, build.part): build for build in render.cluster_builds(repository, repository.clusters)}
    clusters = [_cluster(repository, cluster, builds) for cluster in repository.clusters]
    images = _images(repository, builds)
    if options.format == "json":
        print(json.dumps({"clusters": clusters, "images": images}, indent=2))
        return 0
    rows = [
        (c["name"], c["state"], c["domain"], c["version"], str(c["objects"]), " ".join(c["applications"]))
        for c in clusters
    ]
    print(output.table(("CLUSTER", "STATE", "DOMAIN", "PYBASE", "OBJECTS", "APPLICATIONS"), rows))
    names = sorted({name for found in images.values() for name in found})
    table = [(name, *(images[environment].get(name, "-") for environment in images)) for name in names]
    print("\n" + output.table(("IMAGE", *(environment.upper() for environment in images)), table))
    return 0


def _cluster(repository: Repository, cluster: Cluster, builds: dict[tuple[str, str], Build]) -> dict[str, Any]:
    path = repository.facts_file(cluster.name)
    apps, workload = builds[cluster.name, "apps"], builds[cluster.name, "workload"]
    found = (manifest.get("data", "APP_VERSION") for manifest in workload.of_kind("ConfigMap"))
    return {
        "name": cluster.name,
        "provider": cluster.provider,
        "environment": cluster.environment,
        "state": cluster.state,
        "domain": facts.read(source.read(repository.root / path, path, repository.root)).get("domain", "-"),
        "version": next((version for version in found if version), "-"),
        "objects": len(apps.objects) + len(workload.objects),
        "applications": sorted(manifest.name for manifest in apps.of_kind("Application")),
        "error": apps.error or workload.error,
    }


def _images(repository: Repository, builds: dict[tuple[str, str], Build]) -> dict[str, dict[str, str]]:
    """environment -> image name -> tag, as rendered."""
    images: dict[str, dict[str, str]] = {environment: {} for environment in repository.environments}
    for cluster in repository.clusters:
        for manifest in builds[cluster.name, "workload"].with_pods():
            for container in containers(manifest):
                name, _, tag = str(container.spec.get("image", "")).partition("@")[0].rpartition(":")
                images[cluster.environment][name.rpartition("/")[2] or tag] = tag
    return images
