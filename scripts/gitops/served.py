"""What each Ingress and route serves: hosts and matches, and on which listeners. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitops.manifests import Manifest, dig, mapping, sequence
from gitops.nodes import Key
from gitops.routes import Listener, Objects, covers, gateway_of, listeners, parents

Path = tuple[Key, ...]
HOSTED = ("HTTPRoute", "GRPCRoute", "TLSRoute")


@dataclass(frozen=True)
class Served:
    """One match of one host. Two with the same host, match and one port in common are the same request."""

    manifest: Manifest
    host: str
    host_path: Path
    match: tuple[str, ...]
    match_path: Path
    ports: frozenset[str]

    @property
    def text(self) -> str:
        """The request path, as people write it."""
        return self.match[2] if len(self.match) > 2 else ""


@dataclass(frozen=True)
class Host:
    """A host that an Ingress rule or a route names at `path`, "" for any; `takes`: the listeners it attaches to."""

    manifest: Manifest
    name: str
    path: Path
    takes: tuple[Listener, ...] = ()


def named(objects: Objects, manifest: Manifest) -> list[Host]:
    """The hosts of an Ingress or route; of a route without hostnames, those of its listeners."""
    if manifest.kind == "Ingress":
        rules = sequence(manifest.get("spec", "rules"))
        found = [
            Host(manifest, _host(dig(rule, "host")), ("spec", "rules", at, "host")) for at, rule in enumerate(rules)
        ]
        alone = not rules and manifest.get("spec", "defaultBackend") is not None
        return [*found, *([Host(manifest, "", ("spec", "defaultBackend"))] if alone else [])]
    chosen = attached(objects, manifest)
    names = [_host(name) for name in sequence(manifest.get("spec", "hostnames"))]
    if names:
        return [Host(manifest, name, ("spec", "hostnames", at), chosen) for at, name in enumerate(names)]
    hosts = sorted({listener.host for listener in chosen}) or [""]
    return [Host(manifest, name, ("spec", "hostnames"), chosen) for name in hosts]


def attached(objects: Objects, route: Manifest) -> tuple[Listener, ...]:
    """The listeners of the Gateways that a route names and that are there."""
    return tuple(
        listener
        for reference in parents(route)
        if (gateway := gateway_of(objects, reference))
        for listener in listeners(gateway, reference)
    )


def redirects(route: Manifest) -> bool:
    """Does a route nothing but redirect?"""
    rules = [sequence(dig(rule, "filters")) for rule in sequence(route.get("spec", "rules"))]
    return bool(rules) and all(any(dig(entry, "type") == "RequestRedirect" for entry in filters) for filters in rules)


def served(host: Host) -> Iterator[Served]:
    """Every match of a host."""
    manifest = host.manifest
    if manifest.kind == "Ingress":
        yield from _of_ingress(host)
        return
    ports = frozenset(str(each.entry.get("port")) for each in host.takes if covers(each.host, host.name))
    for at, rule in enumerate(map(mapping, sequence(manifest.get("spec", "rules")))):
        matches = sequence(rule.get("matches"))
        for index, match in enumerate(matches or [{}]):
            path: Path = ("spec", "rules", at, *(("matches", index) if matches else ()))
            yield Served(manifest, host.name, host.path, _match(manifest.kind, mapping(match)), path, ports)


def _of_ingress(host: Host) -> Iterator[Served]:
    path = (*host.path[:-1], "http", "paths")
    entries = sequence(host.manifest.get(*path)) if host.path[-1] == "host" else []
    for index, entry in enumerate(map(mapping, entries)):
        exact = "Exact" if entry.get("pathType") == "Exact" else "Prefix"
        match = ("Ingress", exact, _path(entry.get("path"), exact))
        yield Served(host.manifest, host.name, host.path, match, (*path, index, "path"), frozenset({"ingress"}))


def _match(kind: str, match: Mapping[str, Any]) -> tuple[str, ...]:
    """All its conditions: requests that differ in one of them are different ones."""
    if kind != "HTTPRoute":
        return kind, *(repr(sorted(match.items(), key=repr)) if match else "")
    path = mapping(match.get("path"))
    way = str(path.get("type") or "PathPrefix")
    conditions = [_conditions(match.get(field)) for field in ("headers", "queryParams")]
    return kind, way, _path(path.get("value"), way), str(match.get("method") or ""), *conditions


def _conditions(entries: Any) -> str:
    """Header names know no case; the order says nothing."""
    found = [
        (str(entry.get("name")).lower(), str(entry.get("type") or "Exact"), str(entry.get("value")))
        for entry in map(mapping, sequence(entries))
    ]
    return repr(sorted(found))


def _path(value: Any, way: str) -> str:
    """A prefix is one of whole segments, so a slash at its end says nothing."""
    text = str(value or "/")
    return text if way in ("Exact", "RegularExpression") else text.rstrip("/") or "/"


def _host(value: Any) -> str:
    return str(value or "").lower()
