"""A workload that an autoscaler owns has `replicas` in Git.

Why: whatever applies the manifest sets the number back: Argo CD does where its Application does not ignore the field,
and so does everyone who applies by hand, during the very load for which there are more pods. What Argo CD ignores it
still sends when it makes the object. So the field has one owner: it stays out of Git.

Fails:

    kind: Deployment
    spec: {replicas: 3}  # and a HorizontalPodAutoscaler scales it

Passes:

    kind: Deployment
    spec: {selector: ...}

Fix: delete `replicas`; the autoscaler's minimum takes its place.
Cannot see: autoscalers that are made in the cluster.
Source: https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling
"""

from collections.abc import Iterator

from gitops.fleet import Fleet
from gitops.problems import Problem
from gitops.scaling import SCALABLE, autoscalers

ID = "replicas-owner"
SEVERITY = "error"
CONTROLS = ("AV06",)
READS = ("render",)


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.builds:
        owned = list(autoscalers(build))
        for manifest in build.of_kind(*SCALABLE):
            owner = next((autoscaler for autoscaler in owned if autoscaler.scales(manifest)), None)
            if owner and manifest.get("spec", "replicas") is not None:
                message = f"replicas is written here, and {owner.manifest.kind}/{owner.manifest.name} owns it"
                fix = f"delete replicas; {owner.fields[0]} takes its place"
                yield fleet.at(ID, manifest, ("spec", "replicas"), message, fix)
