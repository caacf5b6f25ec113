"""Two values of one object, field by field: lists matched by their merge keys, order ignored where it means nothing.

Merge keys: x-kubernetes-patch-merge-key and x-kubernetes-list-map-keys of the Kubernetes API (v1.37), and of Argo CD's
and Gateway API's own lists. Pure.
"""

import enum
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from gitops.manifests import dig


class Absent(enum.Enum):
    """The value of a field that is not there; None is a value that Kubernetes keeps."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT
Steps = tuple[str, ...]

# list field -> alternatives of what names an item; the first that every item has, each once, counts
_KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "volumeMounts": (("mountPath",),),
    "volumeDevices": (("devicePath",),),
    "ports": (("containerPort", "protocol"), ("port", "protocol"), ("containerPort",), ("port",), ("name",)),
    "hostAliases": (("ip",),),
    "topologySpreadConstraints": (("topologyKey", "whenUnsatisfiable"),),
    "volumeClaimTemplates": (("metadata.name",),),
    "envFrom": (("configMapRef.name", "secretRef.name", "prefix"),),
    "rules": (("host",), ("name",), ("alert",), ("record",)),
    "paths": (("path", "pathType"),),
    "tls": (("secretName",),),
    "subjects": (("kind", "namespace", "name"),),
    "ownerReferences": (("uid",),),
    "parentRefs": (("namespace", "name", "sectionName"),),
    "metrics": (("type", "resource.name"),),
    "ignoreDifferences": (("group", "kind", "namespace", "name"),),
    "destinations": (("server", "name", "namespace"),),
    "clusterResourceWhitelist": (("group", "kind"),),
    "namespaceResourceWhitelist": (("group", "kind"),),
    "items": (("key",),),
}
_ANY = (("name",), ("key",))
_ORDERED_KEYED = frozenset({"initContainers"})
# Lists without a key whose order means nothing to Kubernetes, Argo CD or Gateway API; that of any other list may.
_SETS = frozenset(
    [
        "accessModes",
        "add",
        "apiGroups",
        "categories",
        "clusterResourceBlacklist",
        "clusterResourceWhitelist",
        "destinations",
        "dnsNames",
        "drop",
        "egress",
        "except",
        "externalIPs",
        "finalizers",
        "from",
        "hostnames",
        "hosts",
        "imagePullSecrets",
        "ingress",
        "loadBalancerSourceRanges",
        "matchExpressions",
        "matchLabelKeys",
        "mountOptions",
        "namespaceResourceBlacklist",
        "namespaceResourceWhitelist",
        "namespaces",
        "nodeSelectorTerms",
        "nonResourceURLs",
        "policyTypes",
        "ports",
        "resourceNames",
        "resources",
        "shortNames",
        "sourceNamespaces",
        "sourceRepos",
        "subjects",
        "syncOptions",
        "to",
        "tolerations",
        "usages",
        "values",
        "verbs",
    ]
)


@dataclass(frozen=True)
class Change:
    """A field at `path`, with a step `[name]` for an item of a list; one of the values may be ABSENT."""

    path: Steps
    old: Any
    new: Any

    @property
    def where(self) -> str:
        """The path as people write it: spec.template.spec.containers[pybase].image."""
        text = ""
        for step in self.path:
            plain = step.startswith("[") or not any(mark in step for mark in "./[] ")
            text += step if step.startswith("[") else f".{step}" if plain else f'["{step}"]'
        return text.removeprefix(".")


def compare(old: Any, new: Any, path: Steps = ()) -> Iterator[Change]:
    """Every field that differs, at the place where the two part; an item or subtree on one side is one change."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from compare(old.get(key, ABSENT), new.get(key, ABSENT), (*path, str(key)))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _lists(old, new, path)
    elif type(old) is not type(new) or old != new:
        yield Change(path, old, new)


def _lists(old: list[Any], new: list[Any], path: Steps) -> Iterator[Change]:
    field = path[-1] if path else ""
    if key := _key(field, old, new):
        yield from _keyed(old, new, path, key)
        if field in _ORDERED_KEYED:
            yield from _order([key(item) for item in old], [key(item) for item in new], path)
    elif field in _SETS or path == ("rules",):  # those of a Role
        yield from _unkeyed(old, new, path)
    elif any(not isinstance(item, dict) for item in (*old, *new)) or sorted(map(repr, old)) == sorted(map(repr, new)):
        if repr(old) != repr(new):
            yield Change(path, old, new)
    else:
        yield from _unkeyed(old, new, path)


def _keyed(old: list[Any], new: list[Any], path: Steps, key: Callable[[Any], str]) -> Iterator[Change]:
    before, after = {key(item): item for item in old}, {key(item): item for item in new}
    for name in [*before, *(name for name in after if name not in before)]:
        yield from compare(before.get(name, ABSENT), after.get(name, ABSENT), (*path, f"[{name}]"))


def _order(old: list[str], new: list[str], path: Steps) -> Iterator[Change]:
    """The order of what both have, where it means something."""
    before, after = [name for name in old if name in new], [name for name in new if name in old]
    if before != after:
        yield Change((*path, "[order]"), before, after)


def _unkeyed(old: list[Any], new: list[Any], path: Steps) -> Iterator[Change]:
    """Equal items are the same; what is left is compared in order when it is as many, else it went and came."""
    gone, come = Counter(map(repr, old)), Counter(map(repr, new))
    lost = _surplus(old, gone - come)
    found = _surplus(new, come - gone)
    if len(lost) == len(found) and all(isinstance(item, dict) for _, item in (*lost, *found)):
        for (index, before), (_, after) in zip(lost, found, strict=True):
            yield from compare(before, after, (*path, f"[{index}]"))
        return
    yield from (Change((*path, "[]"), item, ABSENT) for _, item in lost)
    yield from (Change((*path, "[]"), ABSENT, item) for _, item in found)


def _surplus(items: list[Any], more: Counter[str]) -> list[tuple[int, Any]]:
    """(index, item) of those that the other list does not have."""
    left, found = Counter(more), []
    for index, item in enumerate(items):
        if left[repr(item)] > 0:
            left[repr(item)] -= 1
            found.append((index, item))
    return found


def _key(field: str, old: list[Any], new: list[Any]) -> Callable[[Any], str] | None:
    """What names the items of both lists, None when nothing does."""
    if not all(isinstance(item, dict) for item in (*old, *new)) or not (old or new):
        return None
    for names in _KEYS.get(field, _ANY):
        key = _reader(names)
        if all(_unique([key(item) for item in items]) for items in (old, new)):
            return key
    return None


def _reader(names: tuple[str, ...]) -> Callable[[Any], str]:
    def key(item: Any) -> str:
        values = (dig(item, *name.split(".")) for name in names)
        return "/".join(str(value) for value in values if value is not None)

    return key


def _unique(names: list[str]) -> bool:
    return all(names) and len(set(names)) == len(names)
