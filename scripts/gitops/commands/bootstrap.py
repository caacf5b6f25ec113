"""Bring a cluster of the fleet up from nothing: Argo CD, then its root Application, then everything by itself.

example: gitops bootstrap eks-production-us-east-1 --context prod-us-east-1 --dry-run
         gitops bootstrap eks-production-us-east-1 --context prod-us-east-1 --atomic
         gitops bootstrap bare-metal-development-local --local default --yes

Looks first: versions, storage, network, edge classes, metrics, kinds, the sealed-secrets controller; placeholders that
are left, keys that are not sealed; what is installed already. Then Argo CD's chart as apps/argocd says, and the
projects and the root Application of clusters/CLUSTER/apps. Run again, it repairs. New images: gitops promote.
Exit 0: everything is Synced, Healthy and passes the smoke checks, 1: something is not, 2: nothing could be done.
"""

import argparse
import sys

from gitops import confirm, fleet, helm, installed, progress, step, target
from gitops.bootstrap import guard, preflight, sources
from gitops.bootstrap import run as bootstrap
from gitops.bootstrap.run import Work
from gitops.bootstrap.steps import keeps_itself, wanted
from gitops.layout import Repository
from gitops.smoke import edge, report
from gitops.smoke.model import FAILED, Result

SECONDS = 900


def arguments(parser: argparse.ArgumentParser) -> None:
    target.arguments(parser)
    parser.add_argument(
        "--timeout", type=target.duration, default=SECONDS, metavar="TIME", help="until all is well (15m)"
    )
    parser.add_argument("--no-wait", action="store_true", help="do not wait for Argo CD, and check nothing after it")
    parser.add_argument("--atomic", action="store_true", help="after a failure undo what this run created")
    parser.add_argument("--dry-run", action="store_true", help="look, print the steps and change nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(repository: Repository, options: argparse.Namespace) -> int:
    with progress.shown(options.quiet) as say:
        say("rendering")
        builds = target.builds(repository, options.cluster)
        cluster, instance = target.reached(options), target.instance(options)
        say("looking what is there")
        found = installed.look(cluster, builds["apps"].cluster, builds["apps"], builds["workload"])
        names, kept = wanted(builds["apps"], instance), keeps_itself(found, cluster)
        work = Work(repository, cluster, instance, builds, names, options.timeout, not options.no_wait, kept)
        results = _checks(work, found)
    print(report.text("", results))
    print(f"{work.name}: {found.said()}")
    if said := "" if instance or work.name.endswith("-local") else guard.warning(cluster):
        print(f"warning: {said}")
    failed = any(result.outcome == FAILED for result in results)
    if options.dry_run:
        print("\n".join(step.lines(bootstrap.texts(work))))
        print("nothing was changed (--dry-run)")
        return 1 if failed else 0
    if failed:
        print("gitops bootstrap: nothing was changed; mend what FAILED first", file=sys.stderr)
        return 1
    if not confirm.typed(work.name, "this installs into the cluster", options.yes):
        print("nothing was changed")
        return 1
    with progress.shown(options.quiet) as say:
        wrong = bootstrap.run(work, options.atomic, say)
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        print("gitops bootstrap: not complete; run it again when the cause is mended", file=sys.stderr)
        return 1
    print("\n".join(_access(work)))
    return 0


def _checks(work: Work, found: installed.Installed) -> list[Result]:
    version = "" if work.instance else helm.version()
    seen = preflight.Seen(work.cluster, work.builds, target.versions(work.cluster), version, found.resources)
    read = fleet.load(work.repository, work.repository.choose([work.name]), schemas=False)
    return [*preflight.check(seen), *sources.check(read, sealed_here=work.instance is not None)]


def _access(work: Work) -> list[str]:
    """Where people find it."""
    if not work.wait:
        return [f"Argo CD goes on by itself; `gitops smoke {work.name} --wait` says when it is done"]
    lines = [f"open {url}" for url in edge.urls(work.builds["workload"])]
    if work.instance:
        return [*lines, f"export KUBECONFIG={work.instance.path('kubeconfig')}"]
    return [
        *lines,
        "Argo CD: kubectl port-forward -n argocd service/argocd-server 8443:443, then https://localhost:8443",
        "its first password, of admin: kubectl get secret -n argocd argocd-initial-admin-secret, key password",
    ]
