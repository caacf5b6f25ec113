"""What PyBase runs on reads what we render: pydantic-settings the environment, Celery its configuration modules."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import create_model
from pydantic_settings import BaseSettings

from gitops.layout import Repository
from gitops.manifests import Build, containers
from support import ROOT

CLUSTERS = [cluster.name for cluster in Repository(ROOT).clusters]
TYPES = {"str": str, "int": int, "bool": bool, "list": list[str], "dict": dict[str, str]}
SECRET = "not-a-real-value-" + "x" * 32
ADDRESSES = {"database-url": "postgresql://pybase:x@db:5432/pybase", "redis-url": "redis://:x@cache:6379/0"}
ASK_CELERY = """
import json, sys
from celery import Celery
app = Celery()
app.loader.import_default_modules()
route = lambda task: app.amqp.router.route({}, task)["queue"].name
print(json.dumps([{task: route(task) for task in sys.argv[1:]}, app.conf.broker_transport_options]))
"""
TASKS = {
    "extract_pdf": "extraction",
    "extract_bulk": "extraction",
    "update_index": "search",
    "refresh_search_indexes": "search",
    "export_data_background": "export",
    "purge_old_trash": "maintenance",
    "check_scheduled_custom_reports": "reports",
}


def environments(build: Build) -> dict[str, dict[str, str]]:
    """Deployment -> the environment of its PyBase container, secrets filled in."""
    config = {m.name: m.data.get("data", {}) for m in build.of_kind("ConfigMap")}
    found = {}
    for manifest in build.of_kind("Deployment"):
        for container in (c for c in containers(manifest) if c.name == "pybase"):
            values: dict[str, str] = {}
            for entry in container.spec.get("envFrom", []):
                values |= config[entry["configMapRef"]["name"]]
            for entry in container.spec.get("env", []):
                key = entry.get("valueFrom", {}).get("secretKeyRef", {}).get("key", "")
                values[entry["name"]] = ADDRESSES.get(key, SECRET) if key else entry["value"]
            found[manifest.name] = values
    return found


def settings_class() -> type[BaseSettings]:
    """PyBase's settings class as far as types go: every variable of the table is parsed, used or not."""
    table = yaml.safe_load((ROOT / "policies/settings.yaml").read_text())["settings"]
    fields: Any = {name: (TYPES[(row or {}).get("type", "str")] | None, None) for name, row in table.items()}
    return create_model("Settings", __base__=BaseSettings, **fields)


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_pydantic_reads_every_environment(cluster: str, workloads: dict[str, Build], monkeypatch: Any) -> None:
    settings = settings_class()
    found = environments(workloads[cluster])
    assert {"pybase-api", "pybase-extraction-worker", "pybase-search-worker"} <= set(found)
    for values in found.values():
        with monkeypatch.context() as patch:
            for name in os.environ:
                patch.delenv(name)
            for name, value in values.items():
                patch.setenv(name, value)
            read = settings().model_dump()
        assert read["CORS_ORIGINS"] == [] and read["DEBUG"] is False and read["SMTP_PORT"] == 587
        assert read["ALLOWED_EXTENSIONS"][0] == "pdf"


@pytest.mark.parametrize("module, timeout", [("celery_api", 3), ("celery_routes", None)])
def test_celery_routes_every_kind_of_task(module: str, timeout: int | None, bundled: Build, tmp_path: Path) -> None:
    (config,) = [m for m in bundled.of_kind("ConfigMap") if m.name.startswith("pybase-celery-")]
    for name, text in config.data["data"].items():
        (tmp_path / name).write_text(text)
    found = {"CELERY_LOADER": "default", "CELERY_CONFIG_MODULE": module, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", ASK_CELERY, *TASKS]
    done = subprocess.run(command, env=found, capture_output=True, text=True, check=True)
    routes, options = json.loads(done.stdout)
    assert routes == TASKS
    assert options["visibility_timeout"] > 3600 and options.get("socket_timeout") == timeout


def test_ready_script_reads_the_body(bundled: Build, tmp_path: Path) -> None:
    """D14: exit 0 only for status ready; the API answers 200 in every state."""
    (config,) = [m for m in bundled.of_kind("ConfigMap") if m.name.startswith("pybase-scripts-")]
    for status, code in (("ready", 0), ("unhealthy", 1)):
        script = tmp_path / "ready.py"
        script.write_text(config.data["data"]["ready.py"])
        stand_in = (
            "import io, runpy, urllib.request\n"
            f'urllib.request.urlopen = lambda url, timeout: io.BytesIO(b\'{{"status": "{status}"}}\')\n'
            f"runpy.run_path({str(script)!r})\n"
        )
        assert subprocess.run([sys.executable, "-c", stand_in], capture_output=True, check=False).returncode == code


def test_database_wait_ends_with_a_sentence(bundled: Build, tmp_path: Path) -> None:
    (config,) = [m for m in bundled.of_kind("ConfigMap") if m.name.startswith("pybase-scripts-")]
    script = tmp_path / "wait.py"
    script.write_text(config.data["data"]["wait_for_database.py"].replace("DEADLINE = 120", "DEADLINE = 0"))
    environment = {"DATABASE_URL": "postgresql://u:secret@127.0.0.1:9/d"}
    done = subprocess.run([sys.executable, "-I", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no connection to the database at 127.0.0.1:9" in done.stderr and "secret" not in done.stderr
