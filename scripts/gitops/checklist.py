"""What a cluster still needs before it can go live, and its findings. Pure."""

from collections.abc import Iterable
from typing import Any

from gitops import kustomizations, output
from gitops.fleet import Fleet
from gitops.layout import PARTS, Cluster
from gitops.problems import Problem


def state(seen: Fleet, cluster: Cluster, problems: Iterable[Problem]) -> dict[str, Any]:
    """{"cluster", "state", "missing", "findings"}; the last two are lines."""
    elsewhere = _reach(seen, {c.name for c in seen.repository.clusters} - {cluster.name}) - _reach(seen, {cluster.name})
    reaching = [p for p in problems if cluster.name in p.clusters or not (p.builds or p.path in elsewhere)]
    missing = [output.line(problem) for problem in reaching if problem.pending]
    if not cluster.live:
        path = seen.repository.certificate_file(cluster.name)
        missing.append(f"{path}: commit the certificate of the cluster's sealed-secrets controller; then it is live")
    findings = [output.line(problem) for problem in reaching if not problem.pending]
    return {"cluster": cluster.name, "state": cluster.state, "missing": missing, "findings": findings}


def text(state: dict[str, Any]) -> str:
    lines = [f"{state['cluster']}: {state['state']}"]
    lines += [f"  [ ] {line}" for line in state["missing"]]
    lines += [f"  [!] {line}" for line in state["findings"]]
    return "\n".join(lines if len(lines) > 1 else [*lines, "  nothing to do"])


def _reach(seen: Fleet, clusters: set[str]) -> set[str]:
    """Every file that a build of these clusters lists."""
    folders = (seen.repository.build_folder(cluster, part) for cluster in clusters for part in PARTS)
    return {path for folder in folders for path in kustomizations.reach(seen.sources, folder)}
