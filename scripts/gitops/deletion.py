"""Deleting in order, until a look at the cluster shows that nothing is left."""

import time
from collections.abc import Callable

from gitops import removal
from gitops.cluster import Cluster
from gitops.installed import APPLICATIONS, Installed, look
from gitops.manifests import Build, Manifest
from gitops.progress import Say

FREE = '--patch={"metadata": {"finalizers": null}}'  # else Argo CD deletes what the Application made, data included
PAUSE = 1  # seconds between two looks


def remove(
    cluster: Cluster,
    builds: dict[str, Build],
    applications: list[Manifest],
    choose: Callable[[Installed], list[Manifest]],
    seconds: float,
    say: Say,
) -> list[str]:
    """Delete the Applications, then what `choose` finds, in its order; again what a sync that was under way has made
    anew. A line for each object that is left when `seconds` are over."""
    for app in applications:
        say(f"deleting Application {app.name}")
        where = [APPLICATIONS, app.name, "--namespace=argocd"]
        cluster.run("patch", *where, "--type=merge", FREE)
        cluster.run("delete", *where, "--ignore-not-found", "--cascade=orphan")
    end = time.monotonic() + seconds
    while True:
        found = look(cluster, builds["apps"].cluster, builds["apps"], builds["workload"])
        wanted = choose(found)
        left = [*(item.identity for item in wanted), *_ending(cluster, builds["workload"], found)]
        if not left or time.monotonic() > end:
            return left
        going = [item for item in wanted if not item.get("metadata", "deletionTimestamp")]
        for resource, namespace, names in removal.batches(found, going):
            say(f"deleting {resource}: {', '.join(names)}")
            where = [f"--namespace={namespace}"] if namespace else []
            cluster.run("delete", resource, *names, *where, "--ignore-not-found", "--wait=false")
        say(f"waiting for {len(left)} objects to go, first {left[0]}")
        time.sleep(0 if going else PAUSE)


def _ending(cluster: Cluster, workload: Build, found: Installed) -> list[str]:
    """The pods of workloads that are gone: they are ending, or about to."""
    there = {item.identity for item in found.objects}
    owners = [item for item in workload.with_pods() if item.identity not in there]
    pods = [Manifest(item) for name in sorted({m.namespace for m in owners}) for item in cluster.every("pods", name)]
    mine = [pod for pod in pods if any(m.pod_labels.items() <= pod.labels.items() for m in owners)]
    return [f"{pod.identity}, ending" for pod in mine]
