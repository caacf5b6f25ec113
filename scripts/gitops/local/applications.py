"""Argo CD's Applications as it reports them: settled or not, why not, and the tree that the root makes.

Fields: status of argoproj.io/v1alpha1 Application; resources carry their health with --persist-resource-health.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gitops import argocd
from gitops.cluster import Cluster
from gitops.manifests import Manifest, dig, mapping, sequence
from gitops.progress import Say

Object = Mapping[str, Any]
Identity = tuple[str, str, str]  # kind, namespace, name
SYNCED, HEALTHY, UNKNOWN = "Synced", "Healthy", "Unknown"
LONGEST = 700  # characters of a message; kustomize wraps its reason in every folder that it came through
ORPHANS = "OrphanedResourceWarning"  # what the platform itself put into the namespace
REFRESH = "argocd.argoproj.io/refresh=hard"


@dataclass(frozen=True)
class Resource:
    """An object of an Application; `health` is "" for kinds that have none; `message` is that of its health, or of the
    sync that failed."""

    kind: str
    namespace: str
    name: str
    sync: str
    health: str
    message: str
    wave: int = 0

    @property
    def settled(self) -> bool:
        return self.sync in (SYNCED, "") and self.health in (HEALTHY, "")


@dataclass(frozen=True)
class Application:
    """One Application; `said` is what its conditions and its last operation complain about."""

    name: str
    sync: str
    health: str
    revision: str
    phase: str
    wave: int
    said: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = field(default=(), repr=False)

    def settled(self, revision: str) -> bool:
        """Synced and healthy at the commit, with no operation under way."""
        at = (self.sync, self.health, self.revision) == (SYNCED, HEALTHY, revision)
        return at and self.phase not in ("Running", "Terminating")


def read(objects: Iterable[Object]) -> list[Application]:
    """In the order of their waves, the root first."""
    found = [_application(item) for item in objects]
    return sorted(found, key=lambda app: (app.name != "root", app.wave, app.name))


def _application(item: Object) -> Application:
    status = mapping(item.get("status"))
    operation = mapping(status.get("operationState"))
    phase = "Running" if item.get("operation") else str(operation.get("phase", ""))
    conditions = [mapping(condition) for condition in sequence(status.get("conditions"))]
    said = [str(condition.get("message")) for condition in conditions if condition.get("type") != ORPHANS]
    if phase in ("Failed", "Error", "Running"):  # running, it is what is waited for
        said.append(str(operation.get("message", "")))
    refused = dict(_refused(operation))
    return Application(
        name=str(dig(item, "metadata", "name")),
        sync=str(dig(status, "sync", "status") or "Unknown"),
        health=str(dig(status, "health", "status") or "Unknown"),
        revision=str(dig(status, "sync", "revision") or ""),
        phase=phase,
        wave=argocd.wave(Manifest(dict(item))),
        said=tuple(" ".join(text.split()) for text in said if text),
        resources=tuple(_resource(mapping(entry), refused) for entry in sequence(status.get("resources"))),
    )


def _resource(entry: Object, refused: Mapping[Identity, str]) -> Resource:
    health = mapping(entry.get("health"))
    kind, namespace, name, sync = (str(entry.get(key, "")) for key in ("kind", "namespace", "name", "status"))
    message = str(health.get("message") or refused.get((kind, namespace, name), ""))
    wave = _number(entry.get("syncWave"))
    return Resource(kind, namespace, name, sync, str(health.get("status", "")), message, wave)


def _refused(operation: Object) -> Iterator[tuple[Identity, str]]:
    """The objects that the last sync could not apply, with what the API server said."""
    for entry in map(mapping, sequence(dig(operation, "syncResult", "resources"))):
        if entry.get("status") == "SyncFailed":
            kind, namespace, name = (str(entry.get(key, "")) for key in ("kind", "namespace", "name"))
            yield (kind, namespace, name), str(entry.get("message", ""))


def _number(value: object) -> int:
    text = str(value or 0)
    return int(text) if text.removeprefix("-").isdigit() else 0


def wait(kubectl: Cluster, revision: str, seconds: int, say: Say) -> bool:
    """Ask Argo CD to look now, then until every Application is settled at the commit or the time is out."""
    end, asked = time.monotonic() + seconds, set[str]()
    while time.monotonic() < end:
        found = read(kubectl.every("applications.argoproj.io", "argocd"))
        late = [app.name for app in found if app.revision != revision and app.name not in asked]
        if late:  # a child may be new, or have its new source only now
            kubectl.run("annotate", "applications.argoproj.io", "--namespace=argocd", "--overwrite", *late, REFRESH)
            asked.update(late)
        done = [app for app in found if app.settled(revision)]
        if found and len(done) == len(found):
            return True
        say(f"{len(done)} of {len(found)} Applications are Synced and Healthy; waiting for {_waiting(found, revision)}")
        time.sleep(0.5)
    return False


def _waiting(found: list[Application], revision: str) -> str:
    """The object that is waited for, as far as it is known."""
    for app in found:
        if not app.settled(revision):
            names = [f"{r.kind} {r.name}" for r in app.resources if not r.settled]
            return f"{app.name}{f' ({names[0]})' if names else ''}"
    return "the first"


def unsettled(applications: Iterable[Application], revision: str) -> Iterator[str]:
    """A line for everything that is not as the commit wants it."""
    for app in applications:
        if app.settled(revision):
            continue
        where = "" if app.revision == revision else f", at {app.revision[:8] or 'no commit'}"
        yield f"{app.name}: {app.sync}, {app.health}{where}{f', {app.phase}' if app.phase else ''}"
        yield from (f"  {shortened(text)}" for text in app.said)
        for found in app.resources:
            compared = app.sync != UNKNOWN or found.health not in (HEALTHY, "")
            if compared and not found.settled:
                state = f"{found.sync}, {found.health}{f': {found.message}' if found.message else ''}"
                yield f"  {found.kind}/{found.namespace or '-'}/{found.name}: {state}"


def shortened(text: str) -> str:
    """The beginning and the end of a long message; the reason is at either."""
    half = LONGEST // 2
    return text if len(text) <= LONGEST else f"{text[:half]} ... {text[-half:]}"


def tree(applications: list[Application], details: bool = False) -> str:
    """The root and its children, each with sync, health and commit; with `details` every object too."""
    lines = []
    children = [app for app in applications if app.name != "root"]
    for app in applications:
        last = bool(children) and app is children[-1]
        stem = "" if app.name == "root" else ("└─ " if last else "├─ ")
        under = "   " if last or app.name == "root" else "│  "
        lines.append(f"{stem}{app.name:<24}{app.sync:<12}{app.health:<14}{app.revision[:8]:<10}{app.phase}".rstrip())
        if details and app.name != "root":
            for found in app.resources:
                lines.append(f"{under}  {found.kind}/{found.name:<40} {found.sync:<12}{found.health}".rstrip())
    return "\n".join(lines)
