"""What a teardown deletes and keeps, and in which order, for every cluster of the fleet."""

import pytest

import fake_cluster
from gitops import installed, removal
from gitops.fleet import Fleet
from gitops.layout import Repository
from gitops.manifests import Build, Manifest
from support import ROOT

CLUSTERS = [cluster.name for cluster in Repository(ROOT).clusters]
ALL = ["--delete-pvcs", "--delete-secrets", "--delete-namespace"]


def workload(fleet: Fleet, cluster: str) -> Build:
    return next(build for build in fleet.workloads() if build.cluster == cluster)


def there(build: Build, *more: fake_cluster.Object) -> installed.Installed:
    """The build, running, and some other objects."""
    objects = [Manifest(item) for item in [*fake_cluster.running(build.objects), *more]]
    return installed.Installed(installed.KUSTOMIZE, [], objects, {})


def named(kind: str, name: str, **metadata: object) -> fake_cluster.Object:
    return {"kind": kind, "metadata": {"name": name, "namespace": "pybase", **metadata}}


def gone(build: Build, *more: fake_cluster.Object, options: list[str] = ALL) -> set[str]:
    return {item.identity for item in removal.plan(build, there(build, *more), options).delete}


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_everything_that_is_rendered_goes_when_all_is_asked_for(cluster: str, the_fleet: Fleet) -> None:
    build = workload(the_fleet, cluster)
    assert {manifest.identity for manifest in build.objects} <= gone(build)


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_data_and_keys_stay_unless_an_option_names_them(cluster: str, the_fleet: Fleet) -> None:
    build = workload(the_fleet, cluster)
    plan = removal.plan(build, there(build))
    assert not {item.kind for item in plan.delete} & set(removal.OPTIONS)
    assert {"SealedSecret", "Namespace"} <= {item.kind for item in plan.keep}
    assert {item.kind for item in removal.plan(build, there(build), ["--delete-pvcs"]).keep} <= {
        "SealedSecret",
        "Secret",
        "Namespace",
    }


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_order(cluster: str, the_fleet: Fleet) -> None:
    build = workload(the_fleet, cluster)
    kinds = [item.kind for item in removal.plan(build, there(build), ALL).delete]
    order = [
        "NetworkPolicy",
        "Service",
        "Deployment",
        "Job",
        "ConfigMap",
        "ServiceAccount",
        "SealedSecret",
        "Namespace",
    ]
    assert [kind for kind in dict.fromkeys(kinds) if kind in order] == [kind for kind in order if kind in kinds]


def test_what_is_left_of_earlier_renders_and_of_controllers_goes_too(the_fleet: Fleet) -> None:
    build = workload(the_fleet, "bare-metal-staging-fra1")
    mine = {"labels": {"app.kubernetes.io/part-of": "pybase"}}
    found = gone(
        build,
        named("ConfigMap", "pybase-config-b2b2b2b2b2", **mine),
        named("Secret", "pybase-api-secret"),
        named("Secret", "sh.helm.release.v1.pybase.v3", labels={"owner": "helm"}),
    )
    assert {"ConfigMap/pybase/pybase-config-b2b2b2b2b2", "Secret/pybase/pybase-api-secret"} <= found
    assert {"Secret/pybase/sh.helm.release.v1.pybase.v3", "PersistentVolumeClaim/pybase/data-pybase-minio-0"} <= found


def test_what_is_not_pybases_stays(the_fleet: Fleet) -> None:
    build = workload(the_fleet, "bare-metal-staging-fra1")
    others = [
        named("ConfigMap", "kube-root-ca.crt"),
        named("ConfigMap", "other-b2b2b2b2b2", labels={"app.kubernetes.io/part-of": "pybase"}),
        named("Secret", "registry"),
        named("PersistentVolumeClaim", "backup"),
        named("Deployment", "debug"),
        named("ServiceAccount", "default"),
    ]
    names = {f"{item['kind']}/pybase/{item['metadata']['name']}" for item in others}
    assert not gone(build, *others) & names
    assert removal.foreign(build, there(build, *others)) == ["pybase/backup"]
