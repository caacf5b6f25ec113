"""The local platform's data: processes it may end, what the mirror changes, values, definitions, what Argo CD says."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitops.layout import Repository
from gitops.local import applications, definitions, mirror, objects, values
from gitops.local.instance import Instance
from gitops.manifests import Build, Manifest
from support import ROOT

LOCAL = "bare-metal-development-local"


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    made = Instance("test", tmp_path / "state")
    made.make()
    return made


def sleeper() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])


def test_only_its_own_processes_are_ended(instance: Instance) -> None:
    with sleeper() as own, sleeper() as other:
        instance.record("own", own.pid)
        instance.record("other", other.pid)
        record = instance.path("pids", "other")
        record.write_text(json.dumps({"pid": other.pid, "began": "1"}))  # that number was another program's
        assert (instance.pid("own"), instance.pid("other")) == (own.pid, None)
        instance.stop("own", "other")
        assert own.wait() != 0 and other.poll() is None
        other.kill()


@pytest.mark.parametrize("text", ["", "{", '{"pid": 1}', '{"pid": "x", "began": ""}', "[]"])
def test_a_damaged_record_is_no_process(text: str, instance: Instance) -> None:
    instance.path("pids", "x").write_text(text)
    assert instance.pid("x") is None


def test_mirror_changes_repository_and_leaves_out_charts(tmp_path: Path) -> None:
    for name in ("apps", "clusters", "components", "environments"):
        shutil.copytree(ROOT / name, tmp_path / name)
    work = Repository(tmp_path)
    (cluster,) = work.choose(["bare-metal-production-fra1"])
    mirror.localise(work, cluster, "file:///mirror.git")
    facts = (tmp_path / work.fleet_facts_file()).read_text()
    assert "- repository=file:///mirror.git\n" in facts and "- revision=refs/heads/main\n" in facts
    listed = (tmp_path / "clusters/bare-metal-production-fra1/apps/kustomization.yaml").read_text()
    assert [line.rpartition("/")[2] for line in listed.splitlines() if "apps/" in line] == [
        "root",
        "projects",
        "pybase",
    ]


def secret_build(*folders: str) -> Build:
    """A pod that uses Secrets, on a cluster that lists these folders of components/."""
    keys = ["database-url", "redis-url", "celery-broker-url", "secret-key"]
    uses = [("pybase-api-secret", key) for key in keys] + [("pybase-postgresql-secret", "password")]
    env = [{"name": key, "valueFrom": {"secretKeyRef": {"name": name, "key": key}}} for name, key in uses]
    pod = {
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "pybase"},
        "spec": {"containers": [{"image": "i", "env": env}]},
    }
    reads = frozenset(f"components/{folder}/kustomization.yaml" for folder in folders)
    return Build("b", objects=[Manifest(pod)], reads=reads)


def test_values_agree_on_both_sides_and_stay(instance: Instance) -> None:
    build = secret_build("stores/postgresql", "stores/redis-external")
    table = yaml.safe_load((ROOT / "policies/secrets.yaml").read_text())
    made = values.ensure(instance.path("secrets.json"), build, table)
    api, password = made["pybase/pybase-api-secret"], made["pybase/pybase-postgresql-secret"]["password"]
    assert api["database-url"] == f"postgresql://pybase:{password}@pybase-postgresql:5432/pybase"
    assert api["redis-url"].endswith("@redis.store.invalid:6379/0") and api["celery-broker-url"].endswith("/1")
    assert len(api["secret-key"]) == 64
    assert values.ensure(instance.path("secrets.json"), build, table) == made
    assert os.stat(instance.path("secrets.json")).st_mode & 0o777 == 0o600


def test_hand_written_schemas_become_definitions(repository: Repository) -> None:
    build = Build("b", objects=[Manifest({"apiVersion": "networking.gke.io/v1", "kind": "HealthCheckPolicy"})])
    (found,) = definitions.needed(repository, [build])
    assert found["metadata"]["name"] == "healthcheckpolicies.networking.gke.io"
    schema = found["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert set(schema["properties"]) == {"spec"} and "additionalProperties" not in json.dumps(
        schema["properties"]["spec"]
    )


def app(
    name: str, sync: str = "Synced", health: str = "Healthy", revision: str = "c1", **status: Any
) -> dict[str, Any]:
    known = {"sync": {"status": sync, "revision": revision}, "health": {"status": health}, **status}
    return {"metadata": {"name": name, "annotations": {"argocd.argoproj.io/sync-wave": "5"}}, "status": known}


def test_an_application_is_settled_at_its_commit_only() -> None:
    (found,) = applications.read([app("pybase")])
    assert found.settled("c1") and not found.settled("c2")
    (running,) = applications.read([app("pybase", operationState={"phase": "Running"})])
    assert not running.settled("c1")


def test_what_is_not_settled_is_named_with_its_reason() -> None:
    resources = [
        {
            "kind": "Job",
            "name": "j",
            "namespace": "n",
            "status": "OutOfSync",
            "health": {"status": "Degraded", "message": "no"},
        }
    ]
    failed = {"phase": "Failed", "message": "one or more\nobjects failed"}
    found = applications.read(
        [app("pybase", sync="OutOfSync", resources=resources, operationState=failed), app("root")]
    )
    assert list(applications.unsettled(found, "c1")) == [
        "pybase: OutOfSync, Healthy, Failed",
        "  one or more objects failed",
        "  Job/n/j: OutOfSync, Degraded: no",
    ]
    assert applications.tree(found).splitlines()[0].startswith("root ")


def test_every_claims_class_is_played(the_fleet: Any) -> None:
    builds = [build for build in the_fleet.builds if build.cluster == "eks-staging-us-east-1"]
    assert objects.storage_classes(builds) == ["kwok-volume", "pybase-retain"]


def test_settings_of_argo_cd_are_those_of_the_fleet(the_fleet: Any) -> None:
    apps = next(build for build in the_fleet.builds if build.folder == f"clusters/{LOCAL}/apps")
    config, secret = objects.argocd_settings(apps, "k")
    assert "resource.customizations.health.argoproj.io_Application" in config["data"]
    assert all(isinstance(value, str) for value in config["data"].values()) and secret["stringData"]
