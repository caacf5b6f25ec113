"""A volume is a piece of the node, or of a kind that bypasses the cluster's storage.

Why: with a hostPath a pod reads what the kubelet and every other pod keep on the node, and through the socket of the
container runtime it starts any container it likes. nfs, iscsi and other types built into Kubernetes put an address and
its rights into the manifest, where no StorageClass or claim limits them.

Fails:

    volumes: [{name: docker, hostPath: {path: /var/run/docker.sock}}]

Passes:

    volumes: [{name: tmp, emptyDir: {sizeLimit: 1Gi}}]

Fix: use an emptyDir, a PersistentVolumeClaim or a projected volume.
Cannot see: what is behind a claim, for example a PersistentVolume with a hostPath.
Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
"""

from collections.abc import Iterator

from gitops.fleet import Fleet
from gitops.manifests import Manifest, dig, mapping, sequence
from gitops.pod_security import Fault, in_spec, problems
from gitops.problems import Problem

ID = "volume-types"
SEVERITY = "error"
CONTROLS = ("PS08", "PS17")
READS = ("render",)
ALLOWED = (
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
)


def check(fleet: Fleet) -> Iterator[Problem]:
    return problems(fleet, ID, in_pod)


def in_pod(manifest: Manifest) -> Iterator[Fault]:
    for index, volume in enumerate(map(mapping, sequence(manifest.pod.get("volumes")))):
        path = in_spec(manifest, "volumes", index)
        types = [field for field, value in volume.items() if field != "name" and value is not None]
        for field in types:
            if field not in ALLOWED:
                yield Fault((*path, field), *_wrong(field, str(dig(volume, field, "path"))))
        if not types:
            yield Fault(path, f"volume {volume.get('name')} has no type", "write emptyDir: {}")


def _wrong(field: str, path: str) -> tuple[str, str]:
    if field != "hostPath":
        return f"a volume of type {field} is not allowed", "use a PersistentVolumeClaim"
    if path.endswith(".sock"):
        return f"the socket {path} controls the node", "delete the volume and its mount"
    return f"hostPath {path} is a folder of the node", "use an emptyDir, a PersistentVolumeClaim or a projected volume"
