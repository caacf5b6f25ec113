"""A probe, a Service or a network policy names a port that the containers of its pods do not declare.

Why: a targetPort or probe port that nobody listens on fails at run time only: the pod is never ready, or every request
ends in a refused connection. A policy's ports are container ports, on the destination pod, never those of the Service
before it. A probe's name is looked up in its own container; without targetPort a Service sends to its own port number.
Of a policy for several workloads one must have the port; a port to addresses outside is not judged.

Fails:

    ports: [{name: http, port: 80}]       # and the container listens on 8000

Passes:

    ports: [{name: http, port: 80, targetPort: http}]

Fix: name the container port, by its name in Services and probes, by its number in policies.
Cannot see: on which port the program listens, and pods that charts and operators make.
Source: https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports
"""

from collections.abc import Iterator

from gitops.fleet import Fleet
from gitops.layout import nearest
from gitops.manifests import Build, mapping, sequence
from gitops.ports import Declared, Reference, of_policies, of_probes, of_services, serving
from gitops.problems import Problem
from gitops.renames import Broken, Target, problems
from gitops.selection import names

ID = "port-declared"
SEVERITY = "error"
CONTROLS = ("AV10", "XR02", "NP07")
READS = ("render", "data")


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.builds:
        broken, used = [], []
        for reference in (*of_probes(build), *of_services(build), *of_policies(fleet, build)):
            found = [port for port in reference.declared if reference.fits(port)]
            used += [_target(reference, port) for port in found if not reference.last]
            if not found:
                broken.append(_broken(build, reference))
        yield from problems(fleet, ID, broken, used)


def _broken(build: Build, reference: Reference) -> Broken:
    where, what, value = reference.manifest, f"{reference.what} {reference.written}", reference.value
    other = next((port for port in reference.declared if reference.fits(port, protocol=False)), None)
    if other:
        path = (*reference.path[:-1], "protocol")
        message = f"{what} is {reference.protocol}, and the container port is {other.protocol}"
        return Broken(where, path, str(value), message, f"write protocol: {other.protocol}")
    service, port = _behind(build, reference) or ("", _alike(reference))
    message = f"{what} is no container port of {names(reference.pods)}"
    if service and where.kind != "Service":
        message = f"{what} is the port of {service}, and no container port of {names(reference.pods)}"
    if port is None:
        return Broken(where, reference.path, str(value), message, _open(reference))
    by_name = isinstance(value, str) or where.kind != "NetworkPolicy"
    shown = f"{port.name} ({port.number})" if by_name and port.name else str(port.number)
    instead = None if reference.last else _target(reference, port)
    fix = f"write targetPort: {port.name or port.number}" if reference.what == "port" else f"use {shown}"
    return Broken(where, reference.path, str(value), message, fix, instead)


def _open(reference: Reference) -> str:
    """What to do when no declared port comes near."""
    ports = sorted({port.name or str(port.number) for port in reference.declared})
    return f"use one of {', '.join(ports)}" if ports else "declare it in the ports of the container"


def _target(reference: Reference, port: Declared) -> Target:
    """The name or the number, as the reference has it."""
    if isinstance(reference.value, str):
        return Target(port.manifest, (*port.path, "name"), f"port {port.name}" if port.name else f"port {port.number}")
    return Target(port.manifest, (*port.path, "containerPort"), f"containerPort {port.number}")


def _behind(build: Build, reference: Reference) -> tuple[str, Declared] | None:
    """The container port behind a Service's port that was written in its place."""
    for service in build.of_kind("Service"):
        workloads = serving(build, service)
        if not any(manifest in workloads for manifest in reference.pods):
            continue
        for entry in map(mapping, sequence(service.get("spec", "ports"))):
            if reference.value not in (entry.get("port"), entry.get("name")):
                continue
            target = entry.get("targetPort", entry.get("port"))
            for port in reference.declared:
                if target in (port.number, port.name):
                    return names([service]), port
    return None


def _alike(reference: Reference) -> Declared | None:
    """The port that was probably meant: the only one of the protocol, or the nearest by name or number."""
    near = [port for port in reference.declared if port.protocol == reference.protocol]
    if len(near) == 1:
        return near[0]
    by_text = {str(text): port for port in near for text in (port.number, port.name) if text}
    guess = nearest(str(reference.value), by_text).removeprefix(", did you mean ").removesuffix("?")
    return by_text.get(guess)
