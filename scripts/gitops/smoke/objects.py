"""Services, claims, autoscalers, policies and budgets of the render, as the cluster has them."""

import contextlib
from collections.abc import Iterator

from gitops.errors import GitopsError
from gitops.manifests import Build, Manifest, mapping, sequence
from gitops.smoke.model import FAILED, PASSED, SKIPPED, WARNING, Live, Result, condition, number

MADE_HERE = "pybase.dev/made-by=gitops-local"  # the label of Secrets that `gitops local up --context` makes
LOST = "somebody deleted it beside Git; `kubectl get applications -n argocd` says whether Argo CD heals it"


def secrets(build: Build, live: Live) -> Iterator[Result]:
    """Every SealedSecret is opened: its Secret is made of it."""
    plain: dict[str, list[str]] = {}
    for wanted in build.of_kind("SealedSecret"):
        found = live.find(wanted)
        if found is None and wanted.namespace not in plain:
            plain[wanted.namespace] = _made_here(live, wanted.namespace)
        if found is None and f"secret/{wanted.name}" in plain[wanted.namespace]:
            text = f"Secret {wanted.name} is there, not sealed: `gitops local up --context` made it"
            yield Result("secrets", SKIPPED, text)
            continue
        synced, why = condition(found, "Synced") if found else ("", "is not there")
        if synced == "True":
            yield Result("secrets", PASSED, f"SealedSecret {wanted.name} is opened")
        else:
            hint = "sealed with another cluster's certificate, or the controller is not there: gitops secrets --help"
            text = f"SealedSecret {wanted.name}: {why or 'not opened yet'}"
            yield Result("secrets", FAILED, text, hint)


def _made_here(live: Live, namespace: str) -> list[str]:
    """`secret/NAME` of those with the label; values are not asked for."""
    with contextlib.suppress(GitopsError):  # whoever may not list Secrets
        options = (f"--namespace={namespace}", f"--selector={MADE_HERE}", "--output=name")
        return live.cluster.run("get", "secrets", *options).split()
    return []


def services(build: Build, live: Live) -> Iterator[Result]:
    """Type, cluster IP and ready endpoints; a headless one has no IP of its own."""
    for wanted in build.of_kind("Service"):
        found = live.find(wanted)
        if found is None:
            yield Result("services", FAILED, f"Service {wanted.name} is not there", LOST)
            continue
        address = str(found.get("spec", "clusterIP") or "no address")
        shown = "headless" if address == "None" else address
        ready = _endpoints(live, found)
        text = f"Service {wanted.name}: {found.get('spec', 'type')}, {shown}, {ready} ready endpoints"
        good = ready > 0 and address != "no address"
        hint = "" if good else "its pods are not ready, or its selector matches none"
        yield Result("services", PASSED if good else FAILED, text, hint)


def volumes(build: Build, live: Live) -> Iterator[Result]:
    """Claims by themselves and those of StatefulSets: Bound, with the capacity they got."""
    for namespace, name in claims(build):
        found = live.named("PersistentVolumeClaim", namespace, name)
        phase = str(found.get("status", "phase")) if found else "is not there"
        if found and phase == "Bound":
            size = found.get("status", "capacity", "storage")
            text = f"PersistentVolumeClaim {name}: Bound, {size}, class {found.get('spec', 'storageClassName')}"
            yield Result("volumes", PASSED, text)
        else:
            hint = f"kubectl describe -n {namespace} pvc/{name}; no class, no zone or no space are the usual reasons"
            yield Result("volumes", FAILED, f"PersistentVolumeClaim {name}: {phase}", hint)


def claims(build: Build) -> Iterator[tuple[str, str]]:
    """(namespace, name) of every claim that the render leads to."""
    for claim in build.of_kind("PersistentVolumeClaim"):
        yield claim.namespace, claim.name
    for owner in build.of_kind("StatefulSet"):
        for template in sequence(owner.get("spec", "volumeClaimTemplates")):
            name = Manifest(mapping(template)).name
            for ordinal in range(number(owner, "spec", "replicas") or 1):
                yield owner.namespace, f"{name}-{owner.name}-{ordinal}"


