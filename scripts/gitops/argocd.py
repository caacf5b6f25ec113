"""Argo CD's own reading of objects: waves, hooks, sync options, sources, and what a project permits. Pure.

Sources, argo-cd v3.5.3: gitops-engine/pkg/sync/{common,hook,syncwaves} and pkg/apis/application/v1alpha1.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from gitops import facts
from gitops.fleet import Fleet
from gitops.manifests import CLUSTER_SCOPED, Build, Manifest, dig, mapping, sequence
from gitops.nodes import Key

_PREFIX = "argocd.argoproj.io/"
WAVE, OPTIONS, HOOK = f"{_PREFIX}sync-wave", f"{_PREFIX}sync-options", f"{_PREFIX}hook"
DELETE_POLICY, GENERATE_PATHS = f"{_PREFIX}hook-delete-policy", f"{_PREFIX}manifest-generate-paths"
HOOKS = ("PreSync", "Sync", "PostSync", "SyncFail", "Skip")
POLICIES = ("BeforeHookCreation", "HookSucceeded", "HookFailed")
FINALIZER = "resources-finalizer.argocd.argoproj.io"
FINALIZERS = (FINALIZER, f"{FINALIZER}/foreground", f"{FINALIZER}/background")
SYNC_OPTIONS = ("spec", "syncPolicy", "syncOptions")


@dataclass(frozen=True)
class Source:
    """One source of an Application, at `path` of the object."""

    path: tuple[Key, ...]
    entry: dict[str, Any]

    def text(self, field: str) -> str:
        return str(self.entry.get(field) or "")


def group(manifest: Manifest) -> str:
    return str(manifest.get("apiVersion") or "").rpartition("/")[0]


def wave(manifest: Manifest) -> int:
    """The wave; 0 without one, or with one that is no integer (strconv.Atoi)."""
    text = str(manifest.annotations.get(WAVE, "0"))
    return int(text) if is_wave(text) else 0


def is_wave(text: str) -> bool:
    return re.fullmatch(r"[+-]?[0-9]{1,18}", text) is not None


def syncs_with(manifest: Manifest, option: str) -> bool:
    """Has the object this sync option, as an annotation of its own?"""
    return option in listed(manifest, OPTIONS)


def takes_along(application: Manifest) -> bool:
    """Is what it deployed deleted with it? Not with Delete=false on the Application itself."""
    has = any(entry in FINALIZERS for entry in sequence(application.get("metadata", "finalizers")))
    return has and "Delete=false" not in options(application)


def listed(manifest: Manifest, annotation: str) -> list[str]:
    """The entries of an annotation that is a comma list."""
    return [entry.strip() for entry in str(manifest.annotations.get(annotation) or "").split(",") if entry.strip()]


def options(application: Manifest) -> list[str]:
    return [str(option) for option in sequence(application.get(*SYNC_OPTIONS))]


def projects(fleet: Fleet) -> Iterator[tuple[Build, Manifest]]:
    return ((build, project) for build in fleet.builds for project in build.of_kind("AppProject"))


def applications(fleet: Fleet) -> Iterator[tuple[Build, Manifest]]:
    """Every Application, with the build that holds it."""
    return ((build, application) for build in fleet.builds for application in build.of_kind("Application"))


def sources(application: Manifest) -> list[Source]:
    """`sources` when there are any, else `source` (ApplicationSpec.GetSources)."""
    several = sequence(application.get("spec", "sources"))
    if several:
        return [Source(("spec", "sources", at), mapping(entry)) for at, entry in enumerate(several)]
    return [Source(("spec", "source"), mapping(application.get("spec", "source")))]


def repository(fleet: Fleet) -> str:
    """The fleet's own address, "" when no fact says it."""
    file = fleet.sources.get(fleet.repository.fleet_facts_file())
    return facts.read(file).get("repository", "") if file else ""


def synced(fleet: Fleet, application: Manifest) -> Iterator[Build]:
    """The builds that an Application applies, but for those that fail."""
    folders = dict.fromkeys(
        source.text("path").strip("/") for source in sources(application) if not source.text("chart")
    )
    return (build for folder in folders if (build := fleet.build(folder)) and build.objects)


def is_root(application: Manifest) -> bool:
    """Does it apply what it is part of, the Applications of a cluster?"""
    paths = [source.text("path").strip("/") for source in sources(application)]
    return any(path.startswith("clusters/") and path.endswith("/apps") for path in paths)


