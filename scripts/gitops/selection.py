"""Which workloads a label selector picks, and whether they are those it was written for. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gitops.layout import nearest
from gitops.manifests import Build, Manifest, mapping, selects
from gitops.nodes import Key

NAME, COMPONENT = "app.kubernetes.io/name", "app.kubernetes.io/component"
TASKS = ("Job", "CronJob")  # their pods come and go, and serve nobody
Selector = Mapping[str, Any]
_SELECTOR = ("spec", "selector")


@dataclass(frozen=True)
class Fault:
    """A field that makes a selector pick other pods than those it was written for."""

    manifest: Manifest
    path: tuple[Key, ...]
    message: str
    fix: str


def selected(build: Build, namespace: str, selector: Selector) -> list[Manifest]:
    """The objects whose pods a selector picks. Pods without their own workload's selector labels count as if they had
    them: selector-labels says that."""
    return [
        manifest
        for manifest in build.with_pods()
        if manifest.namespace == namespace
        and (selects(selector, manifest.pod_labels) or selects(selector, _claimed(manifest)))
    ]


def service_selector(service: Manifest) -> dict[str, Any]:
    """The selector of a Service as a LabelSelector, {} when it has none or is a name for another host."""
    selector = mapping(service.get("spec", "selector"))
    return {"matchLabels": selector} if selector and service.get("spec", "type") != "ExternalName" else {}


def owners(build: Build, holder: Manifest) -> list[Manifest]:
    """The workloads of an object's own labels; without such labels the one of its name."""
    near = [manifest for manifest in build.with_pods() if manifest.namespace == holder.namespace]
    wanted = {key: holder.labels[key] for key in (NAME, COMPONENT) if key in holder.labels}
    found = [
        manifest
        for manifest in near
        if COMPONENT in wanted
        and any(selects({"matchLabels": wanted}, labels) for labels in (manifest.labels, _claimed(manifest)))
    ]
    return found or [manifest for manifest in near if manifest.name == holder.name]


def fault(build: Build, holder: Manifest, selector: Selector, known: Iterable[Mapping[str, str]] = ()) -> Fault | None:
    """Why `selector`, the spec.selector of `holder`, does not pick the pods of one workload; None when it does.
    `known`: labels of pods that other programs make in the namespace."""
    found, own = selected(build, holder.namespace, selector), owners(build, holder)
    if not found:
        lost = next((m for m in own if selects(selector, m.labels)), None)
        if any(selects(selector, labels) for labels in known):
            return None
        return _lost(holder, selector, lost) if lost else _nothing(build, holder, selector)
    wanted = [manifest for manifest in found if manifest in own]
    if own and not wanted:
        return _other(holder, selector, found, own[0])
    if len(found) > 1:
        kept = next((m for m in wanted or found if m.kind not in TASKS), found[0])
        return _several(holder, selector, kept, [manifest for manifest in found if manifest is not kept])
    return None


def mistyped(selector: Selector, labels: list[Mapping[str, str]]) -> tuple[tuple[Key, ...], str, str]:
    """(path in the selector, how it reads, fix) of the label that keeps it from matching anything."""
    wanted = mapping(selector.get("matchLabels"))
    keys = {key for found in labels for key in found}
    for key, value in wanted.items():
        values = {str(found[key]) for found in labels if key in found}
        if key not in keys:
            return ("matchLabels", key), f"{key}={value}", f"use a label that pods carry{nearest(key, keys)}"
        if str(value) not in values:
            return ("matchLabels", key), f"{key}={value}", f"use a value that pods carry{nearest(str(value), values)}"
    return (
        (),
        ", ".join(f"{key}={value}" for key, value in wanted.items()) or "with expressions",
        "use labels of one pod",
    )


def names(manifests: Iterable[Manifest]) -> str:
    """As Kind/name, in order."""
    return ", ".join(sorted(f"{manifest.kind}/{manifest.name}" for manifest in manifests))


def _first(manifests: list[Manifest]) -> str:
    """The first two: the rest differs from cluster to cluster."""
    shown = names(manifests).split(", ")
    return ", ".join(shown[:2]) + (" and more" if len(shown) > 2 else "")


def _claimed(manifest: Manifest) -> dict[str, str]:
    """The labels of its pods, with those that the workload itself selects them by."""
    return {**manifest.pod_labels, **mapping(manifest.get("spec", "selector", "matchLabels"))}


def _lost(holder: Manifest, selector: Selector, workload: Manifest) -> Fault:
    """The pods lost the label; their workload still has it."""
    wanted = mapping(selector.get("matchLabels"))
    key = next((k for k, v in wanted.items() if workload.pod_labels.get(k) != v), COMPONENT)
    path = (*(workload.pod_path or ()), "metadata", "labels", key)
    message = f"label {key}={workload.pod_labels.get(key, '')} of its pods: {names([holder])} selects {wanted.get(key)}"
    return Fault(workload, path, message, f"write {wanted.get(key)}")


def _nothing(build: Build, holder: Manifest, selector: Selector) -> Fault:
    labels = [manifest.pod_labels for manifest in owners(build, holder)]
    labels = labels or [m.pod_labels for m in build.with_pods() if m.namespace == holder.namespace]
    step, text, fix = mistyped(selector, list(labels))
    return Fault(holder, (*_SELECTOR, *step), f"selector {text} matches no pod", fix)


def _other(holder: Manifest, selector: Selector, found: list[Manifest], own: Manifest) -> Fault:
    wanted, labels = mapping(selector.get("matchLabels")), _claimed(own)
    key = next((key for key, value in wanted.items() if labels.get(key) != value), None)
    message = f"selector matches {names(found)}, not {names([own])}"
    fix = f"write {key}: {labels[key]}" if key in labels else "use the selector labels of its workload"
    return Fault(holder, (*_SELECTOR, *(("matchLabels", key) if key else ())), message, fix)


def _several(holder: Manifest, selector: Selector, kept: Manifest, others: list[Manifest]) -> Fault:
    """The selector is too wide; or it has all of its workload's selector labels, and another's pods carry them too."""
    wanted, full = mapping(selector.get("matchLabels")), mapping(kept.get("spec", "selector", "matchLabels"))
    missing = [f"{key}: {value}" for key, value in full.items() if wanted.get(key) != value]
    if full and not missing:
        other = others[0]
        where = (*(other.pod_path or ()), "metadata", "labels", *([COMPONENT] if COMPONENT in other.pod_labels else []))
        message = f"its pods carry the labels by which {names([holder])} selects those of {names([kept])}"
        return Fault(other, where, message, f"give them a {COMPONENT} of their own")
    fix = f"add {' and '.join(missing)}" if missing else "use the selector labels of one workload"
    return Fault(holder, _SELECTOR, f"selector matches {names([kept])} and also {_first(others)}", fix)
