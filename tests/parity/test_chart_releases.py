"""What differs from one release to the next: the Jobs of an upgrade, what restarts pods, and `helm test`."""

from typing import Any

import pytest

from chart_cases import CHART
from gitops import chart_output, helm
from gitops.manifests import Manifest, dig

CHECKSUM = ("spec", "template", "metadata", "annotations", "checksum/configuration")
JOBS = ("pybase-migrate", "pybase-minio-bucket")


def rendered(values: dict[str, Any], *options: str, version: int = 4) -> dict[str, Manifest]:
    """identity without its namespace -> object."""
    found = chart_output.objects(helm.text(CHART, values, *options, version=version), "pybase")
    return {f"{manifest.kind}/{manifest.name}": manifest for manifest in found}


def annotations(manifest: Manifest) -> dict[str, str]:
    return dict(dig(manifest.data, "metadata", "annotations") or {})


@pytest.mark.parametrize("version", helm.PINNED)
def test_install_has_its_jobs_among_the_rest(version: int) -> None:
    objects = rendered({}, "--skip-tests", version=version)
    assert [name for name, manifest in objects.items() if "helm.sh/hook" in annotations(manifest)] == []
    assert all(f"Job/{job}" in objects for job in JOBS)


@pytest.mark.parametrize("version", helm.PINNED)
def test_upgrade_migrates_before_the_first_new_pod(version: int) -> None:
    objects = rendered({}, "--skip-tests", "--is-upgrade", version=version)
    hooks = {name: hook for name, held in objects.items() if (hook := annotations(held).get("helm.sh/hook"))}
    assert hooks == {"Job/pybase-migrate": "pre-upgrade", "Job/pybase-minio-bucket": "post-upgrade"}
    kept = annotations(objects["Job/pybase-migrate"])["helm.sh/hook-delete-policy"]
    assert kept == "before-hook-creation,hook-succeeded,hook-failed"


def test_upgrade_is_otherwise_the_install() -> None:
    install, upgrade = rendered({}), rendered({}, "--is-upgrade")
    assert {name for name in install if install[name].data != upgrade[name].data} == {f"Job/{job}" for job in JOBS}


@pytest.mark.parametrize(
    ("values", "restarted"),
    [
        ({"pybase": {"settings": {"DEBUG": True}}}, {"api", "extraction-worker", "search-worker"}),
        ({"redis": {"maxMemory": "200mb"}}, {"redis"}),
        ({"global": {"labels": {"example.com/team": "pybase"}}}, set()),
    ],
)
def test_what_a_pod_reads_restarts_it(values: dict[str, Any], restarted: set[str]) -> None:
    before, after = rendered({}), rendered(values)
    changed = {held.name for name, held in before.items() if held.get(*CHECKSUM) != after[name].get(*CHECKSUM)}
    assert changed == {f"pybase-{name}" for name in restarted}


def test_a_new_chart_alone_restarts_nothing() -> None:
    """No version of the chart in what a pod is made from."""
    for manifest in rendered({}).values():
        assert "helm.sh/chart" not in str(manifest.get("spec", "template") or "")


def test_helm_test_asks_the_services_that_are_there() -> None:
    assert asked({}) == [
        "http://pybase-api:8000/api/v1/ready",
        "http://pybase-frontend:8080/health",
        "http://pybase-frontend:8080/api/v1/ready",
        "http://pybase-minio:9000/minio/health/ready",
        "http://pybase-meilisearch:7700/health",
    ]
    off = {"enabled": False}
    outside = {"minio": off, "s3": {"endpointUrl": "https://s3.example.com"}}
    assert asked({"frontend": off, "meilisearch": off | {"host": "https://search.example.com"}} | outside) == [
        "http://pybase-api:8000/api/v1/ready"
    ]


def asked(values: dict[str, Any]) -> list[str]:
    job = rendered(values)["Job/pybase-test"]
    return list(job.get("spec", "template", "spec", "containers")[0]["command"][3:])


def test_another_name_is_everywhere() -> None:
    """Nothing but the Secrets, which exist under their own names, and what is the namespace's is called pybase."""
    objects = rendered({"fullnameOverride": "acme"}, "--skip-tests")
    assert {manifest.name for manifest in objects.values() if not manifest.name.startswith("acme")} == {"default-deny"}
    nginx = objects["ConfigMap/acme-frontend"].get("data", "nginx.conf")
    assert "proxy_pass http://acme-api:8000;" in nginx


def test_a_mirror_takes_the_place_of_every_registry() -> None:
    objects = rendered({"global": {"imageRegistry": "mirror.example.com:5000"}, "api": {"image": {"tag": "2.0.0"}}})
    images = {
        container["image"].partition("@")[0]
        for manifest in objects.values()
        for container in manifest.get("spec", "template", "spec", "containers") or []
    }
    assert {image.partition("/")[0] for image in images} == {"mirror.example.com:5000"}
    assert {image for image in images if image.partition("/")[2].startswith("pybase/pybase:")} == {
        "mirror.example.com:5000/pybase/pybase:1.0.0",
        "mirror.example.com:5000/pybase/pybase:2.0.0",
    }
