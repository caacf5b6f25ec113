"""Which cluster a verb talks to: options of the command line, and the client that they make."""

import argparse
import json
import re
from pathlib import Path

from gitops import fleet
from gitops.cluster import Cluster
from gitops.errors import GitopsError
from gitops.fleet import Fleet
from gitops.layout import PARTS, Repository
from gitops.local import network, platform
from gitops.local.instance import Instance
from gitops.manifests import Build

ASK_SECONDS = 10  # how long an API server may take for its first answer
UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("cluster", metavar="CLUSTER", help="the folder of clusters/ that says what is to be there")
    connection(parser)


def connection(parser: argparse.ArgumentParser) -> None:
    """The options alone, of a verb that takes its cluster in another way."""
    kubeconfig(parser)
    parser.add_argument("--local", default="", metavar="NAME", help="the instance of `gitops local` with this --name")


def kubeconfig(parser: argparse._ActionsContainer) -> None:
    """The two options of kubectl."""
    parser.add_argument("--kubeconfig", default="", metavar="FILE", help="default: KUBECONFIG, then ~/.kube/config")
    parser.add_argument("--context", default="", help="a context of the kubeconfig (default: its current one)")


def duration(text: str) -> int:
    """Seconds of 90, 90s, 15m or 1h."""
    match = re.fullmatch(r"(\d+)([smh]?)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration; write 90s, 15m or 1h")
    return int(match[1]) * UNITS[match[2]]


def instance(options: argparse.Namespace) -> Instance | None:
    """The instance of the local platform that --local names; it has to run the cluster that is asked for."""
    if not options.local:
        return None
    if options.kubeconfig or options.context:
        raise GitopsError("--local has its own kubeconfig; leave --kubeconfig and --context out")
    found = Instance.named(options.local)
    if not found.pid(network.KEEPER):
        raise GitopsError(f"instance {found.name} is not up; run `gitops local up --name {found.name}`")
    held = found.path("cluster").read_text() if found.path("cluster").exists() else ""
    if held != options.cluster.rstrip("/").removeprefix("clusters/"):
        raise GitopsError(f"instance {found.name} runs {held or 'no cluster'}, not {options.cluster}")
    return found


def reached(options: argparse.Namespace) -> Cluster:
    """The client of the cluster, once the cluster has answered; GitopsError says what is in the way."""
    own = instance(options)
    return answering(platform.kubectl(own) if own else real(options))


def real(options: argparse.Namespace) -> Cluster:
    """The client of --kubeconfig and --context, whether it answers or not."""
    if options.kubeconfig and not Path(options.kubeconfig).is_file():
        raise GitopsError(f"{options.kubeconfig}: no such kubeconfig")
    return Cluster("kubectl", options.kubeconfig, options.context)


def answering(cluster: Cluster) -> Cluster:
    try:
        versions(cluster)
    except GitopsError as error:
        raise GitopsError(f"{error}; give the cluster's --kubeconfig or --context, and check that it is up") from error
    return cluster


def versions(cluster: Cluster) -> dict[str, str]:
    """{"client": "v1.36.3", "server": "v1.36.3"} as `kubectl version` says."""
    answer = json.loads(cluster.run("version", "--output=json", f"--request-timeout={ASK_SECONDS}s"))
    if "serverVersion" not in answer:
        raise GitopsError("kubectl version: the API server does not answer")
    return {side: str(answer[f"{side}Version"].get("gitVersion")) for side in ("client", "server")}


def builds(repository: Repository, cluster: str) -> dict[str, Build]:
    """ "apps" and "workload" of one cluster; GitopsError when one does not build."""
    return by_part(loaded(repository, cluster))


def loaded(repository: Repository, cluster: str) -> Fleet:
    """The builds of one cluster and what is read beside them; GitopsError when one does not build."""
    seen = fleet.load(repository, repository.choose([cluster]), schemas=False)
    for build in seen.builds:
        if build.error:
            raise GitopsError(f"{build.folder}: does not build; `gitops validate {cluster}` says where")
    return seen


def by_part(seen: Fleet) -> dict[str, Build]:
    return {part: next(build for build in seen.builds if build.part == part) for part in PARTS}
