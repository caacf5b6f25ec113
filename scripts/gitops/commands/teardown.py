"""Take PyBase off a cluster, in order; data, keys and namespaces stay unless an option names them.

example: gitops teardown eks-staging-us-east-1 --context staging --dry-run
         gitops teardown eks-staging-us-east-1 --context staging --delete-secrets
         gitops teardown bare-metal-development-local --local default --delete-all --yes

Looks who installed it (Argo CD, Helm, kubectl), lists by kind what the cluster's folder renders and the cluster has,
and asks for the cluster's name. Argo CD's Applications go first, without what they made, so that nothing is healed.
Argo CD itself, its projects and the add-ons stay. At the end it looks what is left.
Exit 0: nothing of the list is left, 1: something is, 2: the cluster cannot be asked.
"""

import argparse
import sys

from gitops import confirm, deletion, progress, removal, target
from gitops.cluster import Cluster
from gitops.errors import GitopsError
from gitops.installed import Installed, look
from gitops.layout import Repository
from gitops.manifests import Build, Manifest
from gitops.smoke.objects import claims

SECONDS = 300


def arguments(parser: argparse.ArgumentParser) -> None:
    target.arguments(parser)
    parser.add_argument("--delete-pvcs", action="store_true", help="PyBase's volume claims too, with their data")
    parser.add_argument("--delete-secrets", action="store_true", help="sealed and opened secrets too")
    parser.add_argument("--delete-namespace", action="store_true", help="the namespaces too; needs the two before")
    parser.add_argument("--delete-all", action="store_true", help="all three")
    parser.add_argument(
        "--timeout", type=target.duration, default=SECONDS, metavar="TIME", help="until all is gone (5m)"
    )
    parser.add_argument("--dry-run", action="store_true", help="print the list and change nothing")
    parser.add_argument("--yes", "--force", action="store_true", help="do not ask")


def run(repository: Repository, options: argparse.Namespace) -> int:
    asked = _asked(options)
    with progress.shown(options.quiet) as say:
        say("rendering")
        builds = target.builds(repository, options.cluster)
        say("looking what is there")
        cluster = target.reached(options)
        found = look(cluster, _name(options), builds["apps"], builds["workload"])
    plan = removal.plan(builds["workload"], found, asked)
    print(f"{_name(options)}: {found.said()}")
    if not found.applications and not plan.delete:
        return 0
    _refuse(builds["workload"], found, asked)
    print("\n".join(removal.listing(found.applications, plan)))
    if options.dry_run:
        print("\n".join(_volumes(cluster, builds["workload"])))
        print("nothing was changed (--dry-run)")
        return 0
    if not confirm.typed(_name(options), "this cannot be undone", options.yes):
        print("nothing was changed")
        return 1
    with progress.shown(options.quiet) as say:
        left = deletion.remove(
            cluster, builds, found.applications, lambda now: removal.plan(builds["workload"], now, asked).delete,
            options.timeout, say,
        )  # fmt: skip
    print("\n".join(_volumes(cluster, builds["workload"])))
    for line in left:
        print(f"left: {line}", file=sys.stderr)
    if not left:
        print(f"removed {len(found.applications) + len(plan.delete)} objects; nothing of the list is left")
    return 1 if left else 0


def _asked(options: argparse.Namespace) -> list[str]:
    given = {
        "--delete-pvcs": options.delete_pvcs,
        "--delete-secrets": options.delete_secrets,
        "--delete-namespace": options.delete_namespace,
    }
    asked = [name for name, said in given.items() if said or options.delete_all]
    if "--delete-namespace" in asked and len(asked) < len(given):
        raise GitopsError("--delete-namespace takes data and secrets along; write --delete-all when that is meant")
    return asked


def _refuse(workload: Build, found: Installed, asked: list[str]) -> None:
    others = removal.foreign(workload, found) if "--delete-namespace" in asked else []
    if others:
        raise GitopsError(f"{', '.join(others)}: not PyBase's, and would go with the namespace; move it, or keep that")


def _volumes(cluster: Cluster, workload: Build) -> list[str]:
    """What becomes of each volume of PyBase when its claim goes."""
    mine = set(claims(workload))
    lines = []
    for volume in map(Manifest, cluster.every("persistentvolumes")):
        claim = volume.get("spec", "claimRef") or {}
        if (claim.get("namespace"), claim.get("name")) in mine:
            policy = volume.get("spec", "persistentVolumeReclaimPolicy")
            what = "goes with its claim" if policy == "Delete" else "stays when its claim goes"
            size = volume.get("spec", "capacity", "storage")
            lines.append(
                f"PersistentVolume {volume.name}: {size}, {policy}, {what} {claim['namespace']}/{claim['name']}"
            )
    return lines


def _name(options: argparse.Namespace) -> str:
    return str(options.cluster).rstrip("/").removeprefix("clusters/")
