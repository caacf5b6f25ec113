"""All checks over one reading of the cluster, and again until they pass when that is asked for."""

import time
from collections.abc import Callable, Iterator

from gitops.cluster import Cluster
from gitops.errors import GitopsError
from gitops.manifests import Build
from gitops.progress import Say
from gitops.smoke import edge, objects, probes, workloads
from gitops.smoke.model import FAILED, PASSED, Live, Result, namespaces, read

Check = Callable[[Build, Live], Iterator[Result]]
CHECKS: tuple[Check, ...] = (
    objects.secrets, workloads.workloads, workloads.stores, workloads.jobs, workloads.pods, objects.services,
    objects.volumes, workloads.resources, objects.autoscalers, objects.network_policies, objects.disruption_budgets,
    probes.health, probes.connectivity, edge.edge,
)  # fmt: skip
PAUSE = 2  # seconds between two readings


def results(build: Build, cluster: Cluster) -> list[Result]:
    """Prerequisites first: without its namespaces there is nothing to look at."""
    found = list(_prerequisites(build, cluster))
    if any(result.outcome == FAILED for result in found):
        return found
    live = read(cluster, build)
    return [*found, *(result for check in CHECKS for result in check(build, live))]


def until_passed(build: Build, cluster: Cluster, seconds: float, say: Say) -> list[Result]:
    """The results as soon as nothing fails, or those of when the time is out. An API server that is away for a moment
    is asked again."""
    end = time.monotonic() + seconds
    while True:
        try:
            found = results(build, cluster)
        except GitopsError as error:
            if time.monotonic() > end:
                raise
            say(str(error))
        else:
            failed = [result for result in found if result.outcome == FAILED]
            if not failed or time.monotonic() > end:
                return found
            say(f"{len(failed)} checks fail; waiting for {failed[0].message}")
        time.sleep(PAUSE)


def _prerequisites(build: Build, cluster: Cluster) -> Iterator[Result]:
    for name in namespaces(build):
        there = cluster.get("namespaces", name) is not None
        outcome = PASSED if there else FAILED
        hint = "nothing of this cluster is installed here, or it is another cluster: gitops bootstrap, --context"
        text = f"Namespace {name}{'' if there else ' is not there'}"
        yield Result("prerequisites", outcome, text, "" if there else hint)
