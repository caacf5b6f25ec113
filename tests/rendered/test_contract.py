"""The ConfigMap and Secret contract, commands and files of PyBase (requirements, D14-D17; pybase-contract.md)."""

import json
from typing import Any

import pytest

from gitops.manifests import Build, containers

DEFAULTS = {  # ConfigMap keys whose default the requirements fix
    "APP_NAME": "PyBase",
    "API_V1_PREFIX": "/api/v1",
    "ENVIRONMENT": "production",
    "DEBUG": "false",
    "LOG_LEVEL": "WARNING",
    "CORS_ORIGINS": "[]",
    "DB_POOL_TIMEOUT": "30",
    "REDIS_MAX_CONNECTIONS": "50",
    "S3_ENDPOINT_URL": "http://pybase-minio:9000",
    "S3_BUCKET_NAME": "pybase",
    "S3_REGION": "us-east-1",
    "MAX_UPLOAD_SIZE_MB": "100",
    "ACCESS_TOKEN_EXPIRE_MINUTES": "30",
    "REFRESH_TOKEN_EXPIRE_DAYS": "7",
    "PASSWORD_MIN_LENGTH": "8",
    "API_KEY_PREFIX": "pybase_",
    "SMTP_HOST": "",
    "SMTP_PORT": "587",
    "SMTP_FROM_EMAIL": "noreply@pybase.dev",
    "SMTP_FROM_NAME": "PyBase",
    "SMTP_TLS": "true",
    "TESSERACT_CMD": "/usr/bin/tesseract",
    "EXTRACTION_MAX_PAGES": "100",
    "EXTRACTION_DPI": "300",
    "EXTRACTION_TIMEOUT_SECONDS": "300",
    "MEILISEARCH_URL": "http://pybase-meilisearch:7700",
    "RATE_LIMIT_PER_MINUTE": "100",
    "RATE_LIMIT_PER_HOUR": "1000",
    "ENABLE_REGISTRATION": "true",
    "ENABLE_API_KEYS": "true",
    "ENABLE_EXTRACTION": "true",
    "ENABLE_WEBSOCKETS": "true",
}
COMPUTED = {"APP_VERSION", "DB_POOL_SIZE", "DB_MAX_OVERFLOW", "ALLOWED_EXTENSIONS"}
SECRETS = {
    "SECRET_KEY": "secret-key",
    "DATABASE_URL": "database-url",
    "REDIS_URL": "redis-url",
    "CELERY_BROKER_URL": "celery-broker-url",
    "CELERY_RESULT_BACKEND": "celery-result-backend",
    "S3_ACCESS_KEY": "s3-access-key",
    "S3_SECRET_KEY": "s3-secret-key",
}
QUEUES = {"extraction-worker": "extraction", "search-worker": "search"}
APPLICATION = ("api", *QUEUES)


def config(build: Build) -> dict[str, str]:
    (found,) = [m for m in build.of_kind("ConfigMap") if m.name.startswith("pybase-config-")]
    return dict(found.data["data"])


def environment(build: Build, component: str, container: str = "pybase") -> dict[str, Any]:
    """name -> value, or (Secret, key, optional) for what comes from a Secret."""
    manifest = build.find("Deployment", "pybase", f"pybase-{component}")
    assert manifest is not None
    (spec,) = [c.spec for c in containers(manifest) if c.name == container]
    values: dict[str, Any] = {}
    for entry in spec.get("envFrom", []):
        values |= next(m.data["data"] for m in build.of_kind("ConfigMap") if m.name == entry["configMapRef"]["name"])
    for entry in spec.get("env", []):
        ref = entry.get("valueFrom", {}).get("secretKeyRef")
        values[entry["name"]] = (ref["name"], ref["key"], ref.get("optional", False)) if ref else entry.get("value")
    return values


def test_config_map_has_exactly_the_36_keys_with_their_defaults(bundled: Build) -> None:
    assert set(config(bundled)) == set(DEFAULTS) | COMPUTED
    assert {key: config(bundled)[key] for key in DEFAULTS} == DEFAULTS


def test_d15_lists_are_json(bundled: Build) -> None:
    wanted = ["pdf", "dxf", "dwg", "ifc", "stp", "step", "png", "jpg", "jpeg", "gif", "webp", "xlsx", "csv"]
    assert [x.lstrip(".") for x in json.loads(config(bundled)["ALLOWED_EXTENSIONS"])] == wanted


def test_d17_environment_is_production_outside_development(workloads: dict[str, Build]) -> None:
    for cluster, build in workloads.items():
        assert config(build)["ENVIRONMENT"] == ("development" if "development" in cluster else "production"), cluster


@pytest.mark.parametrize("component", APPLICATION)
def test_d17_every_pod_gets_the_whole_environment(component: str, workloads: dict[str, Build]) -> None:
    for build in workloads.values():
        found = environment(build, component)
        assert set(config(build)) <= set(found)
        assert {name: found[name] for name in SECRETS} == {
            n: ("pybase-api-secret", k, False) for n, k in SECRETS.items()
        }
        assert found["CELERY_LOADER"] == "default"
        assert found["CELERY_CONFIG_MODULE"] == ("celery_api" if component == "api" else "celery_routes")


