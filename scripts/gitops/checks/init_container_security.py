"""An init or ephemeral container breaks a Pod Security rule that holds for every container.

Why: it runs in the same pod with the same volumes and the same node under it, only earlier or for a person who debugs.
One privileged init container makes the whole pod as dangerous as a privileged workload, and the admission of Pod
Security refuses the pod either way. The message names the container and the rule.

Fails:

    initContainers: [{name: fix-permissions, image: busybox, securityContext: {runAsUser: 0}}]

Passes:

    initContainers:
      - name: wait-for-database
        securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}

Fix: apply the securityContext of the main container there.
Cannot see: ephemeral containers that a person adds to a running pod.
Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
"""

from collections.abc import Iterator

from gitops.checks import container_privileges, host_access, read_only_root, run_as_non_root
from gitops.fleet import Fleet
from gitops.manifests import Container, Manifest, containers
from gitops.pod_security import Fault
from gitops.problems import Problem

ID = "init-container-security"
SEVERITY = "error"
CONTROLS = ("PS18",)
READS = ("render", "data")


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.builds:
        for manifest in build.with_pods():
            for container in containers(manifest):
                for rule, fault in _broken(fleet, manifest, container) if container.init else ():
                    kind = "init" if "initContainers" in container.path else "ephemeral"
                    message = f"{kind} container {container.name} breaks {rule}: {fault.message}"
                    yield fleet.at(ID, manifest, fault.path, message, fault.fix)


def _broken(fleet: Fleet, manifest: Manifest, container: Container) -> Iterator[tuple[str, Fault]]:
    yield from ((host_access.ID, fault) for fault in host_access.in_container(manifest, container))
    yield from ((container_privileges.ID, fault) for fault in container_privileges.in_container(manifest, container))
    yield from ((run_as_non_root.ID, fault) for fault in run_as_non_root.in_container(manifest, container))
    yield from ((read_only_root.ID, fault) for fault in read_only_root.in_container(fleet, manifest, container))
