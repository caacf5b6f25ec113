"""An address in the configuration names a Service that is not there, or a port that it does not have.

Why: PyBase, nginx and the Jobs find each other by the names of Services. A misspelt name, or the port of the container
where that of the Service is meant, is legal text everywhere and fails at the first connection. Read are addresses
`scheme://host:port` in ConfigMaps, files of ConfigMaps too, and in env, command and args of pods, whose host has no
domain or that of a namespace of the build (`pybase-minio`, `pybase-minio.pybase.svc`).

Fails:

    literals: ["S3_ENDPOINT_URL=http://pybase-mino:9000"]

Passes:

    literals: ["S3_ENDPOINT_URL=http://pybase-minio:9000"]

Fix: use the nearest Service and its port, or list the store that brings the Service.
Cannot see: addresses in sealed values, and names outside the cluster.
Source: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#services
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from gitops.fleet import Fleet
from gitops.layout import nearest
from gitops.manifests import Build, Manifest, containers, mapping, sequence, strings
from gitops.nodes import Key
from gitops.problems import Problem

ID = "host-resolves"
SEVERITY = "error"
CONTROLS: tuple[str, ...] = ()
READS = ("render",)

_ADDRESS = re.compile(r"\b([a-z][a-z0-9+.-]*)://(?:[^\s/@\"']*@)?([a-z0-9][a-z0-9.-]*)(?::([0-9]+))?(?![\w.$({-])")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*", re.MULTILINE)
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443, "postgresql": 5432, "redis": 6379, "rediss": 6379}
_ITSELF = "localhost"


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.workloads():
        spaces = {manifest.namespace for manifest in build.objects}
        for manifest in build.objects:
            for path, text in _texts(manifest):
                for found in _ADDRESS.finditer(_COMMENT.sub(lambda comment: " " * len(comment[0]), text)):
                    name, _, domain = found[2].partition(".")
                    space = domain.split(".")[0] or manifest.namespace
                    if name != _ITSELF and space in spaces:
                        yield from _address(fleet, build, manifest, path, found, space)


def _texts(manifest: Manifest) -> Iterator[tuple[tuple[Key, ...], str]]:
    if manifest.kind == "ConfigMap":
        yield from strings(manifest.get("data"), "data")
    for container in containers(manifest):
        for field in ("command", "args"):
            yield from strings(container.spec.get(field), *container.path, field)
        for index, entry in enumerate(map(mapping, sequence(container.spec.get("env")))):
            yield from strings(entry.get("value"), *container.path, "env", index, "value")


def _address(
    fleet: Fleet, build: Build, manifest: Manifest, path: tuple[Key, ...], found: re.Match[str], space: str
) -> Iterator[Problem]:
    scheme, host, port = found.groups()
    name = host.partition(".")[0]
    service = build.find("Service", space, name)
    if service is None:
        known = {other.name for other in build.of_kind("Service") if other.namespace == space}
        message, fix = f"no Service {name} in namespace {space}", f"name a Service of the build{nearest(name, known)}"
    else:
        ports = [str(mapping(entry).get("port")) for entry in sequence(service.get("spec", "ports"))]
        wanted = port or str(_PORTS.get(scheme, ""))
        if not ports or not wanted or wanted in ports:
            return
        message, fix = f"Service {name} has no port {wanted}", f"use {' or '.join(ports)}"
    problem = fleet.at(ID, manifest, path, message, fix)
    source = fleet.sources.get(problem.path)
    if not (source and source.documents) and not problem.path.endswith(".env"):  # a file that became a datum
        problem = replace(problem, line=found.string.count("\n", 0, found.start()) + 1)
    yield problem