def test_migrate_job_has_only_the_database_url(bundled: Build) -> None:
    job = bundled.find("Job", "pybase", "pybase-migrate")
    assert job is not None
    (spec,) = job.pod["containers"]
    assert [entry["name"] for entry in spec["env"]] == ["DATABASE_URL"]
    assert spec.get("envFrom") is None
    assert " ".join([*spec.get("command", []), *spec.get("args", [])]).endswith("alembic upgrade head")


@pytest.mark.parametrize("component, queue", QUEUES.items())
def test_d16_workers_consume_their_queue(component: str, queue: str, get: Any) -> None:
    (spec,) = get("Deployment", component).pod["containers"]
    words = " ".join([*spec.get("command", []), *spec.get("args", [])])
    concurrency = {"extraction": 2, "search": 4}[queue]
    assert f"-A workers.celery_{queue}_worker worker" in words
    assert f"-Q {queue}" in words and f"-n {queue}@%h" in words and f"--concurrency={concurrency}" in words


def test_service_links_are_off_on_every_pod(workloads: dict[str, Build]) -> None:
    for build in workloads.values():
        assert all(manifest.pod["enableServiceLinks"] is False for manifest in build.with_pods())


def test_s180_own_service_account_and_token_only_where_a_role_is_bound(workloads: dict[str, Build]) -> None:
    for build in workloads.values():
        accounts = [manifest.pod["serviceAccountName"] for manifest in build.with_pods()]
        assert len(accounts) == len(set(accounts))
        bound = {subject["name"] for m in build.of_kind("RoleBinding") for subject in m.data["subjects"]}
        mounted = {m.pod["serviceAccountName"] for m in build.with_pods() if m.pod.get("automountServiceAccountToken")}
        assert mounted == bound == {"pybase-extraction-worker", "pybase-search-worker"}


def test_s178_role_names_what_it_reads(bundled: Build) -> None:
    (role,) = bundled.of_kind("Role")
    (name,) = [m.name for m in bundled.of_kind("ConfigMap") if m.name.startswith("pybase-config-")]
    assert role.data["rules"] == [
        {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": [name], "verbs": ["get"]}
    ]


def test_s95_s96_store_addresses_follow_the_choice(bundled: Build, external: Build) -> None:
    assert config(external)["S3_ENDPOINT_URL"] != config(bundled)["S3_ENDPOINT_URL"]
    for kind, component in (("StatefulSet", "postgresql"), ("Deployment", "redis"), ("StatefulSet", "minio")):
        assert bundled.find(kind, "pybase", f"pybase-{component}")
        assert external.find(kind, "pybase", f"pybase-{component}") is None


def test_s22_api_rolls_without_downtime(get: Any) -> None:
    spec = get("Deployment", "api").data["spec"]
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    (container,) = spec["template"]["spec"]["containers"]
    assert container["lifecycle"]["preStop"]["sleep"]["seconds"] >= 5


def test_s16_s82_jobs_are_bounded_hooks(bundled: Build) -> None:
    for job in bundled.of_kind("Job"):
        spec = job.data["spec"]
        assert spec["activeDeadlineSeconds"] > 0 and spec["backoffLimit"] >= 0
        assert job.annotations["argocd.argoproj.io/hook"] == "Sync"
        assert job.annotations["argocd.argoproj.io/hook-delete-policy"] == "BeforeHookCreation"


def test_s176_five_budgets(bundled: Build) -> None:
    budgets = {m.name: m.data["spec"] for m in bundled.of_kind("PodDisruptionBudget")}
    assert {name: spec.get("minAvailable") for name, spec in budgets.items()} == {
        "pybase-api": 1,
        "pybase-extraction-worker": 1,
        "pybase-search-worker": 1,
        "pybase-frontend": 1,
        "pybase-postgresql": None,
    }
    assert budgets["pybase-postgresql"]["maxUnavailable"] == 1
    assert {spec["unhealthyPodEvictionPolicy"] for spec in budgets.values()} == {"AlwaysAllow"}


def test_s144_data_survives_pruning(workloads: dict[str, Build]) -> None:
    for build in workloads.values():
        for manifest in build.of_kind("StatefulSet", "PersistentVolumeClaim", "Namespace"):
            options = manifest.annotations["argocd.argoproj.io/sync-options"].split(",")
            assert {"Prune=false", "Delete=false"} <= set(options), manifest.identity


def test_s181_no_value_of_a_secret_in_a_config_map(workloads: dict[str, Build]) -> None:
    for build in workloads.values():
        assert not list(build.of_kind("Secret"))
        for manifest in build.of_kind("ConfigMap"):
            assert not {"SECRET_KEY", "DATABASE_URL", "REDIS_URL"} & set(manifest.data["data"])
