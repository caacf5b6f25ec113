"""The way in: an address for each Ingress and Gateway, and what its host answers to this machine."""

import socket
import urllib.request
from collections.abc import Iterator
from urllib.error import HTTPError, URLError

from gitops.manifests import Build, Manifest, mapping, sequence
from gitops.smoke.model import FAILED, PASSED, SKIPPED, WARNING, Live, Result, condition

SECONDS = 5
ASKED = (401, 403)  # a page for people who say who they are


def edge(build: Build, live: Live) -> Iterator[Result]:
    for wanted in build.of_kind("Ingress"):
        found = live.find(wanted)
        entry = mapping(next(iter(sequence(found.get("status", "loadBalancer", "ingress") if found else None)), None))
        address = str(entry.get("ip") or entry.get("hostname") or "")
        hint = "the controller of its class is not there or has not answered: kubectl get pods -A"
        text = f"Ingress {wanted.name}: {address or 'no address'}"
        yield Result("edge", PASSED if address else FAILED, text, "" if address else hint)
    yield from _gateways(build, live)
    for url in urls(build):
        if live.simulated:
            yield Result("edge", SKIPPED, f"{url}: nodes are simulated on this cluster, so nobody answers")
        else:
            yield _page(f"{url}/health")


def _gateways(build: Build, live: Live) -> Iterator[Result]:
    """An address for each Gateway; each HTTPRoute accepted, with backends that exist (gateway.networking.k8s.io/v1)."""
    for wanted in build.of_kind("Gateway"):
        found = live.find(wanted)
        entry = mapping(next(iter(sequence(found.get("status", "addresses") if found else None)), None))
        address = str(entry.get("value") or "")
        hint = "the controller of its class is not there or has not answered: kubectl get gatewayclass"
        text = f"Gateway {wanted.name}: {address or 'no address'}"
        yield Result("edge", PASSED if address else FAILED, text, "" if address else hint)
    for wanted in build.of_kind("HTTPRoute"):
        found = live.find(wanted)
        parents = [
            Manifest({"status": mapping(p)}) for p in sequence(found.get("status", "parents") if found else None)
        ]
        states = [condition(parent, kind) for parent in parents for kind in ("Accepted", "ResolvedRefs")]
        wrong = [why for status, why in states if status != "True"] if states else ["no Gateway has taken it"]
        hint = f"kubectl describe -n {wanted.namespace} httproute/{wanted.name}" if wrong else ""
        text = f"HTTPRoute {wanted.name}: {'; '.join(wrong) if wrong else 'accepted'}"
        yield Result("edge", FAILED if wrong else PASSED, text, hint)


def urls(build: Build) -> list[str]:
    """The addresses that a person opens: every host of an Ingress or HTTPRoute, over TLS where it has any."""
    found = {}
    for route in build.of_kind("Ingress"):
        secured = any("tls" in key or "cert" in key for key in route.annotations) or bool(route.get("spec", "tls"))
        for rule in sequence(route.get("spec", "rules")):
            found[str(mapping(rule).get("host", ""))] = secured
    for route in build.of_kind("HTTPRoute"):
        for host in sequence(route.get("spec", "hostnames")):
            found[str(host)] = found.get(str(host), False) or _secured(build, route)
    return [f"{'https' if secured else 'http'}://{host}" for host, secured in sorted(found.items()) if host]


def _secured(build: Build, route: Manifest) -> bool:
    parents = {str(mapping(parent).get("name")) for parent in sequence(route.get("spec", "parentRefs"))}
    gateways = [gateway for gateway in build.of_kind("Gateway") if gateway.name in parents]
    listeners = [entry for gateway in gateways for entry in sequence(gateway.get("spec", "listeners"))]
    return any(mapping(entry).get("protocol") == "HTTPS" for entry in listeners)


def _page(url: str) -> Result:
    """One GET from this machine, which need not be able to reach a private cluster: then it is a warning."""
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            code = answer.status
    except HTTPError as error:
        code = error.code
    except (URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        what = "its name is not known here" if isinstance(reason, socket.gaierror) else str(reason)
        hint = "fine for a private address; else the DNS record, the certificate or a firewall"
        return Result("edge", WARNING, f"{url}: {what}", hint)
    good = code < 400 or code in ASKED
    hint = "" if good else "kubectl describe -n pybase ingress; is the path right, is a pod ready?"
    return Result("edge", PASSED if good else FAILED, f"{url}: answers {code}", hint)
