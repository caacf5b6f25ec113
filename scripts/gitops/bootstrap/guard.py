"""Is the context one of a machine's own clusters? A production folder does not belong there."""

import re

from gitops import distributions
from gitops.cluster import Cluster
from gitops.errors import GitopsError

HERE = re.compile(r"https://(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|kubernetes\.docker\.internal)[:/]?")
FIELDS = "{.current-context} {.clusters[0].cluster.server}"


def context(cluster: Cluster) -> tuple[str, str]:
    """(name of the context, address of its API server), as the kubeconfig has them."""
    try:
        words = cluster.run("config", "view", "--minify", f"--output=jsonpath={FIELDS}").split()
    except GitopsError:
        return cluster.context, ""  # inside a pod there is none
    name, address = [*words, "", ""][:2]
    return cluster.context or name, address


def local(name: str, address: str) -> bool:
    return bool(distributions.LOCAL.fullmatch(name) or HERE.match(address))


def warning(cluster: Cluster) -> str:
    """What to think about, "" for a cluster elsewhere."""
    name, address = context(cluster)
    if local(name, address):
        return f"context {name or '(none)'} is a cluster on this machine ({address or 'no address'})"
    return ""
