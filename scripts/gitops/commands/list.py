"""The fleet as a table: clusters with state, domain and Applications; images by environment.

example: gitops list
         gitops list --format json
"""

import argparse
import json

from gitops import fleet, listing, output, render
from gitops.layout import Repository


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(repository: Repository, options: argparse.Namespace) -> int:
    builds = listing.by_part(render.cluster_builds(repository, repository.clusters))
    clusters = [
        listing.cluster(cluster, builds, fleet.facts_of(repository, cluster.name)) for cluster in repository.clusters
    ]
    images = listing.tags(listing.references(repository, builds))
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
