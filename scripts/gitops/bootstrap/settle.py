"""Until Argo CD has brought every Application of the cluster to Synced and Healthy."""

import time
from collections.abc import Iterator

from gitops.cluster import Cluster, Object
from gitops.errors import GitopsError
from gitops.installed import APPLICATIONS
from gitops.local import applications
from gitops.local.applications import Application
from gitops.manifests import Manifest
from gitops.progress import Say

PAUSE = 1  # seconds between two looks
ASKED = "argocd.argoproj.io/refresh"  # the annotation goes when Argo CD has looked


def wait(cluster: Cluster, wanted: list[str], commit: str, seconds: float, say: Say) -> list[str]:
    """[] once all `wanted` are settled, else a line for each thing in the way. `commit` "" takes what each one follows:
    a branch, or the version of a chart."""
    end = time.monotonic() + seconds
    cluster.run("annotate", APPLICATIONS, "root", "--namespace=argocd", "--overwrite", applications.REFRESH)
    while True:
        left = list(_look(cluster, wanted, commit))
        if not left or time.monotonic() > end:
            return left
        say(f"waiting for {len(wanted)} Applications; {left[0]}")
        time.sleep(PAUSE)


def _look(cluster: Cluster, wanted: list[str], commit: str) -> Iterator[str]:
    """What is in the way now; an API server that is away for a moment is asked again."""
    try:
        items = cluster.every(APPLICATIONS, "argocd")
    except GitopsError as error:
        yield str(error)
    else:
        yield from _unsettled(items, wanted, commit)


def _unsettled(items: list[Object], wanted: list[str], commit: str) -> Iterator[str]:
    looking = {item["metadata"]["name"] for item in items if ASKED in Manifest(item).annotations}
    found = {app.name: app for app in applications.read(items)}
    for name in wanted:
        app = found.get(name)
        if app is None:
            yield f"{name}: not there yet"
        elif name in looking:
            yield f"{name}: Argo CD has not looked yet; is its application controller running?"
        else:
            yield from applications.unsettled([app], commit or _own(app))


def _own(app: Application) -> str:
    return app.revision or "a commit"
