"""A container's environment refers to a ConfigMap, key or field that is not there, or sets a name twice.

Why: a pod whose ConfigMap or key is missing stays in CreateContainerConfigError. Of two entries with one name the last
one wins, and the next server-side apply is refused; where Kustomize merges lists, one of them is dropped in silence.
Read are env and envFrom of all containers, init containers too; references with `optional: true` may be missing. Of
the pod itself: fieldRef to a field or label it has not, resourceFieldRef to a container it has not.

Fails:

    env: [{name: BUCKET, valueFrom: {configMapKeyRef: {name: pybase-config, key: S3_BUCKET}}}]

Passes:

    env: [{name: BUCKET, valueFrom: {configMapKeyRef: {name: pybase-config, key: S3_BUCKET_NAME}}}]

Fix: name the existing ConfigMap, key, field or container; delete the second entry.
Cannot see: ConfigMaps that controllers make. Keys of Secrets are the business of secret-key-sealed.
Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/#restrictions
"""

import re
from collections.abc import Iterator

from gitops import patches, references, settings
from gitops.fleet import Fleet
from gitops.kustomizations import listed
from gitops.layout import nearest
from gitops.manifests import CONTAINER_LISTS, Build, Container, Manifest, containers, dig, mapping, sequence
from gitops.nodes import Node
from gitops.problems import Problem
from gitops.references import Use

ID = "env-resolves"
SEVERITY = "error"
CONTROLS = ("XR07", "XR10")
READS = ("render", "source")

_FIELDS = (  # https://kubernetes.io/docs/concepts/workloads/pods/downward-api/#downwardapi-fieldRef
    *(f"metadata.{name}" for name in ("name", "namespace", "uid")),
    *("spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"),
)
_LABEL = re.compile(r"metadata\.(labels|annotations)\['(.+)'\]")
_CONTROLLERS = re.compile(
    r"(?!app\.)(.+\.)?kubernetes\.io/.*|.+-hash|job-name|controller-uid"
)  # labels that pods get later


def check(fleet: Fleet) -> Iterator[Problem]:
    known = settings.table(fleet.table(settings.POLICY))
    there = references.names(references.left_out(fleet))
    lost = {name for build in fleet.workloads() for name in _lost(fleet, build, known)}
    for build in fleet.workloads():
        uses = list(references.in_env(build, ID))
        yield from references.missing(fleet, ID, build, [*uses, *references.in_volumes(build, "volume-source")], there)
        yield from _keys(fleet, build, [use for use in uses if use.key not in lost], set(known))
        for manifest in build.with_pods():
            yield from _twice(fleet, manifest)
            for container in containers(manifest):
                yield from _fields(fleet, manifest, container)


def _lost(fleet: Fleet, build: Build, known: dict[str, settings.Setting]) -> set[str]:
    """The required settings that no ConfigMap has, for app-settings says so."""
    if fleet.environment(build) == "development":
        return set()
    held = {key for config in build.of_kind("ConfigMap") for key in references.keys(config, "data")}
    return {name for name, setting in known.items() if setting.required} - held


def _keys(fleet: Fleet, build: Build, uses: list[Use], known: set[str]) -> Iterator[Problem]:
    for use in uses:
        config = build.find("ConfigMap", use.namespace, use.name)
        held = references.keys(config, "data") if config else set()
        if config is None or use.optional or use.key in ("", *held):
            continue
        meant = references.closest(use.key, held, 0.7)
        if use.key in known and meant and meant not in known:
            continue  # it is the ConfigMap that has the wrong key: app-settings
        message = f"key {use.key} is not in ConfigMap {references.plain(config)}"
        fix = f"correct the key, did you mean {meant}?" if meant else "add it there, or correct the key"
        yield fleet.at(ID, use.manifest, use.key_path, message, fix)


def _twice(fleet: Fleet, manifest: Manifest) -> Iterator[Problem]:
    """As written first: merging a patch drops one of two entries, and the render shows one."""
    said: set[str] = set()
    for file, offset, document in _written(fleet, manifest):
        for entry in _repeated(document, manifest):
            said.add(entry.text("name"))
            message, fix = f"env {entry.text('name')} is set twice in one container", "delete the second entry"
            yield Problem(file, entry.line + offset, ID, manifest.written, message, fix, builds=(manifest.build,))
    for container in containers(manifest):
        names = [str(dig(entry, "name")) for entry in sequence(container.spec.get("env"))]
        for index, name in enumerate(names):
            if name in names[:index] and name not in said:
                message = f"env {name} is set twice in one container"
                yield fleet.at(ID, manifest, (*container.path, "env", index), message, "delete the second entry")


def _written(fleet: Fleet, manifest: Manifest) -> Iterator[tuple[str, int, Node]]:
    """(file, lines before it, document) of the object and of the merge patches that change it."""
    yield manifest.origin, 0, patches.definition(fleet, manifest)
    for file in manifest.changed_in:
        for document in fleet.sources[file].documents[:1] if file in fleet.sources else []:
            for entry in listed(document, "patches"):
                target = entry.get("target")
                for where, offset, body in patches.bodies(fleet, file, entry):
                    named = (body.text("kind"), body.text("metadata", "name")) == (manifest.kind, manifest.name)
                    if patches.selected(fleet, target, manifest) if target else named:
                        yield where, offset, body


def _repeated(document: Node, manifest: Manifest) -> Iterator[Node]:
    for field in CONTAINER_LISTS:
        pods = document.get(*(manifest.pod_path or ()), "spec")
        for container in listed(pods, field) if pods else ():
            seen: set[str] = set()
            for entry in listed(container, "env"):
                name = entry.text("name")
                if name and name in seen:
                    yield entry
                seen.add(name)


def _fields(fleet: Fleet, manifest: Manifest, container: Container) -> Iterator[Problem]:
    names = [other.name for other in containers(manifest)]
    for index, entry in enumerate(sequence(container.spec.get("env"))):
        path = (*container.path, "env", index, "valueFrom")
        other = dig(entry, "valueFrom", "resourceFieldRef", "containerName")
        if isinstance(other, str) and other not in names:
            message, fix = f"the pod has no container {other}", f"correct the name{nearest(other, names, 0)}"
            yield fleet.at(ID, manifest, (*path, "resourceFieldRef", "containerName"), message, fix)
        field = dig(entry, "valueFrom", "fieldRef", "fieldPath")
        if isinstance(field, str) and (wrong := _field(manifest, field)):
            yield fleet.at(ID, manifest, (*path, "fieldRef", "fieldPath"), *wrong)


def _field(manifest: Manifest, field: str) -> tuple[str, str] | None:
    label = _LABEL.fullmatch(field)
    if not label:
        wrong = f"{field} is no field for env", f"correct the field{nearest(field, _FIELDS, 0)}"
        return None if field in _FIELDS else wrong
    held = mapping(manifest.pod_labels)
    if label[1] == "annotations" or label[2] in held or _CONTROLLERS.fullmatch(label[2]):
        return None
    return f"the pod has no label {label[2]}", f"name a label of the pod{nearest(label[2], held)}"
