"""What a cluster still needs before it can go live, and its findings. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from gitops import kustomizations, output
from gitops.fleet import Fleet
from gitops.layout import PARTS, Cluster
from gitops.problems import Problem


def states(seen: Fleet, clusters: Iterable[Cluster], problems: Sequence[Problem]) -> Iterator[dict[str, Any]]:
    """Of each cluster {"cluster", "state", "missing", "findings"}; the last two are lines."""
    for cluster, found in reaching(seen, clusters, problems):
        missing = [output.line(problem) for problem in found if problem.pending]
        missing += certificate(seen, cluster)
        findings = [output.line(problem) for problem in found if not problem.pending]
        yield {"cluster": cluster.name, "state": cluster.state, "missing": missing, "findings": findings}


def reaching(
    seen: Fleet, clusters: Iterable[Cluster], problems: Sequence[Problem]
) -> Iterator[tuple[Cluster, list[Problem]]]:
    """The problems of each cluster: those of its builds, and of files that no other cluster has to itself."""
    read = {cluster.name: _reach(seen, cluster.name) for cluster in seen.repository.clusters}
    every = set().union(*read.values())
    reached = {problem: set(problem.clusters) for problem in problems}
    for cluster in clusters:
        elsewhere = every - read[cluster.name]
        yield cluster, [p for p in problems if cluster.name in reached[p] or not (p.builds or p.path in elsewhere)]


def certificate(seen: Fleet, cluster: Cluster) -> list[str]:
    """What a planned cluster needs last."""
    path = seen.repository.certificate_file(cluster.name)
    text = f"{path}: commit the certificate of the cluster's sealed-secrets controller; then it is live"
    return [] if cluster.live else [text]


def text(state: dict[str, Any]) -> str:
    lines = [f"{state['cluster']}: {state['state']}"]
    lines += [f"  [ ] {line}" for line in state["missing"]]
    lines += [f"  [!] {line}" for line in state["findings"]]
    return "\n".join(lines if len(lines) > 1 else [*lines, "  nothing to do"])


def _reach(seen: Fleet, cluster: str) -> set[str]:
    """Every file that a build of the cluster lists."""
    folders = (seen.repository.build_folder(cluster, part) for part in PARTS)
    return {path for folder in folders for path in kustomizations.reach(seen.sources, folder)}
