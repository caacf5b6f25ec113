"""Pods of a replicated workload may all be on one node, or are spread by a selector that misses them.

Why: two pods on one node are one pod for a drain or a power cut. The scheduler counts the pods that a constraint's
selector picks: one that misses the workload's own pods is satisfied anywhere. Outside development each Deployment and
StatefulSet with 2 pods or more needs a topology spread constraint or a pod anti-affinity of its own pods.

Fails:

    topologySpreadConstraints:
      - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app.kubernetes.io/component: ap}}}

Passes:

    topologySpreadConstraints:
      - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app.kubernetes.io/component: api}}}

Fix: spread over zone and host with the pod's own labels.
Cannot see: the default constraints of a cluster's scheduler, and how many nodes and zones there are.
Source: https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
"""

from collections.abc import Iterator

from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest, dig, selects, sequence
from gitops.nodes import Key
from gitops.problems import Problem
from gitops.scaling import minimum
from gitops.selection import mistyped, selected

ID = "pod-spread"
SEVERITY = "warning"
CONTROLS = ("AV13",)
READS = ("render",)
_TERMS = (
    ("requiredDuringSchedulingIgnoredDuringExecution", ()),
    ("preferredDuringSchedulingIgnoredDuringExecution", ("podAffinityTerm",)),
)


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.builds:
        for workload in build.of_kind("Deployment", "StatefulSet"):
            constraints, terms = list(_constraints(workload)), list(_anti_affinity(workload))
            missed = [each for each in constraints if not selects(each[1], workload.pod_labels)]
            around = any(selects(selector, workload.pod_labels) for _, selector in [*constraints, *terms])
            lost = [each for each in terms if not selected(build, workload.namespace, each[1] or {})]
            for path, selector in missed or ([] if around else lost):
                yield _missed(fleet, workload, path, selector)
            if not (missed or around or lost) and _replicated(fleet, build, workload):
                message = "nothing keeps its pods apart: all of them may run on one node"
                fix = "add topologySpreadConstraints on zone and host with its selector labels"
                yield fleet.at(ID, workload, ("metadata", "name"), message, fix)


Place = tuple[tuple[Key, ...], dict[str, object] | None]


def _constraints(workload: Manifest) -> Iterator[Place]:
    base = (*(workload.pod_path or ()), "spec", "topologySpreadConstraints")
    for index, entry in enumerate(sequence(workload.pod.get("topologySpreadConstraints"))):
        yield (*base, index, "labelSelector"), dig(entry, "labelSelector")


def _anti_affinity(workload: Manifest) -> Iterator[Place]:
    for field, inner in _TERMS:
        where = ("affinity", "podAntiAffinity", field)
        for index, entry in enumerate(sequence(dig(workload.pod, *where))):
            path = (*(workload.pod_path or ()), "spec", *where, index, *inner, "labelSelector")
            yield path, dig(entry, *inner, "labelSelector")


def _replicated(fleet: Fleet, build: Build, workload: Manifest) -> bool:
    return fleet.environment(build) not in ("", "development") and minimum(build, workload) > 1


def _missed(fleet: Fleet, workload: Manifest, path: tuple[Key, ...], selector: dict[str, object] | None) -> Problem:
    if not isinstance(selector, dict):
        message = "the spread has no labelSelector and so counts no pod"
        return fleet.at(ID, workload, path, message, "add a labelSelector with the pod's own labels")
    step, text, fix = mistyped(selector, [workload.pod_labels])
    return fleet.at(ID, workload, (*path, *step), f"the spread's selector {text} misses its own pods", fix)
