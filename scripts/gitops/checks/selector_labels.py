"""A workload's selector is not among the labels of its pod template.

Why: the API server refuses a Deployment, StatefulSet, DaemonSet or ReplicaSet whose selector does not match its own
template, and one with an empty selector. Said is the side that has the other value than the object's own label.

Fails:

    selector: {matchLabels: {app.kubernetes.io/component: api}}
    template: {metadata: {labels: {app.kubernetes.io/component: apis}}}

Passes:

    selector: {matchLabels: {app.kubernetes.io/component: api}}
    template: {metadata: {labels: {app.kubernetes.io/component: api}}}

Fix: copy the selector labels to the template.
Cannot see: the selector that the cluster has already: it cannot be changed.
Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector
"""

from collections.abc import Iterator

from gitops.fleet import Fleet
from gitops.layout import nearest
from gitops.manifests import Manifest, mapping, selects, sequence
from gitops.nodes import Key
from gitops.problems import Problem

ID = "selector-labels"
SEVERITY = "error"
CONTROLS = ("XR12",)
READS = ("render",)

KINDS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
SELECTOR: tuple[Key, ...] = ("spec", "selector", "matchLabels")
LABELS: tuple[Key, ...] = ("spec", "template", "metadata", "labels")


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.builds:
        for manifest in build.of_kind(*KINDS):
            selector, labels = manifest.get("spec", "selector"), manifest.get(*LABELS)
            if not isinstance(selector, dict) or not isinstance(labels or {}, dict):
                continue  # schema-valid
            if not selector.get("matchLabels") and not selector.get("matchExpressions"):
                fix = "write the labels that tell its pods from all others"
                yield fleet.at(ID, manifest, ("spec", "selector"), "the selector is empty", fix)
            yield from _labels(fleet, manifest, mapping(selector.get("matchLabels")), mapping(labels))
            yield from _expressions(fleet, manifest, selector, mapping(labels))


def _labels(fleet: Fleet, manifest: Manifest, wanted: dict[str, object], held: dict[str, object]) -> Iterator[Problem]:
    for key, value in wanted.items():
        found = held.get(key)
        if value == found or not isinstance(value, str) or not isinstance(found, str | None):
            continue
        if key not in held:
            similar = nearest(key, held.keys() - wanted.keys(), 0.85)
            message = f"the pods have no label {key}, which the selector asks for{similar}"
            yield fleet.at(ID, manifest, LABELS, message, f"write {key}: {value} there")
        elif manifest.labels.get(key) == found:
            message = f"the selector asks for {key}={value}, and the pods have {found}"
            yield fleet.at(ID, manifest, (*SELECTOR, key), message, f"write {found}")
        else:
            message = f"the pods have {key}={found}, and the selector asks for {value}"
            yield fleet.at(ID, manifest, (*LABELS, key), message, f"write {value}")


def _expressions(
    fleet: Fleet, manifest: Manifest, selector: dict[str, object], held: dict[str, object]
) -> Iterator[Problem]:
    labels = {key: str(value) for key, value in held.items()}
    for index, expression in enumerate(sequence(selector.get("matchExpressions"))):
        if isinstance(expression, dict) and not selects({"matchExpressions": [expression]}, labels):
            key = expression.get("key")
            message = f"the expression on {key} does not select the pods, which have {labels.get(str(key), 'none')}"
            path = ("spec", "selector", "matchExpressions", index)
            yield fleet.at(ID, manifest, path, message, "write the value of the pods' label")