def has_hooks(build: Build) -> bool:
    return any(set(listed(manifest, HOOK)) & {"PreSync", "Sync", "PostSync"} for manifest in build.objects)


def permits_source(project: Manifest, url: str) -> bool:
    """Project.IsSourcePermitted: one entry matches, and no entry with `!` names it."""
    entries = [str(entry) for entry in sequence(project.get("spec", "sourceRepos"))]
    wanted = normalized(url)
    patterns = [("!" if entry.startswith("!") else "") + normalized(entry.removeprefix("!")) for entry in entries]
    matched = [_negated(pattern, wanted, "/") for pattern in patterns]
    refused = any(pattern.startswith("!") and not hit for pattern, hit in zip(patterns, matched, strict=True))
    return any(matched) and not refused


def permits_destination(project: Manifest, server: str, name: str, namespace: str) -> bool:
    """Project.isDestinationMatched: one entry fits server or name, and namespace; none with `!` refuses."""
    found = False
    for entry in map(mapping, sequence(project.get("spec", "destinations"))):
        of_name, of_server, of_namespace = (str(entry.get(field) or "") for field in ("name", "server", "namespace"))
        named = bool(name) and _negated(of_name, name)
        served = bool(server) and _negated(of_server, server)
        spaced = _negated(of_namespace, namespace)
        by_place = (not named and of_name.startswith("!")) or (not served and of_server.startswith("!") and spaced)
        if (named or served) and spaced:
            found = True
        elif by_place or (not spaced and of_namespace.startswith("!") and served):
            return False
    return found


def permits_kind(project: Manifest, manifest: Manifest) -> bool:
    """Project.IsGroupKindNamePermitted: without a list all namespaced kinds are allowed and no others."""
    spec, scope = mapping(project.get("spec")), "cluster" if manifest.kind in CLUSTER_SCOPED else "namespace"
    white, black = spec.get(f"{scope}ResourceWhitelist"), spec.get(f"{scope}ResourceBlacklist")
    allowed = (scope == "namespace" and white is None) or _in_list(manifest, white)
    return allowed and not _in_list(manifest, black)


def normalized(url: str) -> str:
    """util/git.NormalizeGitURL: case, `.git` and the form of ssh say nothing."""
    url = url.strip().lower()
    if re.fullmatch(r"[^/:@]+@[^/:]+:.*", url):
        url = url.replace(":", "/", 1)
    return url.removesuffix(".git").removeprefix("ssh://")


def _in_list(manifest: Manifest, entries: Any) -> bool:
    wanted = (("kind", manifest.kind), ("group", group(manifest)))
    for entry in map(mapping, sequence(entries)):
        name = str(entry.get("name") or "*")
        if _match(name, manifest.name, "/") and all(_match(str(entry.get(k) or ""), v, "/") for k, v in wanted):
            return True
    return False


def _negated(pattern: str, text: str, separator: str = "") -> bool:
    if pattern.startswith("!"):
        return not _match(pattern[1:], text, separator)
    return pattern == "*" or _match(pattern, text, separator)


def _match(pattern: str, text: str, separator: str = "") -> bool:
    """gobwas/glob: `*` stops at the separator, `**` does not; ?, [abc], [!a-c] and {a,b}."""
    one = f"[^{separator}]" if separator else "."
    parts: Iterable[str] = re.findall(r"\\.|\*\*|\*|\?|\[[^]]*\]|\{[^{}]*\}|.", pattern, re.DOTALL)
    expression = "".join(_part(part, one) for part in parts)
    try:
        return re.fullmatch(expression, text, re.DOTALL) is not None
    except re.error:
        return False


def _part(part: str, one: str) -> str:
    if part in ("**", "*", "?"):
        return {"**": ".*", "*": f"{one}*", "?": one}[part]
    if len(part) > 2 and part[0] == "[":
        return f"[^{part[2:]}" if part[1] in "!^" else part
    if len(part) > 1 and part[0] == "{":
        return f"(?:{'|'.join(map(re.escape, part[1:-1].split(',')))})"
    return re.escape(part[1:] if len(part) > 1 else part)


def destination(application: Manifest) -> tuple[str, str, str]:
    """(server, name, namespace) of where it applies its objects."""
    held = mapping(dig(application.data, "spec", "destination"))
    return str(held.get("server") or ""), str(held.get("name") or ""), str(held.get("namespace") or "")
