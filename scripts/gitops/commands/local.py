"""Run a cluster of the fleet on this machine: a real control plane and a real Argo CD, without containers.

example: gitops local up
         gitops local status --details
         gitops local status --watch
         gitops local report --output report.html
         gitops local sync
         gitops local exec -- kubectl get pods --all-namespaces
         gitops local down --purge
         gitops local up --context minikube --dry-run

`up` starts etcd, the Kubernetes control plane, simulated nodes (KWOK), metrics-server, the sealed-secrets controller
and Argo CD as plain processes in a network of their own, serves the working tree to Argo CD from a mirror, and waits
until everything is Synced and Healthy. Run again, it repairs what is not running. `sync` brings the present state of
the tree; `status --watch` shows it arriving; `report` writes all that is known as one HTML page. The first `up` builds
the programs, which takes minutes; the later ones start within seconds.

With --context or --kubeconfig `up` brings the same cluster folder onto your own minikube, kind, k3s, microk8s or Docker
Desktop, without Argo CD: namespace, Secrets with values made here, then the render, and waits for every rollout.
`gitops smoke` checks it, `gitops teardown bare-metal-development-local --context NAME --delete-all` takes it away.
"""

import argparse
import os
import sys
from pathlib import Path

from gitops import files, fleet, progress, recipes, target, tools
from gitops.errors import GitopsError
from gitops.kubelet import up as kubelet
from gitops.layout import Cluster, Repository
from gitops.local import applications, definitions, look, mirror, network, parts, platform, values, watch
from gitops.local.instance import Instance

DEFAULT = "bare-metal-development-local"
SYNC_SECONDS = 300


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=sorted(ACTIONS), help="what to do")
    parser.add_argument("words", nargs="*", metavar="WORD", help="logs: the parts; exec: the command")
    parser.add_argument("--name", default="default", help="the instance; several run side by side (default: default)")
    parser.add_argument("--cluster", default="", help=f"up: the cluster to run (default: {DEFAULT})")
    parser.add_argument("--revision", default="", metavar="REV", help="up, sync: a commit, not the working tree")
    parser.add_argument(
        "--timeout",
        type=target.duration,
        default=SYNC_SECONDS,
        metavar="TIME",
        help="for Argo CD or each rollout (5m)",
    )
    parser.add_argument("--no-wait", action="store_true", help="up, sync: do not wait")
    parser.add_argument("--details", action="store_true", help="status: every object too")
    parser.add_argument("--watch", action="store_true", help="status: again every second until all is settled")
    parser.add_argument("--output", default="", metavar="FILE", help="report: write it there, not into the instance")
    parser.add_argument("--purge", action="store_true", help="down: delete the instance's data")
    group = parser.add_argument_group("up on a cluster of your own")
    target.kubeconfig(group)
    group.add_argument("--dry-run", action="store_true", help="look, print the steps and change nothing")
    group.add_argument("--new-secrets", action="store_true", help="new values for Secrets that are in use too; asks")
    group.add_argument("--yes", action="store_true", help="do not ask")


def run(repository: Repository, options: argparse.Namespace) -> int:
    if options.context or options.kubeconfig:
        _refuse(options)
        return kubelet.up(repository, options.cluster or DEFAULT, options)
    if options.dry_run or options.new_secrets or options.yes:
        raise GitopsError("--dry-run, --new-secrets and --yes belong to a cluster of your own; name it with --context")
    instance = Instance.named(options.name)
    return ACTIONS[options.action](repository, instance, options)


def _up(repository: Repository, instance: Instance, options: argparse.Namespace) -> int:
    cluster = _cluster(repository, instance, options.cluster)
    program = tools.build("platform")
    with progress.shown(options.quiet) as say:
        seen = target.loaded(repository, cluster.name)
        platform.up(instance, program, seen.builds, definitions.needed(repository, seen.builds), say)
        instance.path("cluster").write_text(cluster.name)
    return _bring(seen, instance, options)


def _sync(repository: Repository, instance: Instance, options: argparse.Namespace) -> int:
    _running(instance)
    return _bring(target.loaded(repository, _cluster(repository, instance, "").name), instance, options)


