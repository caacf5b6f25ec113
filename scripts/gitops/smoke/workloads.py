"""Workloads, stores, Jobs and their pods: as many as wanted, ready, with requests and limits."""

from collections.abc import Iterator

from gitops.manifests import Build, Manifest, containers, mapping
from gitops.smoke.model import COMPONENT, FAILED, PASSED, SKIPPED, WARNING, Live, Result, condition, number

STORES = ("postgresql", "redis", "minio", "meilisearch")
CONTROLLERS = ("Deployment", "StatefulSet")
LEFT_OUT = 'Argo CD synced without its hooks: docs/troubleshooting.md, "A new version runs without its migration"'


def workloads(build: Build, live: Live) -> Iterator[Result]:
    """api, frontend, the workers and whatever else of PyBase is rendered."""
    for wanted in build.of_kind(*CONTROLLERS):
        if wanted.labels.get(COMPONENT) not in STORES:
            yield _ready("workloads", wanted, live)


def stores(build: Build, live: Live) -> Iterator[Result]:
    """Those that the cluster runs itself; the others are reported."""
    bundled = {wanted.labels.get(COMPONENT): wanted for wanted in build.of_kind(*CONTROLLERS)}
    for store in STORES:
        if store in bundled:
            yield _ready("stores", bundled[store], live)
        else:
            yield Result("stores", SKIPPED, f"{store}: external; see the check connectivity")


def jobs(build: Build, live: Live) -> Iterator[Result]:
    for wanted in build.of_kind("Job"):
        found = live.find(wanted)
        name = f"Job {wanted.name}"
        if found is None:
            seconds = wanted.get("spec", "ttlSecondsAfterFinished")
            hint = f"it is deleted {seconds} s after its end; if the cluster is younger, sync again" if seconds else ""
            yield Result("jobs", WARNING if seconds else FAILED, f"{name} is not there", hint or "sync again")
        elif _images(found) != _images(wanted):
            ran, has = (", ".join(_images(job)) for job in (found, wanted))
            yield Result("jobs", FAILED, f"{name} ran last with {ran}; the render has {has}", LEFT_OUT)
        elif condition(found, "Complete")[0] == "True":
            yield Result("jobs", PASSED, f"{name} is complete")
        else:
            failed, why = condition(found, "Failed")
            state = f"has failed: {why}" if failed == "True" else "is not complete yet"
            yield Result("jobs", FAILED, f"{name} {state}", f"kubectl logs -n {wanted.namespace} job/{wanted.name}")


def _images(job: Manifest) -> list[str]:
    """What its containers run, each image once."""
    return sorted({str(container.spec["image"]) for container in containers(job)})


def pods(build: Build, live: Live) -> Iterator[Result]:
    """Every pod of the namespaces, then the sum; those of finished Jobs are fine, whatever the first attempts did."""
    done = {job.name for job in live.of_kind("Job") if condition(job, "Complete")[0] == "True"}
    found = [pod for pod in live.of_kind("Pod") if not pod.get("metadata", "deletionTimestamp")]
    ready = [pod for pod in found if _well(pod) or pod.labels.get("batch.kubernetes.io/job-name") in done]
    for pod in found:
        if pod not in ready:
            hint = f"kubectl describe -n {pod.namespace} pod/{pod.name}"
            yield Result("pods", FAILED, f"Pod {pod.name}: {_state(pod)}{_event(live, pod)}", hint)
    outcome = PASSED if found and len(ready) == len(found) else FAILED
    yield Result("pods", outcome, f"{len(ready)} of {len(found)} pods are ready or completed")


def resources(build: Build, live: Live) -> Iterator[Result]:
    """Requests and limits of CPU and memory as the cluster has them; an empty one fails."""
    for wanted in build.of_kind(*CONTROLLERS):
        found = live.find(wanted)
        for container in containers(found) if found else ():
            given = {
                side: mapping(mapping(container.spec.get("resources")).get(side)) for side in ("requests", "limits")
            }
            lack = [f"{side}.{kind}" for side in given for kind in ("cpu", "memory") if not given[side].get(kind)]
            where = f"{wanted.kind} {wanted.name}, container {container.name}"
            shown = ", ".join(f"{side} {given[side].get('cpu')} / {given[side].get('memory')}" for side in given)
            if lack:
                hint = "somebody changed it beside Git; sync again, or look at what mutates it"
                yield Result("resources", FAILED, f"{where}: no {', '.join(lack)}", hint)
            else:
                yield Result("resources", PASSED, f"{where}: {shown}")


def _ready(check: str, wanted: Manifest, live: Live) -> Result:
    """Ready = desired > 0, of the version that was applied last."""
    name, found = f"{wanted.kind} {wanted.name}", live.find(wanted)
    if found is None:
        return Result(check, FAILED, f"{name} is not there", "gitops bootstrap, or look at the Application pybase")
    desired, ready = number(found, "spec", "replicas"), number(found, "status", "readyReplicas")
    updated = number(found, "status", "updatedReplicas")
    current = number(found, "status", "observedGeneration") >= number(found, "metadata", "generation")
    text = f"{name}: {ready} of {desired} ready"
    if current and ready >= desired > 0 and updated >= desired:
        return Result(check, PASSED, text)
    why = "scaled to nothing" if desired == 0 else (condition(found, "Progressing")[1] or "not rolled out")
    late = f", {updated} updated" if updated < desired else ""
    hint = f"kubectl describe -n {wanted.namespace} {wanted.kind.lower()}/{wanted.name}"
    return Result(check, FAILED, f"{text}{late}: {why}", hint)


def _well(pod: Manifest) -> bool:
    phase = pod.get("status", "phase")
    return phase == "Succeeded" or (phase == "Running" and condition(pod, "Ready")[0] == "True")


def _state(pod: Manifest) -> str:
    """What a person would look for: the reason that a container waits, else the phase."""
    held = [*(pod.get("status", "initContainerStatuses") or []), *(pod.get("status", "containerStatuses") or [])]
    waiting = [Manifest(entry).get("state", "waiting", "reason") for entry in held]
    reasons = [str(reason) for reason in waiting if reason and reason != "PodInitializing"]
    phase = str(pod.get("status", "reason") or pod.get("status", "phase") or "Unknown")
    return reasons[0] if reasons else (f"{phase}, not ready" if phase == "Running" else phase)


def _event(live: Live, pod: Manifest) -> str:
    """The last thing that was said about the pod."""
    mine = [event for event in live.of_kind("Event") if event.get("involvedObject", "name") == pod.name]
    last = max(mine, key=_when, default=None)
    return f"; last event: {' '.join(str(last.get('message')).split())[:300]}" if last else ""


def _when(event: Manifest) -> str:
    times = (event.get("lastTimestamp"), event.get("eventTime"), event.get("metadata", "creationTimestamp"))
    return next((str(time) for time in times if time), "")
