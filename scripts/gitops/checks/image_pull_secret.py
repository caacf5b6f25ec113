"""A pod pulls from a private registry without a secret, or with one that is not there or of another type.

Why: the kubelet tries again for ever, and the pod stays in ImagePullBackOff; it starts where the image happens to be on
the node already, and not after the next drain. Private registries are those with `private: true` in
policies/registries.yaml. The secret is named by the pod, or by its ServiceAccount when the pod names none.

Fails:

    spec: {containers: [{name: pybase, image: registry.example.org/pybase:1.0.0}]}

Passes:

    spec:
      imagePullSecrets: [{name: registry}]
      containers: [{name: pybase, image: registry.example.org/pybase:1.0.0}]

Fix: add the SealedSecret (type kubernetes.io/dockerconfigjson) and the reference.
Cannot see: whether the registry takes the credential, and nodes that hold one of their own.
Source: https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/
"""

from collections.abc import Iterator

from gitops import references, registries
from gitops.fleet import Fleet
from gitops.layout import nearest
from gitops.manifests import Build, Manifest, dig, mapping, sequence
from gitops.nodes import Key
from gitops.problems import Problem

ID = "image-pull-secret"
SEVERITY = "error"
CONTROLS = ("IM07",)
READS = ("render", "data")
TYPES = {"kubernetes.io/dockerconfigjson": ".dockerconfigjson", "kubernetes.io/dockercfg": ".dockercfg"}
FIELD = "imagePullSecrets"


def check(fleet: Fleet) -> Iterator[Problem]:
    there = {manifest.name for manifest in references.left_out(fleet) if manifest.kind == "SealedSecret"}
    for build in fleet.builds:
        private = [str(entry["name"]) for entry in registries.listed(fleet, build) if entry.get("private") is True]
        for manifest in [*build.with_pods(), *build.of_kind("ServiceAccount")]:
            yield from _named(fleet, build, manifest, there)
        for manifest in build.with_pods():
            yield from _without(fleet, build, manifest, private)


def _field(manifest: Manifest) -> tuple[str, ...]:
    return (FIELD,) if manifest.pod_path is None else (*manifest.pod_path, "spec", FIELD)


def _named(fleet: Fleet, build: Build, manifest: Manifest, there: set[str]) -> Iterator[Problem]:
    known = [sealed.name for sealed in build.of_kind("SealedSecret") if _type(sealed) in TYPES]
    for index, entry in enumerate(sequence(manifest.get(*_field(manifest)))):
        name = str(dig(entry, "name") or "")
        path: tuple[Key, ...] = (*_field(manifest), index, "name")
        sealed = build.find("SealedSecret", manifest.namespace, name)
        if sealed is None and name not in there and build.find("Secret", manifest.namespace, name) is None:
            fix = f"seal it, or correct the name{nearest(name, known)}"
            yield fleet.at(ID, manifest, path, f"the pull secret {name} is missing", fix)
        elif sealed is not None and _type(sealed) not in TYPES:
            message = f"the pull secret {name} is of type {_type(sealed)}"
            yield fleet.at(ID, manifest, path, message, f"name one of type {next(iter(TYPES))}")


def _type(sealed: Manifest) -> str:
    return str(sealed.get("spec", "template", "type") or "Opaque")


def _without(fleet: Fleet, build: Build, manifest: Manifest, private: list[str]) -> Iterator[Problem]:
    account = build.find("ServiceAccount", manifest.namespace, str(manifest.pod.get("serviceAccountName") or "default"))
    if sequence(manifest.pod.get(FIELD)) or (account and sequence(mapping(account.data).get(FIELD))):
        return
    for image in registries.used(manifest):
        registry = next((one for one in private if registries.within(image.name, one)), "")
        if registry:
            message = f"image {image.name} is in the private registry {registry}, and the pod has no {FIELD}"
            yield fleet.at(ID, manifest, _field(manifest), message, f"add {FIELD}, and the SealedSecret it names")
            return
