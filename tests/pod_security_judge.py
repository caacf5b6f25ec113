"""What the Pod Security library of Kubernetes (tools/pod-security) says of a pod, and the rules that it can judge."""

import json
from collections.abc import Iterable

from gitops import tools
from gitops.checks import container_privileges, host_access, init_container_security, run_as_non_root, volume_types
from gitops.kubeconform import VERSIONS
from gitops.manifests import Manifest

GROUP = (container_privileges, host_access, init_container_security, run_as_non_root, volume_types)


def refused(objects: Iterable[Manifest]) -> list[list[str]]:
    """What the library refuses in each object, at the oldest and the newest version that clusters run."""
    lines = "".join(f"{json.dumps(manifest.data)}\n" for manifest in objects)
    answer = tools.run("pod-security", f"v{VERSIONS[0]}", "latest", text=lines)
    return [json.loads(line) for line in answer.splitlines()]
