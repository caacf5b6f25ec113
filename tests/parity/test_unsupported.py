"""Values that do not fit together end the install, each with its sentence and no other."""

from typing import Any

import pytest
import yaml

from chart_cases import CHART
from gitops import helm
from gitops.errors import GitopsError
from support import ROOT

CASES = yaml.safe_load((ROOT / "tests/parity/unsupported.yaml").read_text())
KEY = "0123456789abcdef0123456789abcdef"
ALONE: dict[str, Any] = {  # all that the chart needs to make its Secrets
    "pybase": {"existingSecret": "", "secretKey": KEY},
    "postgresql": {"auth": {"existingSecret": "", "password": "database"}},
    "redis": {"auth": {"existingSecret": "", "password": "queue"}},
    "minio": {"auth": {"existingSecret": "", "rootUser": "root", "rootPassword": "password"}},
    "meilisearch": {"auth": {"existingSecret": "", "masterKey": "0123456789abcdef"}},
}


def said(values: dict[str, Any], version: int = 4) -> str:
    """What the chart says about the values, on Kubernetes 1.34; "" when it renders."""
    try:
        helm.template(CHART, values, version=version, kube_version="1.34.0")
    except GitopsError as error:
        return str(error).partition("unsupported.yaml:3:4): ")[2].partition(" Use --debug flag")[0]
    return ""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["sentence"][:40])
def test_sentence(case: dict[str, Any]) -> None:
    assert said(case["values"]) == case["sentence"]


def test_every_fault_is_said_at_once_by_helm_3_too() -> None:
    off = {"enabled": False}
    alone = [said({"minio": off}), said({"meilisearch": off})]
    both = {"minio": off, "meilisearch": off}
    assert said(both, version=3) == said(both) == " ".join(alone)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("pybase", "pybase.existingSecret is empty, and pybase.secretKey has less than 32 characters: "),
        ("postgresql", "postgresql.auth.password is empty, and the chart makes PyBase's Secret with it: "),
        ("redis", "redis.auth.password is empty, and the chart makes PyBase's Secret with it: "),
        ("minio", "minio.auth.rootPassword has less than 8 characters, and the chart makes PyBase's Secret with it: "),
        ("meilisearch", "meilisearch.auth.masterKey has less than 16 characters, and meilisearch.auth"),
    ],
)
def test_secrets_of_the_chart_need_every_value(name: str, fault: str) -> None:
    emptied = {"pybase": {"existingSecret": ""}}.get(name, {"auth": {"existingSecret": ""}})
    assert said({**ALONE, name: emptied}).startswith(fault)


def test_secret_key_of_a_developer_is_refused() -> None:
    values = {**ALONE, "pybase": {"existingSecret": "", "secretKey": f"dev-{KEY}"}}
    assert said(values) == "pybase.secretKey begins with dev-, which PyBase refuses in production: make another."
