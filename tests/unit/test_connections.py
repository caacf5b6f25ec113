"""The connection budget, with the figures of PyBase's documentation: 50 processes at the autoscalers' maximum."""

from typing import Any

import pytest

from gitops import connections
from gitops.manifests import Build, Manifest

POOL = {"DB_POOL_SIZE": "3", "DB_MAX_OVERFLOW": "1"}


def deployment(name: str, args: list[str], client: bool = True, **spec: Any) -> Manifest:
    labels = {connections.CLIENT: "true"} if client else {}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "pybase", "image": "i", "args": args}]},
    }
    return Manifest({"kind": "Deployment", "metadata": {"name": name}, "spec": {**spec, "template": template}})


def autoscaler(name: str, most: int) -> Manifest:
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": name}, "maxReplicas": most}
    return Manifest({"kind": "HorizontalPodAutoscaler", "metadata": {"name": name}, "spec": spec})


def postgresql(*args: str) -> Manifest:
    pod = {"spec": {"containers": [{"name": "postgresql", "image": "i", "args": list(args)}]}}
    return Manifest({"kind": "StatefulSet", "metadata": {"name": "db"}, "spec": {"template": pod}})


def test_counts_pods_times_processes_times_pool() -> None:
    objects = [
        deployment("api", ["uvicorn", "pybase.main:app"]),
        autoscaler("api", 10),
        deployment("extraction", ["celery", "worker", "--concurrency=2"]),
        autoscaler("extraction", 8),
        deployment("search", ["celery worker --concurrency 4"]),
        autoscaler("search", 6),
        deployment("beat", ["celery", "beat"], client=False, replicas=1),
    ]
    found = connections.clients(Build("b", objects=objects), lambda *_: POOL)
    assert [(c.manifest.name, c.pods, c.processes, c.pool) for c in found] == [
        ("api", 10, 1, 4),
        ("extraction", 8, 2, 4),
        ("search", 6, 4, 4),
    ]
    assert sum(c.connections for c in found) == 200


@pytest.mark.parametrize(
    ("environment", "processes", "pool"),
    [({}, 1, 30), ({"WEB_CONCURRENCY": "2"}, 2, 30), ({"DB_POOL_SIZE": "odd", "DB_MAX_OVERFLOW": "0"}, 1, 20)],
)
def test_defaults_are_those_of_pybase(environment: dict[str, str | None], processes: int, pool: int) -> None:
    (client,) = connections.clients(Build("b", objects=[deployment("api", [], replicas=3)]), lambda *_: environment)
    assert (client.pods, client.processes, client.pool) == (3, processes, pool)


@pytest.mark.parametrize(
    ("args", "limit"), [(["-c", "max_connections=250"], 250), (["-cmax_connections=9"], 9), ([], 100)]
)
def test_limit_of_the_bundled_database(args: list[str], limit: int) -> None:
    found = connections.limit(Build("b", objects=[postgresql(*args)]))
    assert found is not None
    assert found[1] == limit
    assert connections.limit(Build("b")) is None
