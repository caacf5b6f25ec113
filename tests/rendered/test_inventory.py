"""The exact objects of every cluster's two builds: an object that appears or disappears fails here."""

import re

import pytest

from gitops.fleet import Fleet
from gitops.layout import PARTS, Repository
from gitops.manifests import Build
from support import ROOT

Objects = set[tuple[str, str]]


def objects(text: str) -> Objects:
    """Lines `Kind: name name` as (kind, name)."""
    lines = (line.split(":") for line in text.strip().splitlines())
    return {(kind.strip(), name) for kind, names in lines for name in names.split()}


WORKLOAD = objects("""
    ConfigMap: pybase-celery pybase-config pybase-frontend pybase-scripts
    Deployment: pybase-api pybase-extraction-worker pybase-frontend pybase-search-worker
    Job: pybase-migrate
    Namespace: pybase
    NetworkPolicy: default-deny pybase-api pybase-api-server pybase-dns pybase-frontend
    NetworkPolicy: pybase-edge-to-api pybase-edge-to-frontend
    Role: pybase-worker
    RoleBinding: pybase-extraction-worker pybase-search-worker
    SealedSecret: pybase-api-secret
    Service: pybase-api pybase-frontend
    ServiceAccount: pybase-api pybase-extraction-worker pybase-frontend pybase-migrate pybase-search-worker
""")
SCALED = objects("""
    HorizontalPodAutoscaler: pybase-api pybase-extraction-worker pybase-frontend pybase-search-worker
    LimitRange: pybase
    PodDisruptionBudget: pybase-api pybase-extraction-worker pybase-frontend pybase-search-worker
    ResourceQuota: pybase
""")
SEARCH_BEAT = objects("""
    Deployment: pybase-search-beat
    ServiceAccount: pybase-search-beat
""")
POSTGRESQL = objects("""
    ConfigMap: pybase-postgresql-initdb
    NetworkPolicy: pybase-postgresql pybase-postgresql-clients
    PodDisruptionBudget: pybase-postgresql
    SealedSecret: pybase-postgresql-secret
    Service: pybase-postgresql pybase-postgresql-headless
    ServiceAccount: pybase-postgresql
    StatefulSet: pybase-postgresql
""")
REDIS = objects("""
    ConfigMap: pybase-redis-config
    Deployment: pybase-redis
    NetworkPolicy: pybase-redis pybase-redis-clients
    PersistentVolumeClaim: pybase-redis
    SealedSecret: pybase-redis-secret
    Service: pybase-redis
    ServiceAccount: pybase-redis
""")
MINIO = objects("""
    Job: pybase-minio-bucket
    NetworkPolicy: pybase-minio pybase-minio-clients pybase-edge-to-minio
    SealedSecret: pybase-minio-secret
    Service: pybase-minio pybase-minio-headless
    ServiceAccount: pybase-minio pybase-minio-bucket
    StatefulSet: pybase-minio
""")
MEILISEARCH = objects("""
    Deployment: pybase-meilisearch
    NetworkPolicy: pybase-meilisearch pybase-meilisearch-clients
    PersistentVolumeClaim: pybase-meilisearch
    SealedSecret: pybase-meilisearch-secret
    Service: pybase-meilisearch
    ServiceAccount: pybase-meilisearch
""")
BUNDLED = POSTGRESQL | REDIS | MINIO | MEILISEARCH
EXTERNAL_POSTGRESQL = objects("NetworkPolicy: pybase-postgresql-clients")
EXTERNAL_REDIS = objects("NetworkPolicy: pybase-redis-clients")
EXTERNAL_MINIO = objects("NetworkPolicy: pybase-minio-clients")
MANAGED = EXTERNAL_POSTGRESQL | EXTERNAL_REDIS | EXTERNAL_MINIO | MEILISEARCH

STORAGE = objects("StorageClass: pybase-retain")
INGRESS = objects("Ingress: pybase")
GATEWAY = objects("""
    Gateway: pybase
    HTTPRoute: pybase pybase-redirect
    Namespace: edge
""")
ACME = objects("Issuer: pybase-acme")
GKE = GATEWAY | objects("""
    GCPBackendPolicy: pybase-api pybase-frontend
    HealthCheckPolicy: pybase-api pybase-frontend
""")
ENVOY = (
    GATEWAY
    | ACME
    | objects("""
    BackendTrafficPolicy: pybase
    ClientTrafficPolicy: pybase
    EnvoyProxy: pybase
""")
)

PRODUCTION = WORKLOAD | SCALED | STORAGE
STAGING = PRODUCTION | SEARCH_BEAT
WORKLOADS = {
    "aks-production-westeurope": PRODUCTION
    | (EXTERNAL_POSTGRESQL | EXTERNAL_REDIS | MINIO | MEILISEARCH)
    | (GATEWAY | ACME),
    "aks-staging-westeurope": STAGING | BUNDLED | GATEWAY | ACME,
    "bare-metal-development-local": WORKLOAD | SEARCH_BEAT | BUNDLED | INGRESS,
    "bare-metal-production-fra1": PRODUCTION | BUNDLED | ENVOY,
    "bare-metal-staging-fra1": STAGING | BUNDLED | ENVOY,
    "eks-production-eu-west-1": PRODUCTION | MANAGED | INGRESS,
    "eks-production-us-east-1": PRODUCTION | MANAGED | INGRESS,
    "eks-staging-us-east-1": STAGING | BUNDLED | INGRESS,
    "gke-production-us-central1": PRODUCTION | MANAGED | GKE,
    "gke-staging-us-central1": STAGING | BUNDLED | GKE,
}

PROJECTS = objects("AppProject: platform pybase")
METALLB = objects("""
    GatewayClass: envoy
    IPAddressPool: edge
    L2Advertisement: edge
""")
EVERYWHERE = "argocd pybase root sealed-secrets"
ADD_ONS = {
    "aks": "cert-manager external-dns",
    "bare-metal": "cert-manager envoy-gateway envoy-gateway-crds gateway-api longhorn metallb metrics-server",
    "eks": "aws-load-balancer-controller external-dns",
    "gke": "external-dns",
}


def rendered(build: Build) -> Objects:
    """Generated ConfigMaps without the hash of their name."""
    names = ((m.kind, re.sub("-[a-z0-9]{10}$", "", m.name) if m.kind == "ConfigMap" else m.name) for m in build.objects)
    return set(names)


def test_every_cluster_is_in_the_table() -> None:
    assert {cluster.name for cluster in Repository(ROOT).clusters} == set(WORKLOADS)


@pytest.mark.parametrize("cluster", WORKLOADS)
def test_workload_objects(cluster: str, the_fleet: Fleet) -> None:
    (build,) = [b for b in the_fleet.builds if (b.cluster, b.part) == (cluster, PARTS[1])]
    assert rendered(build) == WORKLOADS[cluster]
    assert len(build.objects) == len(WORKLOADS[cluster])


@pytest.mark.parametrize("cluster", WORKLOADS)
def test_apps_objects(cluster: str, the_fleet: Fleet) -> None:
    (build,) = [b for b in the_fleet.builds if (b.cluster, b.part) == (cluster, PARTS[0])]
    provider = next(c.provider for c in the_fleet.clusters if c.name == cluster)
    local = cluster == "bare-metal-development-local"
    applications = EVERYWHERE if local else f"{EVERYWHERE} {ADD_ONS[provider]}"
    platform = METALLB if provider == "bare-metal" and not local else set()
    assert rendered(build) == PROJECTS | platform | objects(f"Application: {applications}")
