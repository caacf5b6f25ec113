"""A workload without state runs fewer than two pods in production.

Why: one pod is away during every drain, crash and node failure, and its users with it. An autoscaler's minimum takes
the place of `replicas`, and is judged by autoscaler-target. Components that may run once, such as a beat, are `single`
in policies/workloads.yaml; a workload with a volume of its own keeps state, and is not asked for a second pod.

Fails:

    kind: Deployment
    spec: {replicas: 1}

Passes:

    kind: Deployment
    spec: {replicas: 2}

Fix: set replicas or minReplicas to 2.
Cannot see: pods that charts and operators make.
Source: https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#dealing-with-disruptions
"""

from collections.abc import Iterator

from gitops import volumes
from gitops.fleet import Fleet
from gitops.manifests import Manifest, sequence
from gitops.peers import component
from gitops.problems import Problem
from gitops.programs import POLICY, single
from gitops.scaling import autoscalers, minimum

ID = "replica-count"
SEVERITY = "error"
CONTROLS = ("AV01",)
READS = ("render", "data")


def check(fleet: Fleet) -> Iterator[Problem]:
    alone = single(fleet)
    for build in fleet.builds:
        if fleet.environment(build) != "production":
            continue
        known = list(autoscalers(build))
        for workload in build.of_kind("Deployment", "StatefulSet", "ReplicaSet"):
            scaled = any(autoscaler.scales(workload) for autoscaler in known)
            pods = minimum(build, workload)
            if pods < 2 and not scaled and not _has_state(workload) and component(workload) not in alone:
                message = f"{pods} pod{'' if pods == 1 else 's'} in production, and no state to keep"
                fix = f"write replicas: 2 or more, or name the component in `single` of policies/{POLICY}"
                yield fleet.at(ID, workload, ("spec", "replicas"), message, fix)


def _has_state(workload: Manifest) -> bool:
    claimed = any("persistentVolumeClaim" in volume for _, volume, _ in volumes.volumes(workload))
    return claimed or bool(sequence(workload.get("spec", "volumeClaimTemplates")))
