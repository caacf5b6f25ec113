"""Ingresses and Gateway API routes: where they attach, what they serve, where they lead. Pure.

Semantics: https://gateway-api.sigs.k8s.io/reference/spec/ and the API reference of Ingress (networking.k8s.io/v1).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitops.connectivity import NAME_LABEL
from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest, dig, mapping, selects, sequence
from gitops.nodes import Key

Path = tuple[Key, ...]
GATEWAY_GROUP = "gateway.networking.k8s.io"
ROUTES = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
# What a listener admits when it does not say: SupportedKinds by protocol.
ADMITS = {
    "HTTP": ("HTTPRoute", "GRPCRoute"),
    "HTTPS": ("HTTPRoute", "GRPCRoute"),
    "TLS": ("TLSRoute", "TCPRoute"),
    "TCP": ("TCPRoute",),
    "UDP": ("UDPRoute",),
}


@dataclass(frozen=True)
class Objects:
    """The objects of all builds of one cluster: a route and its Gateway may be in different ones."""

    builds: tuple[Build, ...]

    def find(self, kind: str, namespace: str, name: str) -> Manifest | None:
        return next((found for build in self.builds if (found := build.find(kind, namespace, name))), None)

    def of_kind(self, *kinds: str) -> Iterator[Manifest]:
        for build in self.builds:
            yield from build.of_kind(*kinds)

    def labels_of(self, namespace: str) -> Mapping[str, str]:
        found = self.find("Namespace", "", namespace)
        return {**(found.labels if found else {}), NAME_LABEL: namespace}


def by_cluster(fleet: Fleet) -> list[Objects]:
    """Builds that belong to no cluster stand alone."""
    groups: dict[str, list[Build]] = {}
    for build in fleet.builds:
        groups.setdefault(build.cluster or build.folder, []).append(build)
    return [Objects(tuple(builds)) for builds in groups.values()]


@dataclass(frozen=True)
class Reference:
    """A field of `manifest` at `path` that names another object, or a port of a Service at `port_path`. `section` is
    a listener, a Service's port or a rule of that name."""

    manifest: Manifest
    path: Path
    kind: str
    group: str
    namespace: str
    name: str
    port: Any = None
    port_path: Path = ()
    section: str = ""


def backends(manifest: Manifest) -> Iterator[Reference]:
    """Every Service behind an Ingress or route, that of mirrors too."""
    if manifest.kind == "Ingress":
        yield from _ingress_backends(manifest)
    elif manifest.kind in ROUTES:
        found = (_reference(manifest, path, entry, "Service", "") for path, entry in _route_backends(manifest))
        yield from (reference for reference in found if (reference.kind, reference.group) == ("Service", ""))


def _ingress_backends(ingress: Manifest) -> Iterator[Reference]:
    places: list[Path] = [("spec", "defaultBackend")]
    for at, rule in enumerate(sequence(ingress.get("spec", "rules"))):
        count = len(sequence(dig(rule, "http", "paths")))
        places += [("spec", "rules", at, "http", "paths", index, "backend") for index in range(count)]
    for path in places:
        service = mapping(ingress.get(*path, "service"))
        port = mapping(service.get("port"))
        field = "name" if port.get("name") else "number"
        if service.get("name"):
            where = (*path, "service", "port", field)
            name, value = str(service["name"]), port.get(field)
            yield Reference(ingress, (*path, "service"), "Service", "", ingress.namespace, name, value, where)


def _route_backends(route: Manifest) -> Iterator[tuple[Path, dict[str, Any]]]:
    for at, rule in enumerate(map(mapping, sequence(route.get("spec", "rules")))):
        yield from _mirrors(("spec", "rules", at), rule)
        for index, entry in enumerate(map(mapping, sequence(rule.get("backendRefs")))):
            path = ("spec", "rules", at, "backendRefs", index)
            yield path, entry
            yield from _mirrors(path, entry)


