"""The connections that the network policies allow are not those of policies/flows.csv.

Why: policies add up, so one wide selector or one lost label changes who may talk to whom without any error. Computed is
every ordered pair of pods of a build, and of pods and the ends outside (DNS, edge, API server, Prometheus, external
stores, the internet), on every port of the table and of the pods. A connection exists when the egress of its source and
the ingress of its target both allow it. Each row of the table must be possible, nothing else may be.

Fails:

    template:
      metadata:
        labels: {app.kubernetes.io/component: frontend, pybase.dev/redis-client: "true"}

Passes:

    template:
      metadata:
        labels: {app.kubernetes.io/component: frontend}

Fix: remove the change of the policy or label, or change the row of policies/flows.csv in the same commit.
Cannot see: enforcement by the cluster's network plugin; two ends outside whose ranges overlap (a policy cannot tell
them apart either).
Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from collections.abc import Iterator

from gitops import flows, matrix
from gitops.fleet import Fleet
from gitops.problems import Problem

ID = "network-matrix"
SEVERITY = "error"
CONTROLS = ("NP05",)
READS = ("fleet", "data")
SHOWN = 8  # connections named in one message


def check(fleet: Fleet) -> Iterator[Problem]:
    path = fleet.repository.policy_file(flows.FILE)
    rows = list(flows.parse(fleet.sources[path].text)) if path in fleet.sources else []
    table = [row for row in rows if isinstance(row, flows.Flow)]
    faults = [row for row in rows if isinstance(row, flows.Malformed)] or list(matrix.unknown(fleet, table))
    builds = tuple(build.folder for build in fleet.workloads())
    for fault in faults:
        fix = f"write a row as {','.join(flows.COLUMNS)}"
        yield Problem(path, fault.line, ID, "", fault.message, fix, builds=builds)
    if table and not faults:
        yield from _differences(fleet, table, path)


def _differences(fleet: Fleet, table: list[flows.Flow], path: str) -> Iterator[Problem]:
    """One problem for each field, with all connections that it changes in any build."""
    findings: dict[tuple[str, int, str, str, str], tuple[set[str], set[str]]] = {}
    for build in fleet.workloads():
        for cause, flow in matrix.differences(fleet, build, table):
            said = fleet.at(ID, cause.manifest, cause.path, cause.message, cause.fix) if cause.manifest else None
            place = (said.path, said.line, said.object) if said else (path, cause.line, "")
            cells, builds = findings.setdefault((*place, cause.message, cause.fix), (set(), set()))
            cells.add(flow)
            builds.add(build.folder)
    for (file, line, about, message, fix), (cells, builds) in findings.items():
        shown = sorted(cells)[:SHOWN]
        more = f" and {len(cells) - SHOWN} more" if len(cells) > SHOWN else ""
        text = f"{message}: {', '.join(shown)}{more}"
        yield Problem(file, line, ID, about, text, fix, builds=tuple(sorted(builds)))
