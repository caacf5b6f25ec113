"""A change of this repository's own builds for every kind of risk: patches, and the flag that each raises."""

from dataclasses import dataclass
from typing import Any

from gitops.risk import HIGH, MEDIUM

API, DATABASE = "Deployment/pybase-api", "StatefulSet/pybase-postgresql"
DELETE: dict[str, Any] = {"$patch": "delete"}
POD = "/spec/template/spec"


def put(path: str, value: Any) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}


def drop(path: str) -> dict[str, Any]:
    return {"op": "remove", "path": path}


@dataclass(frozen=True)
class Change:
    """A patch of `target` (Kind/name), and the flag that it raises: what must be in its message, and its object."""

    id: str
    target: str
    patch: Any
    level: str
    words: str
    about: str = ""
    part: str = "workload"
    more: tuple[tuple[str, Any], ...] = ()  # other patches that belong to the change

    @property
    def object(self) -> str:
        kind, _, name = (self.about or self.target).partition("/")
        return f"{kind}/{'-' if kind == 'Namespace' else 'argocd' if self.part == 'apps' else 'pybase'}/{name}"


REDIS, SEALED = "PersistentVolumeClaim/pybase-redis", "SealedSecret/pybase-redis-secret"
ROLE, BINDING = "Role/pybase-worker", "RoleBinding/pybase-search-worker"
BUDGET, SCALER, METALLB = "PodDisruptionBudget/pybase-api", "HorizontalPodAutoscaler/pybase-api", "Application/metallb"
PROJECT, HEADLESS = "AppProject/pybase", "Service/pybase-postgresql-headless"
IMAGE, ANNOTATIONS = f"{POD}/containers/0/image", "/metadata/annotations"
SECURITY = f"{POD}/containers/0/securityContext"
ENFORCE = "/metadata/labels/pod-security.kubernetes.io~1enforce"
OTHER_LABELS = [put("/spec/selector/matchLabels/new", "x"), put("/spec/template/metadata/labels/new", "x")]
NEXT = [put(IMAGE, "ghcr.io/pybase/pybase:1.1.0")]
CLAIM, KEEP = "/spec/volumeClaimTemplates/0/spec", "/spec/persistentVolumeClaimRetentionPolicy"
COMPONENT, SCOPE = "app.kubernetes.io~1component", "sealedsecrets.bitnami.com/cluster-wide"
EVERYONE, CHART = {"kind": "Group", "name": "everyone"}, "/spec/source/targetRevision"
SYNC, FINALIZED = "/spec/syncPolicy/automated", put("/metadata/finalizers", ["resources-finalizer.argocd.argoproj.io"])
SCRATCH = put(f"{POD}/volumes/0", {"name": "data", "emptyDir": {}}) | {"op": "replace"}
ALL_AT_ONCE = {"maxSurge": 1, "maxUnavailable": "100%"}
POSTGRES = "docker.io/library/postgres"

