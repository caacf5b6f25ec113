"""Who may connect to whom, as graphs: clusters with the same connections share one. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gitops import flows, matrix
from gitops.fleet import Fleet
from gitops.risk.case import Connection

OUTSIDE, WORKLOAD, STORE, JOB = "outside", "workload", "store", "job"
_ROLES = {"StatefulSet": STORE, "Job": JOB, "CronJob": JOB}
MANY = 3  # components that all reach one end: it is said once and not drawn


@dataclass(frozen=True)
class Graph:
    """`clusters` by name; `roles` of every end, outside ones that nothing reaches left out."""

    clusters: tuple[str, ...]
    roles: Mapping[str, str]
    connections: frozenset[Connection]

    @property
    def edges(self) -> dict[tuple[str, str], str]:
        """(source, target) -> its ports, "5432, 53/UDP"."""
        found: dict[tuple[str, str], list[str]] = {}
        for source, target, port in sorted(self.connections, key=_by_port):
            found.setdefault((source, target), []).append(port)
        return {pair: ", ".join(ports) for pair, ports in found.items()}

    @property
    def common(self) -> dict[str, str]:
        """End outside -> ports, of those that every component reaches."""
        inside = {name for name, role in self.roles.items() if role != OUTSIDE}
        reached: dict[str, dict[str, str]] = {}
        for (source, target), ports in self.edges.items():
            reached.setdefault(target, {})[source] = ports
        return {
            target: next(iter(by.values()))
            for target, by in reached.items()
            if self.roles[target] == OUTSIDE and len(by) >= MANY and inside <= set(by) and len(set(by.values())) == 1
        }


def graphs(fleet: Fleet) -> list[Graph]:
    """The distinct ones, the most common first; builds that do not build are left out."""
    file = fleet.sources.get(fleet.repository.policy_file(flows.FILE))
    table = [row for row in (flows.parse(file.text) if file else ()) if isinstance(row, flows.Flow)]
    found: dict[tuple[frozenset[Connection], frozenset[tuple[str, str]]], list[str]] = {}
    for build in fleet.workloads():
        if build.error:
            continue
        connections = frozenset(matrix.connections(fleet, build, table))
        used = {name for connection in connections for name in connection[:2]}
        roles = {
            (end.name, _ROLES.get(end.manifest.kind, WORKLOAD) if end.manifest else OUTSIDE)
            for end in matrix.ends(fleet, build)
            if end.manifest or end.name in used
        }
        found.setdefault((connections, frozenset(roles)), []).append(build.cluster)
    made = [Graph(tuple(names), dict(sorted(roles)), connections) for (connections, roles), names in found.items()]
    return sorted(made, key=lambda graph: (-len(graph.clusters), graph.clusters))


def unlike(graph: Graph, usual: Graph) -> tuple[list[str], list[str]]:
    """(more, less) than the most common one, as lines."""
    more, less = graph.connections - usual.connections, usual.connections - graph.connections
    return _lines(more), _lines(less)


def _lines(connections: Iterable[Connection]) -> list[str]:
    ports: dict[tuple[str, str], list[str]] = {}
    for source, target, port in sorted(connections, key=_by_port):
        ports.setdefault((target, source), []).append(port)
    sources: dict[tuple[str, str], list[str]] = {}
    for (target, source), several in sorted(ports.items()):
        sources.setdefault((target, ", ".join(several)), []).append(source)
    return [f"{', '.join(names)} -> {target}: {numbers}" for (target, numbers), names in sources.items()]


def _by_port(connection: Connection) -> tuple[str, str, int, str]:
    source, target, port = connection
    return source, target, int(port.partition("/")[0]), port