def autoscalers(build: Build, live: Live) -> Iterator[Result]:
    """Enough replicas, and metrics to decide with."""
    for wanted in build.of_kind("HorizontalPodAutoscaler"):
        found = live.find(wanted)
        if found is None:
            yield Result("autoscalers", FAILED, f"HorizontalPodAutoscaler {wanted.name} is not there", LOST)
            continue
        least, current = number(found, "spec", "minReplicas") or 1, number(found, "status", "currentReplicas")
        active, why = condition(found, "ScalingActive")
        most = number(found, "spec", "maxReplicas")
        text = f"HorizontalPodAutoscaler {wanted.name}: {current} replicas of {least} to {most}, {_targets(found)}"
        if active == "True" and current >= least:
            yield Result("autoscalers", PASSED, text)
        else:
            hint = (
                "no metrics: is metrics-server there?" if active != "True" else "its pods do not fit, or start slowly"
            )
            yield Result("autoscalers", FAILED, f"{text}; {why if active != 'True' else 'too few'}", hint)


def network_policies(build: Build, live: Live) -> Iterator[Result]:
    """The rendered set is there; one that Git does not have may open what should be closed."""
    wanted = {(item.namespace, item.name) for item in build.of_kind("NetworkPolicy")}
    found = {(item.namespace, item.name) for item in live.of_kind("NetworkPolicy")}
    for namespace, name in sorted(wanted - found):
        yield Result("network-policies", FAILED, f"NetworkPolicy {namespace}/{name} is not there", LOST)
    for namespace, name in sorted(found - wanted):
        message = f"NetworkPolicy {namespace}/{name} is not of this repository"
        yield Result("network-policies", WARNING, message, "it adds to what is allowed; find out who needs it")
    if wanted and wanted <= found:
        yield Result("network-policies", PASSED, f"{len(wanted)} of {len(wanted)} NetworkPolicies are there")


def disruption_budgets(build: Build, live: Live) -> Iterator[Result]:
    for wanted in build.of_kind("PodDisruptionBudget"):
        found = live.find(wanted)
        if found is None:
            yield Result("disruption-budgets", FAILED, f"PodDisruptionBudget {wanted.name} is not there", LOST)
            continue
        healthy, desired = number(found, "status", "currentHealthy"), number(found, "status", "desiredHealthy")
        allowed = number(found, "status", "disruptionsAllowed")
        text = f"PodDisruptionBudget {wanted.name}: {healthy} healthy, {desired} wanted, {allowed} may go"
        good = healthy >= desired and number(found, "status", "expectedPods") > 0
        hint = "" if good else "its pods are not ready, so a drain would wait for ever"
        yield Result("disruption-budgets", PASSED if good else FAILED, text, hint)


def _endpoints(live: Live, service: Manifest) -> int:
    """Ready endpoints of a Service; an unset condition means ready (discovery.k8s.io/v1)."""
    count = 0
    for piece in live.of_kind("EndpointSlice"):
        if piece.namespace == service.namespace and piece.labels.get("kubernetes.io/service-name") == service.name:
            entries = sequence(piece.get("endpoints"))
            count += sum(mapping(mapping(entry).get("conditions")).get("ready", True) is not False for entry in entries)
    return count


def _targets(found: Manifest) -> str:
    """`cpu 12 of 70 %, memory 30 of 80 %`; `?` while there are no metrics."""
    now = {}
    for entry in map(Manifest, filter(None, map(mapping, sequence(found.get("status", "currentMetrics"))))):
        now[entry.get("resource", "name")] = entry.get("resource", "current", "averageUtilization")
    wanted = [Manifest(mapping(entry)) for entry in sequence(found.get("spec", "metrics"))]
    names = (
        (metric.get("resource", "name"), metric.get("resource", "target", "averageUtilization")) for metric in wanted
    )
    return ", ".join(f"{name} {'?' if now.get(name) is None else now[name]} of {target} %" for name, target in names)