CHANGES = [
    Change("deletion", DATABASE, DELETE, MEDIUM, "stays in the cluster"),
    Change("deletion", API, DELETE, MEDIUM, "no pod is left behind Service pybase-api"),
    Change("deletion", SEALED, DELETE, HIGH, "pybase-redis still refer"),
    Change("deletion", "Namespace/pybase", DELETE, MEDIUM, "stays in the cluster"),
    Change("deletion", METALLB, DELETE, HIGH, "deletes with it", part="apps"),
    Change("deletion", "Application/pybase", DELETE, HIGH, "Delete=false keeps", part="apps"),
    Change("deletion", PROJECT, DELETE, HIGH, "do not sync any more: pybase", part="apps"),
    Change("immutable-field", API, OTHER_LABELS, HIGH, "spec.selector cannot be changed"),
    Change("immutable-field", DATABASE, [put("/spec/serviceName", "x")], HIGH, "orphan"),
    Change("immutable-field", BINDING, [put("/roleRef/name", "x")], HIGH, "roleRef"),
    Change("immutable-field", HEADLESS, [drop("/spec/clusterIP")], HIGH, "clusterIP"),
    Change("volume-shrinks", REDIS, [put("/spec/resources/requests/storage", "500Mi")], HIGH, "to 500Mi"),
    Change("volume-shrinks", DATABASE, [put(f"{CLAIM}/resources/requests/storage", "9Gi")], HIGH, "10Gi to 9Gi"),
    Change("volume-class", REDIS, [put("/spec/storageClassName", "slow")], HIGH, "to slow"),
    Change("volume-class", DATABASE, [put(f"{CLAIM}/storageClassName", "slow")], HIGH, "to slow"),
    Change("volume-replaced", "Deployment/pybase-redis", [SCRATCH], HIGH, "was claim pybase-redis and is emptyDir"),
    Change(
        "volume-replaced", DATABASE, [put(f"{POD}/containers/0/volumeMounts/0/mountPath", "/x")], HIGH, "not mounted"
    ),
    Change("protection-lost", DATABASE, [drop(ANNOTATIONS)], HIGH, "it is deleted when it leaves Git"),
    Change(
        "application-retargeted",
        "Application/pybase",
        [put("/spec/source/path", "x")],
        HIGH,
        "deploys x of",
        part="apps",
    ),
    Change(
        "application-retargeted",
        "Application/pybase",
        [put("/spec/destination/namespace", "x")],
        HIGH,
        "namespace pybase to x): what names no namespace",
        part="apps",
    ),
    Change(
        "application-careless", "Application/pybase", [put(f"{SYNC}/allowEmpty", True)], HIGH, "deletes", part="apps"
    ),
    Change(
        "application-careless", "Application/pybase", [put(f"{SYNC}/enabled", False)], MEDIUM, "arrive", part="apps"
    ),
    Change("application-careless", "Application/root", [FINALIZED], MEDIUM, "so is everything", part="apps"),
    Change("memory-unbounded", API, [drop(f"{POD}/containers/0/resources/limits/memory")], MEDIUM, "of 1Gi"),
    Change("rollout-outage", API, [put("/spec/strategy", {"type": "Recreate"})], HIGH, "takes every pod at once"),
    Change("rollout-outage", API, [put("/spec/strategy/rollingUpdate", ALL_AT_ONCE)], HIGH, "takes every pod at once"),
    Change("volume-retention", DATABASE, [put(f"{KEEP}/whenDeleted", "Delete")], HIGH, "with their data"),
    Change(
        "selector", "Service/pybase-api", [put(f"/spec/selector/{COMPONENT}", "frontend")], MEDIUM, "no longer sends"
    ),
    Change(
        "selector", API, [put(f"/spec/template/metadata/labels/{COMPONENT}", "x")], HIGH, "no longer protects", BUDGET
    ),
    Change("policy-opened", "NetworkPolicy/default-deny", DELETE, HIGH, "become possible"),
    Change("policy-opened", "NetworkPolicy/pybase-redis", [put("/spec/ingress/0", {})], MEDIUM, "-> redis"),
    Change("rbac-widened", ROLE, [put("/rules/0/verbs/-", "list")], MEDIUM, "list"),
    Change("rbac-widened", ROLE, [put("/rules/0/resources/-", "secrets")], HIGH, "get secrets"),
    Change("rbac-widened", BINDING, [put("/subjects/-", EVERYONE)], MEDIUM, "Group/everyone gets the rights of pybase"),
    Change("project-widened", PROJECT, [put("/spec/sourceRepos/-", "*")], HIGH, "sourceRepos", part="apps"),
    Change("secret-scope", SEALED, [put(ANNOTATIONS, {SCOPE: "true"})], HIGH, "from strict to cluster-wide"),
    Change("pod-security-loosened", API, [put(f"{SECURITY}/allowPrivilegeEscalation", True)], HIGH, "gain privileges"),
    Change("pod-security-loosened", API, [put(f"{POD}/hostNetwork", True)], HIGH, "shares the node's network"),
    Change("pod-security-loosened", API, [drop(f"{POD}/securityContext/runAsNonRoot")], HIGH, "may run as root"),
    Change(
        "namespace-loosened", "Namespace/pybase", [put(ENFORCE, "baseline")], HIGH, "baseline instead of restricted"
    ),
    Change("probe-removed", API, [drop(f"{POD}/containers/0/readinessProbe")], MEDIUM, "loses its readinessProbe"),
    Change("too-few-replicas", SCALER, [put("/spec/minReplicas", 1)], HIGH, "from 2 replicas to 1", API),
    Change("too-few-replicas", "Deployment/pybase-redis", [put("/spec/replicas", 0)], HIGH, "switched off"),
    Change("disruption-budget", BUDGET, DELETE, MEDIUM, "every pod of pybase-api at once"),
    Change("disruption-budget", BUDGET, [put("/spec/minAvailable", 0)], MEDIUM, "protects nothing"),
    Change("disruption-budget", BUDGET, [put("/spec/minAvailable", "100%")], MEDIUM, "never be drained"),
    Change("autoscaler-removed", SCALER, DELETE, MEDIUM, "starts anew with one"),
    Change(
        "image-downgrade", DATABASE, [put(IMAGE, f"{POSTGRES}:16.9-alpine3.24")], HIGH, "back from 16.15-alpine3.24"
    ),
    Change(
        "image-moved", API, [put(IMAGE, "example.org/pybase:1.0.0")], MEDIUM, "from example.org/pybase, not ghcr.io"
    ),
    Change("image-moved", DATABASE, [put(IMAGE, f"{POSTGRES}:16.15-alpine3.24")], MEDIUM, "no digest"),
    Change("without-migration", API, NEXT, HIGH, "runs 1.1.0, Job pybase-migrate still 1.0.0"),
    Change("without-migration", API, NEXT, HIGH, "is gone", more=(("Job/pybase-migrate", DELETE),)),
    Change("store-upgrade", DATABASE, [put(IMAGE, f"{POSTGRES}:17.1-alpine3.24")], HIGH, "cannot open its files"),
    Change("add-on-version", METALLB, [put(CHART, "99.0.0")], MEDIUM, "chart metallb goes from ", part="apps"),
    Change("add-on-version", METALLB, [put(CHART, "0.0.1")], HIGH, "goes back from", part="apps"),
    Change(
        "outage", DATABASE, [put(f"{POD}/containers/0/resources/limits/cpu", "2")], MEDIUM, "away until the new one"
    ),
]
