"""A namespace does not refuse the pods that the Pod Security level `restricted` forbids.

Why: the other rules see what is in Git; the namespace's labels stop everything else, also what an operator or a person
makes. `enforce` refuses, `audit` and `warn` say what would be refused. The version is pinned to a Kubernetes minor that
clusters run: with `latest` an upgrade of the cluster could refuse pods that ran the day before.

Fails:

    labels: {pod-security.kubernetes.io/enforce: baseline}

Passes:

    labels:
      pod-security.kubernetes.io/enforce: restricted
      pod-security.kubernetes.io/enforce-version: v1.34
      pod-security.kubernetes.io/audit: restricted
      pod-security.kubernetes.io/warn: restricted

Fix: add the four labels with the cluster's minor. A namespace that an Application makes for a chart needs them as well;
`namespaces` in policies/pod-security.yaml lists those whose pods need a lower level.
Cannot see: namespaces of the platform, such as kube-system.
Source: https://kubernetes.io/docs/tasks/configure-pod-container/enforce-standards-namespace-labels/
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gitops.fleet import Fleet
from gitops.kubeconform import VERSIONS
from gitops.layout import nearest
from gitops.manifests import Manifest, mapping, sequence
from gitops.pod_security import Fault, Path
from gitops.problems import Problem

ID = "namespace-pod-security"
SEVERITY = "error"
CONTROLS = ("PS19",)
READS = ("render", "data")
LEVELS = ("privileged", "baseline", "restricted")
_PREFIX = "pod-security.kubernetes.io/"
_MODES = ("enforce", "audit", "warn")
_LABELS = ("enforce", "enforce-version", "audit", "warn")
_OTHERS = ("audit-version", "warn-version")
_OLDEST = f"v{VERSIONS[0]}"
_PINNED = re.compile(r"v1\.(\d{1,4})")


def check(fleet: Fleet) -> Iterator[Problem]:
    lower = mapping(fleet.table("pod-security.yaml").get("namespaces"))
    for build in fleet.builds:
        for manifest in build.of_kind("Namespace", "Application"):
            for path, name in _made(manifest):
                level = str(lower.get(name)) if manifest.kind == "Application" else ""
                level = level if level in LEVELS else "restricted"
                for fault in _faults(path, mapping(manifest.get(*path)), level):
                    defined = replace(manifest, changed_in=())  # what is missing, no patch has to bring
                    yield fleet.at(ID, defined if fault.path == path else manifest, *fault)


def _made(manifest: Manifest) -> Iterator[tuple[Path, str]]:
    """Where the labels of a namespace that the object is, or makes, are; and its name."""
    policy = ("spec", "syncPolicy")
    if manifest.kind == "Namespace":
        yield ("metadata", "labels"), manifest.name
    elif "CreateNamespace=true" in sequence(manifest.get(*policy, "syncOptions")):
        yield (*policy, "managedNamespaceMetadata", "labels"), str(manifest.get("spec", "destination", "namespace"))


def _faults(path: Path, labels: dict[str, Any], level: str) -> Iterator[Fault]:
    missing = [name for name in _LABELS if labels.get(_PREFIX + name) is None]
    for key in labels:
        if key.startswith(_PREFIX) and key.removeprefix(_PREFIX) not in (*_LABELS, *_OTHERS):
            near = difflib.get_close_matches(key.removeprefix(_PREFIX), missing or _LABELS, n=1)
            missing = [name for name in missing if name not in near]
            yield Fault(
                (*path, key), f"{key} is no label of Pod Security", f"write {_PREFIX}{near[0]}" if near else "delete it"
            )
    if missing:
        values = ", ".join(f"{name}: {_OLDEST if name == 'enforce-version' else level}" for name in missing)
        yield Fault(path, f"Pod Security is not stated: {', '.join(missing)} missing", f"add {_PREFIX}{values}")
    for mode in _MODES:
        value = labels.get(_PREFIX + mode)
        if value is not None and value not in LEVELS[LEVELS.index(level) :]:
            hint = "" if value in LEVELS else nearest(str(value), LEVELS)
            yield Fault((*path, _PREFIX + mode), f"{mode} is {value}{hint}", f"write {level}")
    version = labels.get(_PREFIX + "enforce-version")
    if version is not None and not _supported(str(version)):
        message = f"enforce-version {version} is no minor that clusters run"
        yield Fault((*path, _PREFIX + "enforce-version"), message, f"write the cluster's minor, {_OLDEST} or later")


def _supported(version: str) -> bool:
    """Is it a pinned minor, of the oldest Kubernetes that clusters run or newer, up to the newest?"""
    pinned = _PINNED.fullmatch(version)
    oldest, newest = (int(known.partition(".")[2]) for known in (VERSIONS[0], VERSIONS[-1]))
    return pinned is not None and oldest <= int(pinned[1]) <= newest
