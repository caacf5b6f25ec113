"""How many database connections the application opens at its largest, and how many PostgreSQL accepts. Pure.

Every process holds a pool of its own: each uvicorn process (WEB_CONCURRENCY) and each child of a Celery worker
(--concurrency). A client is a pod labelled pybase.dev/postgresql-client.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from gitops.manifests import Build, Container, Manifest, containers, imageless, sequence

CLIENT = "pybase.dev/postgresql-client"
CONTAINER = "pybase"  # runs the PyBase image
DEFAULT_MAX_CONNECTIONS = 100  # https://www.postgresql.org/docs/16/runtime-config-connection.html
DEFAULT_POOL = {"DB_POOL_SIZE": 20, "DB_MAX_OVERFLOW": 10}  # PyBase 1.0.0
_MAX_CONNECTIONS = re.compile(r"(?:-c\s*|--)?max[_-]connections=(\d+)")
Environment = Callable[[Manifest, Container], Mapping[str, str | None]]


@dataclass(frozen=True)
class Client:
    """A Deployment that opens at most `connections` connections: pods x processes x pool."""

    manifest: Manifest
    pods: int
    processes: int
    pool: int

    @property
    def connections(self) -> int:
        return self.pods * self.processes * self.pool


def clients(build: Build, environment: Environment) -> list[Client]:
    """The database's clients at the maximum of their autoscalers. `environment` gives a container's variables."""
    return [
        Client(manifest, _pods(build, manifest), _processes(container, variables), _pool(variables))
        for manifest in build.of_kind("Deployment", "StatefulSet")
        if manifest.pod_labels.get(CLIENT) == "true"
        for container in application(manifest)
        for variables in [environment(manifest, container)]
    ]


def application(manifest: Manifest) -> Iterator[Container]:
    """The containers that run PyBase; none where a patch missed one of them."""
    if imageless(manifest):
        return iter(())
    return (found for found in containers(manifest) if found.name == CONTAINER and not found.init)


def limit(build: Build) -> tuple[Manifest, int] | None:
    """The bundled PostgreSQL and the connections it accepts; None when the database is outside the cluster."""
    for manifest in build.of_kind("StatefulSet", "Deployment"):
        for container in containers(manifest):
            if container.name == "postgresql":
                found = _MAX_CONNECTIONS.search(" ".join(_words(container)))
                return manifest, int(found.group(1)) if found else DEFAULT_MAX_CONNECTIONS
    return None


def _pods(build: Build, manifest: Manifest) -> int:
    for autoscaler in build.of_kind("HorizontalPodAutoscaler"):
        target = autoscaler.get("spec", "scaleTargetRef")
        most = autoscaler.get("spec", "maxReplicas")
        if isinstance(target, dict) and (target.get("kind"), target.get("name")) == (manifest.kind, manifest.name):
            return most if isinstance(most, int) else 1
    replicas = manifest.get("spec", "replicas")
    return replicas if isinstance(replicas, int) else 1


def _processes(container: Container, variables: Mapping[str, str | None]) -> int:
    """The children of a Celery worker; for anything else the processes of uvicorn."""
    found = re.search(r"(?:--concurrency[= ]|-c )(\d+)", " ".join(_words(container)))
    return int(found.group(1)) if found else _number(variables.get("WEB_CONCURRENCY"), 1)


def _pool(variables: Mapping[str, str | None]) -> int:
    return sum(_number(variables.get(name), default) for name, default in DEFAULT_POOL.items())


def _number(value: str | None, default: int) -> int:
    return int(value) if value is not None and re.fullmatch(r"\s*[0-9]+\s*", value) else default


def _words(container: Container) -> list[str]:
    return [str(word) for key in ("command", "args") for word in sequence(container.spec.get(key))]