def _bring(seen: fleet.Fleet, instance: Instance, options: argparse.Namespace) -> int:
    """Push the tree into the mirror, let Argo CD look, wait."""
    (cluster,) = seen.clusters
    with progress.shown(options.quiet) as say:
        say("sealing and pushing")
        workload = next(seen.workloads())
        certificate = network.get(instance, parts.SEALED_SECRETS_PORT, "/v1/cert.pem")[1]
        made = values.ensure(instance.path("secrets.json"), workload, seen.table(recipes.POLICY))
        sealed = values.sealed(instance, workload, made, certificate)
        commit = mirror.push(instance, seen.repository, cluster, options.revision, sealed)
        kubectl = platform.kubectl(instance)
        root = mirror.root(instance, cluster)
        kubectl.apply(root)
        if options.no_wait:
            return 0
        settled = applications.wait(kubectl, commit, options.timeout, say)
    found = applications.read(kubectl.every("applications.argoproj.io", "argocd"))
    if not settled:
        print("\n".join(applications.unsettled(found, commit)))
        print(f"gitops local: not Synced and Healthy after {options.timeout} s", file=sys.stderr)
        return 1
    print(applications.tree(found))
    if not options.quiet:
        print(f"\nexport KUBECONFIG={instance.path('kubeconfig')}")
    return 0


def _status(_: Repository, instance: Instance, options: argparse.Namespace) -> int:
    _running(instance)
    if options.watch:
        watch.follow(lambda: look.tree(instance, options.details), sys.stdout)
        return 0
    text, good = look.tree(instance, options.details)
    print(text)
    return 0 if good else 1


def _report(_: Repository, instance: Instance, options: argparse.Namespace) -> int:
    _running(instance)
    path = Path(options.output) if options.output else instance.path("report.html")
    files.write(path, look.page(instance))
    print(path)
    return 0


def _logs(_: Repository, instance: Instance, options: argparse.Namespace) -> int:
    known = sorted(path.name for path in instance.path("log").glob("*"))
    for name in options.words or known:
        if name not in known:
            raise GitopsError(f"{name}: no such part; there are {', '.join(known) or 'none yet'}")
        for line in instance.path("log", name).read_text(errors="replace").splitlines()[-40:]:
            print(f"{name}: {line}" if len(options.words) != 1 else line)
    return 0


def _exec(_: Repository, instance: Instance, options: argparse.Namespace) -> int:
    _running(instance)
    if not options.words:
        raise GitopsError("exec: no command; for example `gitops local exec -- kubectl get pods -A`")
    environment = os.environ | {
        "KUBECONFIG": str(instance.path("admin.kubeconfig")),
        "PATH": f"{instance.path('bin')}:{os.environ.get('PATH', os.defpath)}",
    }
    command = network.inside(instance, options.words)
    sys.stdout.flush()
    os.execvpe(command[0], command, environment)


def _down(_: Repository, instance: Instance, options: argparse.Namespace) -> int:
    ended = platform.down(instance, options.purge)
    if not options.quiet:
        gone = f"; {instance.folder} is deleted" if options.purge else f"; its data is in {instance.folder}"
        print(f"{len(ended)} processes ended{gone}" if ended or options.purge else "nothing was running")
    return 0


ACTIONS = {"up": _up, "sync": _sync, "status": _status, "report": _report, "logs": _logs, "exec": _exec, "down": _down}


def _refuse(options: argparse.Namespace) -> None:
    """What has no meaning without Argo CD."""
    if options.action != "up":
        verbs = f"`gitops smoke {DEFAULT} --context NAME` looks at it, `gitops teardown` takes it away"
        raise GitopsError(f"{options.action} is for the embedded platform; of a cluster of your own {verbs}")
    if options.revision or options.name != "default":
        raise GitopsError("--revision and --name are for the embedded platform; leave them out, or --context")


def _running(instance: Instance) -> None:
    if not instance.pid(network.KEEPER):
        raise GitopsError(f"instance {instance.name} is not up; run `gitops local up`")


def _cluster(repository: Repository, instance: Instance, wanted: str) -> Cluster:
    """The one that is asked for, that the instance runs, or the default; an instance runs one cluster."""
    file = instance.path("cluster")
    held = file.read_text() if file.exists() else ""
    if held and wanted and wanted != held:
        raise GitopsError(f"instance {instance.name} runs {held}; give another --name, or `gitops local down --purge`")
    return repository.choose([wanted or held or DEFAULT])[0]
