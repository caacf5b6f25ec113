"""What a running pod answers: health, and the connections that its settings name. Skipped where pods are played.

Programs: Python in the images of PyBase (they have neither curl nor wget), BusyBox's wget in the frontend's.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from gitops.errors import GitopsError
from gitops.manifests import Build, Manifest, containers, dig
from gitops.smoke.model import COMPONENT, FAILED, PASSED, SKIPPED, Live, Result

HEALTH = """import json, urllib.request as u
for path in ("health", "ready"):
    with u.urlopen("http://127.0.0.1:8000/api/v1/" + path, timeout=5) as answer:
        print(path, json.load(answer).get("status"), sep="=")
"""
FRONTEND = ("wget", "-q", "-T", "5", "-O", "-", "http://127.0.0.1:8080/health")
STORES = Path(__file__).with_name("stores.py")


def health(build: Build, live: Live) -> Iterator[Result]:
    """/api/v1/health and the body of /api/v1/ready, which is 200 whatever it says; /health of the frontend."""
    answer = _inside("health", build, live, "api", "python", "-I", "-c", HEALTH)
    if isinstance(answer, Result):
        yield answer
    else:
        good = answer.split() == ["health=healthy", "ready=ready"]
        hint = "" if good else "the database or Redis is away: see the check connectivity"
        yield Result("health", PASSED if good else FAILED, f"api: {', '.join(answer.split())}", hint)
    answer = _inside("health", build, live, "frontend", *FRONTEND)
    yield answer if isinstance(answer, Result) else Result("health", PASSED, f"frontend: {answer.strip()[:80]}")


def connectivity(build: Build, live: Live) -> Iterator[Result]:
    """Each store from a pod of the API, and a ping of each worker by the program that its own probe runs."""
    answer = _inside("connectivity", build, live, "api", "python", "-I", "-c", STORES.read_text())
    if isinstance(answer, Result):
        yield answer
    else:
        yield from _stores(answer)
    for wanted in build.of_kind("Deployment"):
        command = _ping(wanted)
        if command:
            component = str(wanted.labels.get(COMPONENT))
            answer = _inside("connectivity", build, live, component, *command)
            text = f"{component}: answers a Celery ping"
            yield answer if isinstance(answer, Result) else Result("connectivity", PASSED, text)


def _stores(answer: str) -> Iterator[Result]:
    try:
        said = dict(json.loads(answer))
    except ValueError:
        yield Result("connectivity", FAILED, f"api: answers {answer[:80]!r}", "look at the log of the pod")
        return
    for store, wrong in said.items():
        hint = f"look at {store}, at the Secret pybase-api-secret and at the NetworkPolicy pybase-{store}-clients"
        text = f"api reaches {store}" if not wrong else f"api does not reach {store}: {wrong}"
        yield Result("connectivity", FAILED if wrong else PASSED, text, hint if wrong else "")


def _ping(workload: Manifest) -> list[str]:
    """The worker's own readiness program, [] for what is not a worker with one."""
    for container in containers(workload):
        command = dig(container.spec, "readinessProbe", "exec", "command") or []
        if any("inspect ping" in str(word) for word in command):
            return [str(word) for word in command]
    return []


def _inside(check: str, build: Build, live: Live, component: str, *command: str) -> str | Result:
    """What the program prints in a pod of the component, or the result when there is none to ask or it fails."""
    owner = next((m for m in build.of_kind("Deployment") if m.labels.get(COMPONENT) == component), None)
    if owner is None:
        return Result(check, SKIPPED, f"{component}: not rendered for this cluster")
    pods = live.pods(owner)
    if not pods:
        hint = f"kubectl describe -n {owner.namespace} deployment/{owner.name}"
        return Result(check, FAILED, f"{component}: no pod to ask", hint)
    if live.played(pods[0]):
        return Result(check, SKIPPED, f"{component}: pods are simulated on this cluster, so nothing runs in them")
    container = next(found.name for found in containers(owner) if not found.init)
    where = [f"--namespace={owner.namespace}", pods[0].name, f"--container={container}"]
    try:
        return live.cluster.run("exec", *where, f"--request-timeout={live.seconds}s", "--", *command)
    except GitopsError as error:
        hint = f"kubectl logs -n {owner.namespace} {pods[0].name}"
        return Result(check, FAILED, f"{component}: {str(error).removeprefix('kubectl exec: ')[:300]}", hint)
