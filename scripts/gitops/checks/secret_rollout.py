"""A workload goes on with the old value when a value of its Secret changes.

Why: pods read a Secret when they start, and the Secret keeps its name, so nothing restarts them: half of the fleet runs
on with a password that its store no longer takes, and nobody sees it before the next restart. `gitops secrets` writes
when a Secret had its last new value, as `pybase.dev/changed`, and copies it to the pods that use it by the Component
`sealed/rollout` of the cluster.

Fails:

    metadata: {name: pybase-redis-secret, annotations: {pybase.dev/changed: "2026-11-25T10:00:00Z"}}
    # and a Deployment that uses it, with: checksum/pybase-redis-secret: "2026-08-01T10:00:00Z"

Passes:

    template: {metadata: {annotations: {checksum/pybase-redis-secret: "2026-11-25T10:00:00Z"}}}

Fix: run `gitops secrets stub CLUSTER`, which writes the Component again and lists it.
Cannot see: values that were sealed by hand, without the annotation. Jobs are run again by every sync.
Source: https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-environment-variables
"""

from collections.abc import Iterator

from gitops import rollout
from gitops.fleet import Fleet
from gitops.manifests import mapping
from gitops.problems import Problem

ID = "secret-rollout"
SEVERITY = "warning"
CONTROLS = ("SE10",)
READS = ("render",)


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.workloads():
        if not build.cluster:
            continue
        path = fleet.repository.rollout_file(build.cluster)
        for name, when in rollout.changed(build).items():
            mark = f"{rollout.MARK}{name[1]}"
            stale = [
                user.name
                for user in rollout.users(build, name)
                if mapping(user.get(*(user.pod_path or ()), "metadata", "annotations")).get(mark) != when
            ]
            if stale:
                message = f"{', '.join(stale)} would not restart with the last new value of {name[1]}"
                fix = f"run `gitops secrets stub {build.cluster}`"
                yield Problem(path, 1, ID, "", message, fix, builds=(build.folder,))
