"""Waiting until every workload is rolled out and every Job complete."""

import time
from collections.abc import Iterator

from gitops.cluster import Cluster
from gitops.errors import GitopsError
from gitops.manifests import Build
from gitops.progress import Say
from gitops.smoke import workloads
from gitops.smoke.model import FAILED, Live, Result, condition, read

PAUSE = 2  # seconds between two readings


def wait(build: Build, cluster: Cluster, seconds: float, say: Say) -> list[Result]:
    """[] as soon as all is ready; what is not, when for `seconds` nothing more became ready or a Job has failed."""
    end, least = time.monotonic() + seconds, 0
    while True:
        try:
            live = read(cluster, build)
        except GitopsError as error:  # a small machine's API server is away for a moment
            if time.monotonic() > end:
                raise
            say(str(error))
        else:
            late = [result for result in _rollouts(build, live) if result.outcome == FAILED]
            if not late:
                return []
            if not least or len(late) < least:
                end, least = time.monotonic() + seconds, len(late)
            if time.monotonic() > end or _hopeless(build, live):
                return [*late, *(result for result in workloads.pods(build, live) if result.outcome == FAILED)]
            say(f"waiting for {len(late)} rollouts, first {late[0].message}")
        time.sleep(PAUSE)


def names(build: Build) -> list[str]:
    """What is waited for."""
    return [f"{item.kind} {item.name}" for item in build.of_kind(*workloads.CONTROLLERS, "Job")]


def _rollouts(build: Build, live: Live) -> Iterator[Result]:
    for check in (workloads.workloads, workloads.stores, workloads.jobs):
        yield from check(build, live)


def _hopeless(build: Build, live: Live) -> bool:
    jobs = (live.find(job) for job in build.of_kind("Job"))
    return any(condition(job, "Failed")[0] == "True" for job in jobs if job)