def _mirrors(path: Path, holder: Mapping[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    for index, entry in enumerate(sequence(holder.get("filters"))):
        mirrored = dig(entry, "requestMirror", "backendRef")
        if isinstance(mirrored, dict):
            yield (*path, "filters", index, "requestMirror", "backendRef"), mirrored


def _reference(manifest: Manifest, path: Path, entry: Mapping[str, Any], kind: str, group: str) -> Reference:
    return Reference(
        manifest,
        path,
        str(entry.get("kind") or kind),
        str(entry.get("group", group)),
        str(entry.get("namespace") or manifest.namespace),
        str(entry.get("name") or ""),
        entry.get("port"),
        (*path, "port"),
        str(entry.get("sectionName") or ""),
    )


def parents(manifest: Manifest) -> list[Reference]:
    """The Gateways that a route attaches to; for an Issuer those that its solvers' routes will."""
    places: list[Path] = [("spec", "parentRefs")] if manifest.kind in ROUTES else []
    if manifest.kind == "Issuer":
        solvers = sequence(manifest.get("spec", "acme", "solvers"))
        places = [
            ("spec", "acme", "solvers", at, "http01", "gatewayHTTPRoute", "parentRefs") for at in range(len(solvers))
        ]
    return [
        _reference(manifest, (*path, index), mapping(entry), "Gateway", GATEWAY_GROUP)
        for path in places
        for index, entry in enumerate(sequence(manifest.get(*path)))
    ]


def attached_policies(manifest: Manifest) -> Iterator[Reference]:
    """The targets of a policy (targetRef, targetRefs, targetReference), and the parameters of a Gateway."""
    kind, group = ("", "") if manifest.kind != "TargetGroupConfiguration" else ("Service", "")
    for field in ("targetRef", "targetReference"):
        if isinstance(manifest.get("spec", field), dict):
            yield _reference(manifest, ("spec", field), manifest.get("spec", field), kind, group)
    for index, entry in enumerate(map(mapping, sequence(manifest.get("spec", "targetRefs")))):
        yield _reference(manifest, ("spec", "targetRefs", index), entry, kind, group)
    parameters = manifest.get("spec", "infrastructure", "parametersRef")
    if manifest.kind == "Gateway" and isinstance(parameters, dict):
        yield _reference(manifest, ("spec", "infrastructure", "parametersRef"), parameters, kind, group)


@dataclass(frozen=True)
class Listener:
    """An entry of a Gateway's listeners, at `path`."""

    gateway: Manifest
    path: Path
    entry: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.entry.get("name"))

    @property
    def host(self) -> str:
        return str(self.entry.get("hostname") or "").lower()

    def admits_namespace(self, objects: Objects, namespace: str) -> bool:
        spaces = mapping(dig(self.entry, "allowedRoutes", "namespaces"))
        match spaces.get("from", "Same"):
            case "All":
                return True
            case "Selector":
                return selects(mapping(spaces.get("selector")), objects.labels_of(namespace))
            case "Same":
                return namespace == self.gateway.namespace
        return False

    def admits_kind(self, kind: str) -> bool:
        kinds = [dig(entry, "kind") for entry in sequence(dig(self.entry, "allowedRoutes", "kinds"))]
        return kind in (kinds or ADMITS.get(str(self.entry.get("protocol")), (kind,)))


def listeners(gateway: Manifest, reference: Reference | None = None) -> list[Listener]:
    """The listeners of a Gateway, or those of them that a parentRef means."""
    found = [
        Listener(gateway, ("spec", "listeners", index), mapping(entry))
        for index, entry in enumerate(sequence(gateway.get("spec", "listeners")))
    ]
    if reference is None:
        return found
    return [
        listener
        for listener in found
        if reference.section in ("", listener.name)
        and (reference.port is None or reference.port == listener.entry.get("port"))
    ]


def gateway_of(objects: Objects, reference: Reference) -> Manifest | None:
    """The Gateway of a parentRef; None for another kind of parent, too."""
    if (reference.kind, reference.group) != ("Gateway", GATEWAY_GROUP):
        return None
    return objects.find("Gateway", reference.namespace, reference.name)


def covers(pattern: str, host: str) -> bool:
    """Do a listener's and a route's host meet? An empty one meets all, `*.` stands for one label or more."""
    if not pattern or not host or pattern == host:
        return True
    if pattern.startswith("*.") and host.endswith(pattern[1:]):
        return True
    return host.startswith("*.") and pattern.endswith(host[1:])
