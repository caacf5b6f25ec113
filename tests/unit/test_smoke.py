"""Each check of `gitops smoke`: everything well says nothing but ok; one thing broken is one failure with its hint."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import fake_cluster
from gitops.cluster import Cluster
from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest
from gitops.smoke import edge, objects, probes, report, workloads
from gitops.smoke.model import FAILED, PASSED, SKIPPED, WARNING, Live, Result

Object = dict[str, Any]
HERE = Cluster("no-kubectl")


@pytest.fixture(scope="module")
def build(the_fleet: Fleet) -> Build:
    return next(b for b in the_fleet.builds if b.folder == "clusters/bare-metal-staging-fra1/workload")


def live(build: Build, change: Callable[[Object], Object | None] = lambda item: item) -> Live:
    """The build, running, each object changed or left out."""
    found = [changed for item in fake_cluster.running(build.objects) if (changed := change(item))]
    return Live(HERE, [Manifest(item) for item in found])


def only(kind: str, name: str, **status: object) -> Callable[[Object], Object | None]:
    """Change the status of one object; without any, it is not there."""

    def change(item: Object) -> Object | None:
        if (item["kind"], item["metadata"]["name"]) != (kind, name):
            return item
        return {**item, "status": {**item.get("status", {}), **status}} if status else None

    return change


def bad(results: Iterator[Result]) -> list[str]:
    return [result.message for result in results if result.outcome not in (PASSED, SKIPPED)]


STATIC = (
    objects.secrets, workloads.workloads, workloads.stores, workloads.jobs, workloads.pods, workloads.resources,
    objects.services, objects.volumes, objects.autoscalers, objects.network_policies, objects.disruption_budgets,
)  # fmt: skip


@pytest.mark.parametrize("check", STATIC, ids=lambda check: check.__name__)
def test_a_healthy_cluster_passes(check: Any, build: Build) -> None:
    results = list(check(build, live(build)))
    assert results and bad(iter(results)) == []


@pytest.mark.parametrize(
    "check, change, message",
    [
        (workloads.workloads, only("Deployment", "pybase-api", readyReplicas=1), "Deployment pybase-api: 1 of 2 ready"),
        (workloads.workloads, only("Deployment", "pybase-frontend"), "Deployment pybase-frontend is not there"),
        (workloads.stores, only("StatefulSet", "pybase-postgresql", readyReplicas=0), "postgresql: 0 of 1 ready"),
        (workloads.pods, only("Pod", "pybase-api-0", phase="Pending", conditions=[]), "Pod pybase-api-0: Pending"),
        (
            objects.secrets,
            only("SealedSecret", "pybase-api-secret", conditions=[]),
            "pybase-api-secret: not opened yet",
        ),
        (edge.edge, only("Gateway", "pybase", addresses=[]), "Gateway pybase: no address"),
        (edge.edge, only("HTTPRoute", "pybase", parents=[]), "HTTPRoute pybase: no Gateway has taken it"),
        (objects.services, only("EndpointSlice", "pybase-api"), "pybase-api: ClusterIP, 10.0.0.1, 0 ready endpoints"),
        (objects.services, only("Service", "pybase-redis"), "Service pybase-redis is not there"),
        (objects.volumes, only("PersistentVolumeClaim", "pybase-redis", phase="Pending"), "pybase-redis: Pending"),
        (objects.volumes, only("PersistentVolumeClaim", "data-pybase-minio-0"), "data-pybase-minio-0: is not there"),
        (objects.autoscalers, only("HorizontalPodAutoscaler", "pybase-api", currentReplicas=1), "too few"),
        (objects.network_policies, only("NetworkPolicy", "default-deny"), "pybase/default-deny is not there"),
        (
            objects.disruption_budgets,
            only("PodDisruptionBudget", "pybase-api", currentHealthy=0),
            "PodDisruptionBudget pybase-api: 0 healthy, 1 wanted",
        ),
    ],
)
def test_what_is_broken_is_named(check: Any, change: Any, message: str, build: Build) -> None:
    found = [r for r in check(build, live(build, change)) if r.outcome == FAILED]
    assert message in found[0].message and (found[0].hint or check is workloads.pods)


def test_a_rollout_that_is_not_seen_yet_is_not_ready(build: Build) -> None:
    def newer(item: Object) -> Object:
        metadata = {**item["metadata"], "generation": 2}
        return {**item, "metadata": metadata, "status": {**item.get("status", {}), "observedGeneration": 1}}

    assert len(bad(workloads.workloads(build, live(build, newer)))) == len(
        [m for m in build.of_kind("Deployment") if m.labels["app.kubernetes.io/component"] not in workloads.STORES]
    )


def test_the_last_event_says_why_a_pod_waits(build: Build) -> None:
    def pulling(item: Object) -> Object:
        if item["metadata"]["name"] != "pybase-api-0":
            return item
        waiting = {"name": "pybase", "state": {"waiting": {"reason": "ImagePullBackOff"}}}
        return {**item, "status": {"phase": "Pending", "containerStatuses": [waiting]}}

    events = [
        {"kind": "Event", "metadata": {"name": t}, "lastTimestamp": t, "message": m, "involvedObject": {"name": p}}
        for t, m, p in (("2", "not\nfound", "pybase-api-0"), ("1", "older", "pybase-api-0"), ("3", "x", "other"))
    ]
    seen = live(build, pulling)
    seen.objects.extend(Manifest(event) for event in events)
    assert bad(workloads.pods(build, seen))[0] == "Pod pybase-api-0: ImagePullBackOff; last event: not found"


def test_external_stores_are_reported_and_do_not_fail(the_fleet: Fleet) -> None:
    eks = next(b for b in the_fleet.builds if b.folder == "clusters/eks-production-us-east-1/workload")
    results = list(workloads.stores(eks, live(eks)))
    assert {result.outcome for result in results} <= {PASSED, SKIPPED}
    assert "postgresql: external; see the check connectivity" in [result.message for result in results]


def test_empty_resources_fail(build: Build) -> None:
    def emptied(item: Object) -> Object:
        for container in item.get("spec", {}).get("template", {}).get("spec", {}).get("containers", []):
            container["resources"] = {}
        return item

    messages = bad(workloads.resources(build, live(build, emptied)))
    assert any("container pybase: no requests.cpu, requests.memory, limits.cpu, limits.memory" in m for m in messages)


def test_a_policy_of_somebody_else_is_a_warning(build: Build) -> None:
    seen = live(build)
    seen.objects.append(Manifest({"kind": "NetworkPolicy", "metadata": {"name": "open", "namespace": "pybase"}}))
    found = [r for r in objects.network_policies(build, seen) if r.outcome == WARNING]
    assert [r.message for r in found] == ["NetworkPolicy pybase/open is not of this repository"]


def test_nothing_is_asked_inside_simulated_pods(build: Build) -> None:
    seen = Live(HERE, live(build).objects, frozenset({"node-1"}))
    results = [*probes.health(build, seen), *probes.connectivity(build, seen)]
    assert {result.outcome for result in results} == {SKIPPED}
    assert all("simulated" in result.message for result in results)


def test_without_a_pod_an_inside_check_fails(build: Build) -> None:
    seen = live(build, lambda item: None if item["kind"] == "Pod" else item)
    assert bad(probes.health(build, seen)) == ["api: no pod to ask", "frontend: no pod to ask"]


def test_addresses_are_those_of_ingresses_and_routes(the_fleet: Fleet) -> None:
    found = {b.cluster: edge.urls(b) for b in the_fleet.workloads()}
    assert found["bare-metal-development-local"] == ["http://pybase.localhost"]
    assert all(url.startswith("https://") for cluster, urls in found.items() if "local" not in cluster for url in urls)


def test_junit_counts_what_failed() -> None:
    results = [Result("a", PASSED, "fine"), Result("b", FAILED, "bad <&>", "do"), Result("c", SKIPPED, "no")]
    text = report.junit("smoke x", results)
    assert '<testsuite name="smoke x" tests="3" failures="1" skipped="1">' in text
    assert '<failure message="bad &lt;&amp;&gt;">do</failure>' in text
    assert report.counts(results) == "1 passed, 1 failed, 0 warnings, 1 skipped"


@contextmanager
def server(*answers: bytes) -> Iterator[int]:
    """A port that gives one answer to each thing it is sent."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with listener.accept()[0] as channel:
                for answer in answers:
                    channel.recv(4096)
                    channel.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


