"""A host is served twice in one cluster, is open or a wildcard, or is none of the route's listener.

Why: of two rules for one host and path the older one wins, by the time at which each was made, so a rebuilt cluster
may answer otherwise. A host behind both edges, Ingress and Gateway API, gets the addresses of both in DNS. An empty or
wildcard host takes requests that were never meant for it. Two matches are the same when path, method, headers, query
and the listener's port are; so a redirect on the HTTP listener and a solver's own path are none. A route without
hostnames has those of its listeners.

Fails:

    hostnames: ["*.example.org"]

Passes:

    hostnames: [pybase.example.org]

Fix: give each its own host or path, and list one edge in the cluster's leaf.
Cannot see: routes that controllers make, and hosts of other clusters.
Source: https://gateway-api.sigs.k8s.io/reference/spec/#httproutespec
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from gitops import facts, kustomizations
from gitops.fleet import Fleet
from gitops.layout import nearest
from gitops.manifests import Manifest
from gitops.problems import Problem
from gitops.routes import Objects, by_cluster, covers
from gitops.selection import names
from gitops.served import HOSTED, Host, Served, named, redirects, served

ID = "route-host"
SEVERITY = "error"
CONTROLS = ("XR04",)
READS = ("fleet",)


def check(fleet: Fleet) -> Iterator[Problem]:
    for objects in by_cluster(fleet):
        for problem in _of_cluster(fleet, objects):
            yield replace(
                problem, message=_written(fleet, objects, problem.message), fix=_written(fleet, objects, problem.fix)
            )


def _written(fleet: Fleet, objects: Objects, text: str) -> str:
    """Hosts as they are in the source, so that the same fault in several clusters reads the same."""
    file = fleet.sources.get(fleet.repository.facts_file(objects.builds[0].cluster))
    domain = facts.read(file).get("domain") if file else None
    return text.replace(f".{domain}", ".CLUSTER_DOMAIN") if domain else text


def _of_cluster(fleet: Fleet, objects: Objects) -> Iterator[Problem]:
    found = (host for manifest in objects.of_kind("Ingress", *HOSTED) for host in named(objects, manifest))
    hosts = [host for host in found if not facts.PLACEHOLDER.search(host.name.upper())]  # no-placeholders says those
    for host in hosts:
        yield from _open(fleet, host)
    both = list(_both_edges(hosts))
    for ingress, route in both:
        yield _edges(fleet, objects, ingress, route)
    known = {"", *(route.name for _, route in both)}
    yield from _twice(fleet, [each for host in hosts if host.name not in known for each in served(host)])


def _open(fleet: Fleet, host: Host) -> Iterator[Problem]:
    manifest = host.manifest
    if not host.name:
        fix = "write the host" if manifest.kind == "Ingress" else "write hostnames"
        yield fleet.at(ID, manifest, host.path, "names no host, and so serves every one", fix)
    elif "*" in host.name:
        yield fleet.at(ID, manifest, host.path, f"{host.name} is a wildcard", "write the one host")
    elif host.takes and not any(covers(listener.host, host.name) for listener in host.takes):
        there = sorted({listener.host for listener in host.takes})
        message = f"{host.name} is the host of no listener it names{nearest(host.name, there)}"
        yield fleet.at(ID, manifest, host.path, message, f"write {there[0]}, or give the listener this host")


def _both_edges(hosts: list[Host]) -> Iterator[tuple[Host, Host]]:
    """For each host that both edges serve, one of each."""
    for name in sorted({host.name for host in hosts} - {""}):
        ingress = next((h for h in hosts if h.name == name and h.manifest.kind == "Ingress"), None)
        route = next((h for h in hosts if h.name == name and h.manifest.kind != "Ingress"), None)
        if ingress and route:
            yield ingress, route


def _edges(fleet: Fleet, objects: Objects, ingress: Host, route: Host) -> Problem:
    """Said in the leaf that lists both, at the one listed last; else at the route."""
    fix = "list one edge"
    for build in objects.builds:
        first, second = (_listed(fleet, build.folder, host.manifest) for host in (ingress, route))
        if first and second and first.path != second.path:
            last, manifest = max((first, ingress.manifest), (second, route.manifest), key=lambda each: each[0].line)
            message = f"{last.written} serves {route.name} a second time, as {names([manifest])}"
            return Problem(last.file, last.line, ID, "", message, fix, builds=(build.folder,))
    message = f"{route.name} is served by {names([ingress.manifest])} too"
    return fleet.at(ID, route.manifest, route.path, message, fix)


def _listed(fleet: Fleet, folder: str, manifest: Manifest) -> kustomizations.Entry | None:
    """The entry of a leaf that brings the object."""
    file = kustomizations.of_folder(fleet.sources, folder)
    documents = fleet.sources[file].documents[:1] if file else []
    for entry in (entry for document in documents for entry in kustomizations.entries(file, document)):
        reach = kustomizations.reach(fleet.sources, entry.path)
        if manifest.origin == entry.path or manifest.origin in reach:
            return entry
    return None


def _twice(fleet: Fleet, matches: list[Served]) -> Iterator[Problem]:
    """Matches of one object are said each, two objects once a host."""
    said = set()
    for first, second in combinations(matches, 2):
        if first.host != second.host or not first.ports & second.ports or not _same(first, second):
            continue
        own = first.manifest is second.manifest
        place = second.match_path if own else ()
        key = (first.manifest.identity, second.manifest.identity, second.host, place)
        if key not in said:
            said.add(key)
            yield _again(fleet, first, second)


def _again(fleet: Fleet, first: Served, second: Served) -> Problem:
    fix = "give it a host or path of its own, or delete it"
    if first.manifest is second.manifest:
        message = f"{second.host}{second.text} is served twice here"
        return fleet.at(ID, second.manifest, second.match_path, message, fix)
    if redirects(first.manifest) != redirects(second.manifest):
        redirect, other = (first, second) if redirects(first.manifest) else (second, first)
        message = f"{other.host}{other.text} is on the listener of the redirect {names([redirect.manifest])} too"
        fix = "name the HTTPS listener by sectionName"
        return fleet.at(ID, other.manifest, ("spec", "parentRefs", 0, "sectionName"), message, fix)
    message = f"{second.host}{second.text} is served by {names([first.manifest])} too"
    return fleet.at(ID, second.manifest, second.host_path, message, fix)


def _same(first: Served, second: Served) -> bool:
    """The same request; and a listener takes no HTTPRoute beside a GRPCRoute of the same host."""
    return first.match == second.match or first.manifest.kind != second.manifest.kind
