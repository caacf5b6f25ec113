"""The Secrets that the chart makes when none are there: PyBase's URLs have the stores' own passwords."""

from typing import Any

from chart_cases import CHART
from gitops import helm
from gitops.manifests import mapping

KEY = "0123456789abcdef0123456789abcdef"


def secrets(values: dict[str, Any]) -> dict[str, dict[str, str]]:
    """name -> what it holds."""
    made = [found for found in helm.template(CHART, values) if found.kind == "Secret"]
    return {secret.name: mapping(secret.get("stringData")) for secret in made}


def test_none_where_they_exist() -> None:
    assert secrets({}) == {}


def test_bundled_stores() -> None:
    values = {
        "pybase": {"existingSecret": "", "secretKey": KEY, "optionalSecrets": {"werk24-api-key": "drawings"}},
        "postgresql": {"auth": {"existingSecret": "", "password": "database"}},
        "redis": {"auth": {"existingSecret": "", "password": "queue"}},
        "minio": {"auth": {"existingSecret": "", "rootUser": "root", "rootPassword": "password"}},
        "meilisearch": {"auth": {"existingSecret": "", "masterKey": KEY}},
    }
    assert secrets(values) == {
        "pybase-api-secret": {
            "secret-key": KEY,
            "database-url": "postgresql://pybase:database@pybase-postgresql:5432/pybase",
            "redis-url": "redis://:queue@pybase-redis:6379/0",
            "celery-broker-url": "redis://:queue@pybase-redis:6379/1",
            "celery-result-backend": "redis://:queue@pybase-redis:6379/2",
            "s3-access-key": "root",
            "s3-secret-key": "password",
            "werk24-api-key": "drawings",
        },
        "pybase-postgresql-secret": {"password": "database"},
        "pybase-redis-secret": {"redis-password": "queue"},
        "pybase-minio-secret": {"root-user": "root", "root-password": "password"},
        "pybase-meilisearch-secret": {"master-key": KEY},
    }


def test_stores_outside() -> None:
    off: dict[str, Any] = {"enabled": False}
    values = {
        "pybase": {"existingSecret": "", "secretKey": KEY},
        "postgresql": off,
        "redis": off,
        "minio": off,
        "meilisearch": off | {"host": "https://search.example.com"},
        "externalServices": {
            "databaseUrl": "postgresql://pybase:database@db.example.com:5433/pybase?sslmode=require",
            "redisUrl": "rediss://:token@cache.example.com:6380/5?ssl_cert_reqs=required",
        },
        "s3": {"endpointUrl": "https://s3.example.com", "accessKey": "access", "secretKey": "secret"},
    }
    assert secrets(values) == {
        "pybase-api-secret": {
            "secret-key": KEY,
            "database-url": "postgresql://pybase:database@db.example.com:5433/pybase?sslmode=require",
            "redis-url": "rediss://:token@cache.example.com:6380/0?ssl_cert_reqs=required",
            "celery-broker-url": "rediss://:token@cache.example.com:6380/1?ssl_cert_reqs=required",
            "celery-result-backend": "rediss://:token@cache.example.com:6380/2?ssl_cert_reqs=required",
            "s3-access-key": "access",
            "s3-secret-key": "secret",
        },
    }
