"""The table Probes (S17-S19, S29 ...): initial delay, period, timeout, failures in seconds; None: no probe required."""

from typing import Any

import pytest

API = (30, 10, 5, 3), (10, 5, 3, 3), (0, 5, 3, 30)
FRONTEND = (30, 10, 5, 3), (10, 5, 3, 3), (0, 5, 3, 18)
WORKER = (30, 30, 5, 3), (20, 60, 10, 3), (0, 10, 5, 18)
PROBES = {
    ("Deployment", "api"): API,
    ("Deployment", "frontend"): FRONTEND,
    ("Deployment", "extraction-worker"): WORKER,
    ("Deployment", "search-worker"): WORKER,
    ("StatefulSet", "postgresql"): ((30, 10, 5, 3), (5, 10, 5, 3), None),
    ("Deployment", "redis"): ((30, 10, 5, 3), (5, 10, 5, 3), None),
    ("StatefulSet", "minio"): ((30, 30, 20, 3), (10, 30, 20, 3), None),
}
# Meilisearch also has a startup probe: a database upgrade may take minutes (versions.md, notes on the stores).
PROBES["Deployment", "meilisearch"] = ((30, 10, 5, 3), (10, 10, 5, 3), None)


def seconds(probe: dict[str, Any]) -> tuple[int, int, int, int]:
    return (
        probe.get("initialDelaySeconds", 0),
        probe.get("periodSeconds", 10),
        probe.get("timeoutSeconds", 1),
        probe.get("failureThreshold", 3),
    )


@pytest.mark.parametrize("kind, component", PROBES)
def test_probe_figures(kind: str, component: str, get: Any) -> None:
    (container,) = get(kind, component).pod["containers"]
    for name, wanted in zip(("livenessProbe", "readinessProbe", "startupProbe"), PROBES[kind, component], strict=True):
        if wanted is not None:
            assert seconds(container[name]) == wanted, name


def test_d14_api_liveness_is_process_only_and_readiness_reads_the_body(get: Any) -> None:
    (container,) = get("Deployment", "api").pod["containers"]
    assert container["livenessProbe"]["httpGet"]["path"] == "/api/v1/live"
    assert container["startupProbe"]["httpGet"]["path"] == "/api/v1/live"
    assert container["readinessProbe"]["exec"]["command"][0] == "python"


@pytest.mark.parametrize("component, queue", [("extraction-worker", "extraction"), ("search-worker", "search")])
def test_d16_workers_ping_their_own_node_and_liveness_never_asks_the_broker(
    component: str, queue: str, get: Any
) -> None:
    (container,) = get("Deployment", component).pod["containers"]
    ping = " ".join(container["readinessProbe"]["exec"]["command"])
    assert f"workers.celery_{queue}_worker inspect ping -d {queue}@$HOSTNAME" in ping
    for probe in ("livenessProbe", "startupProbe"):
        assert "celery" not in " ".join(container[probe]["exec"]["command"])


def test_s74_s76_s70_s87_store_probes(get: Any) -> None:
    commands = {
        "redis": ("Deployment", ["redis-cli", "-e", "ping"]),  # -e: a refused password is an error, not an answer
        "postgresql": ("StatefulSet", ["pg_isready"]),
    }
    for component, (kind, words) in commands.items():
        (container,) = get(kind, component).pod["containers"]
        assert container["readinessProbe"]["exec"]["command"][: len(words)] == words
    (container,) = get("Deployment", "meilisearch").pod["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/health"
