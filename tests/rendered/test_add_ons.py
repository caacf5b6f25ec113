"""What Argo CD and the charts are told: the values of the Applications that bring them (S16; rules.md section 5)."""

from gitops.fleet import Fleet
from gitops.manifests import Build
from support import applications, argocd_values


def test_facts_reach_the_add_ons(the_fleet: Fleet, apps: dict[str, Build], workloads: dict[str, Build]) -> None:
    for cluster in the_fleet.clusters:
        build = apps[cluster.name]
        dns = build.find("Application", "argocd", "external-dns")
        if dns is not None:
            values = dns.get("spec", "source", "helm", "valuesObject")
            assert values["txtOwnerId"] == cluster.name
            assert values["policy"] == "upsert-only"
            assert ("gateway-httproute" in values["sources"]) == any(workloads[cluster.name].of_kind("HTTPRoute"))
            assert PROVIDER_CHECKS[cluster.provider](values)
        balancer = build.find("Application", "argocd", "aws-load-balancer-controller")
        if balancer is not None:
            assert balancer.get("spec", "source", "helm", "valuesObject", "clusterName") == cluster.name


PROVIDER_CHECKS = {
    "eks": lambda values: values["provider"] == {"name": "aws"} and "serviceAccount" not in values,
    "gke": lambda values: values["serviceAccount"]["annotations"]["iam.gke.io/gcp-service-account"].endswith(
        f"@{values['extraArgs'][0].partition('=')[2]}.iam.gserviceaccount.com"
    ),
    "aks": lambda values: (
        values["podLabels"] == {"azure.workload.identity/use": "true"}
        and '"useWorkloadIdentityExtension": true' in values["secretConfiguration"]["data"]["azure.json"]
    ),
}


def test_argo_cd_settings(apps: dict[str, Build]) -> None:
    values = argocd_values(apps)
    assert "@sha256:" in values["global"]["image"]["tag"]
    assert values["configs"]["cm"]["application.resourceTrackingMethod"] == "annotation"
    assert values["configs"]["cm"]["kustomize.buildOptions"] == "", "renders are made without flags"
    assert values["configs"]["params"]["controller.diff.server.side"] == "true"


def test_s16_a_sync_that_hangs_makes_way_for_the_next_commit(apps: dict[str, Build], bundled: Build) -> None:
    limit = int(argocd_values(apps)["configs"]["params"]["controller.sync.timeout.seconds"])
    waits = [job.get("spec", "activeDeadlineSeconds") for job in bundled.of_kind("Job")]
    waits += [
        probe["periodSeconds"] * probe["failureThreshold"]
        for manifest in bundled.with_pods()
        for probe in (manifest.pod["containers"][0].get("startupProbe"),)
        if probe
    ]
    assert 3 * max(waits) < limit <= 3600, "stores, Jobs and workloads one after another, and no longer than an hour"


def test_sealed_secrets_keeps_the_name_that_kubeseal_looks_for(apps: dict[str, Build]) -> None:
    found = [application for application in applications(apps) if application.name == "sealed-secrets"]
    for application in found:
        values = application.get("spec", "source", "helm", "valuesObject")
        assert values["fullnameOverride"] == "sealed-secrets-controller"
        assert "@sha256:" in values["image"]["tag"]
        assert application.get("spec", "destination", "namespace") == "kube-system"
