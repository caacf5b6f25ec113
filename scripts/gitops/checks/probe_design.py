"""A container behind a Service is asked for no readiness, or liveness asks what is not its own.

Why: without a readiness probe a pod gets requests before it can answer. A liveness probe that asks the database
restarts every pod when the database is away, and one equal to readiness restarts what only should get no requests. A
slow starter needs a startup probe, or liveness ends it before it serves. policies/workloads.yaml says what answers from
the process alone (`process_only`: readiness may ask the same there), what asks `dependencies`, and who is `slow`.

Fails:

    livenessProbe: {httpGet: {path: /api/v1/ready, port: http}}

Passes:

    livenessProbe: {httpGet: {path: /api/v1/live, port: http}}

Fix: add the named probe; point liveness at the process-only path.
Cannot see: what an answer depends on where the file does not say it.
Source: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
"""

from collections.abc import Iterator
from typing import Any

from gitops import programs
from gitops.fleet import Fleet
from gitops.manifests import Build, Container, containers, dig, mapping, sequence
from gitops.pod_security import Fault, like
from gitops.problems import Problem
from gitops.selection import TASKS, selected, service_selector

ID = "probe-design"
SEVERITY = "error"
CONTROLS = ("AV08", "AV09")
READS = ("render", "data")
_WAYS = ("httpGet", "exec", "tcpSocket", "grpc")


def check(fleet: Fleet) -> Iterator[Problem]:
    words, own, slow = (
        programs.dependencies(fleet),
        programs.known(fleet, "process_only"),
        programs.known(fleet, "slow"),
    )
    for build in fleet.builds:
        served = _served(build)
        for manifest in build.with_pods():
            for container in containers(manifest) if manifest.kind not in TASKS else ():
                if container.init:
                    continue
                key = programs.key(manifest, container)
                faults = [*_readiness(container, served.get(manifest.identity, []))]
                faults += [*_liveness(container, words, sequence(own.get(key))), *_startup(container, slow.get(key))]
                for fault in faults:
                    yield fleet.at(ID, manifest, *fault)


def _served(build: Build) -> dict[str, list[Any]]:
    """The ports that Services send to, by the identity of the workload."""
    found: dict[str, list[Any]] = {}
    for service in build.of_kind("Service"):
        ports = [mapping(port) for port in sequence(service.get("spec", "ports"))]
        selector = service_selector(service)
        for manifest in selected(build, service.namespace, selector) if selector else ():
            found.setdefault(manifest.identity, []).extend(p.get("targetPort", p.get("port")) for p in ports)
    return found


def _readiness(container: Container, served: list[Any]) -> Iterator[Fault]:
    ports = [mapping(port) for port in sequence(container.spec.get("ports"))]
    serves = any(port.get("name") in served or port.get("containerPort") in served for port in ports)
    if serves and not _asked(container, "readinessProbe"):
        path = (*container.path, "readinessProbe")
        yield Fault(path, f"container {container.name} gets requests before it can answer", "add a readinessProbe")


def _asked(container: Container, probe: str) -> bool:
    return bool(mapping(container.spec.get(probe))) or like(probe, _without(container, probe))


def _without(container: Container, probe: str) -> dict[str, Any]:
    """Its fields but for the other probes, whose names are alike."""
    return {key: value for key, value in container.spec.items() if not key.endswith("Probe") or key == probe}


def _liveness(container: Container, words: list[str], own: list[Any]) -> Iterator[Fault]:
    ready = _question(container, "readinessProbe")
    for probe in ("livenessProbe", "startupProbe"):
        question = _question(container, probe)
        if question is None:
            continue
        path = (*container.path, probe, question[0])
        fix = f"ask {own[0]}, which the process answers alone" if own else "ask what the process answers alone"
        http = str(question[1][0]).partition("?")[0] if question[0] == "httpGet" else ""
        if touched := next((word for word in words if _touches(question, http, word)), ""):
            yield Fault(path, f"{probe} asks {touched}, whose answer depends on other programs", fix)
        elif own and http and http not in own:
            yield Fault(path, f"{probe} asks {http}, of which nobody says that the process answers it alone", fix)
        elif probe == "livenessProbe" and question == ready and http not in own:
            yield Fault(path, "livenessProbe asks the same as readinessProbe", fix)


Question = tuple[str, tuple[Any, ...]]


def _question(container: Container, probe: str) -> Question | None:
    """How a probe asks, and what; the kubelet's defaults filled in."""
    for way in _WAYS:
        held = dig(container.spec, probe, way)
        if isinstance(held, dict):
            path = str(held.get("path") or "/")
            if way == "exec":
                return way, (" ".join(map(str, sequence(held.get("command")))),)
            return way, (path, held.get("scheme", "HTTP"), _number(container, held.get("port")), held.get("service"))
    return None


def _number(container: Container, port: Any) -> Any:
    named = (mapping(each) for each in sequence(container.spec.get("ports")))
    return next((each.get("containerPort") for each in named if each.get("name") == port), port)


def _touches(question: Question, http: str, word: str) -> bool:
    return http == word if question[0] == "httpGet" else question[0] == "exec" and word in question[1][0]


def _startup(container: Container, seconds: Any) -> Iterator[Fault]:
    """A slow starter that is asked for liveness; failureThreshold is 3 and periodSeconds 10 by default."""
    if not isinstance(seconds, int) or not mapping(container.spec.get("livenessProbe")):
        return
    path, probe = (*container.path, "startupProbe"), mapping(container.spec.get("startupProbe"))
    if not probe and not like("startupProbe", _without(container, "startupProbe")):
        message = f"container {container.name} may take {seconds} s to start, and liveness does not wait"
        yield Fault(path, message, "add a startupProbe")
    figures = [probe.get(field, default) for field, default in (("failureThreshold", 3), ("periodSeconds", 10))]
    if probe and all(isinstance(figure, int) for figure in figures):
        room = figures[0] * figures[1] + int(probe.get("initialDelaySeconds") or 0)
        if room < seconds:
            message = f"startupProbe gives up after {room} s, and container {container.name} may take {seconds}"
            yield Fault((*path, "failureThreshold"), message, f"raise failureThreshold to {-(-seconds // figures[1])}")