def stores(**environment: str) -> tuple[dict[str, str], str]:
    command = [sys.executable, "-I", "-c", probes.STORES.read_text()]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout), done.stdout + done.stderr


def test_stores_are_reached_with_the_settings_of_the_pod() -> None:
    page = b"HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with (
        server(b"N") as database,
        server(b"+OK\r\n", b"+PONG\r\n") as broker,
        server(page % b"403 Forbidden") as files,
        server(page % b"200 OK") as search,
    ):
        said, _ = stores(
            DATABASE_URL=f"postgresql://pybase:secret-1@127.0.0.1:{database}/pybase",
            REDIS_URL=f"redis://:secret-2@127.0.0.1:{broker}/0",
            S3_ENDPOINT_URL=f"http://127.0.0.1:{files}",
            MEILISEARCH_URL=f"http://127.0.0.1:{search}",
        )
    assert said == {"postgresql": "", "redis": "", "minio": "", "meilisearch": ""}


def test_a_store_that_refuses_is_named_without_its_password() -> None:
    with server(b"-WRONGPASS invalid username-password pair\r\n") as broker:
        said, printed = stores(
            DATABASE_URL="postgresql://pybase:secret-1@127.0.0.1:1/pybase",
            REDIS_URL=f"redis://:secret-2@127.0.0.1:{broker}/0",
            S3_ENDPOINT_URL="http://127.0.0.1:1",
        )
    assert said["redis"] == "AUTH: WRONGPASS" and said["postgresql"] == "Connection refused"
    assert said["meilisearch"] == "MEILISEARCH_URL is not set" and "refused" in said["minio"]
    assert "secret-" not in printed
