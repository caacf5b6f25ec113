"""The platform runs what the fleet pins (tools/platform and tools/kube-apiserver against apps/, schemas/ and the other
programs of tools/)."""

import re
from pathlib import Path

import yaml

from gitops.local import parts
from gitops.local.instance import Instance
from gitops.manifests import Build
from support import ROOT, argocd_values, required

# Argo CD's manifests give each parameter of the fleet to the controller as this variable (argocd-cmd-params-cm).
VARIABLES = {
    "controller.diff.server.side": "ARGOCD_APPLICATION_CONTROLLER_SERVER_SIDE_DIFF",
    "controller.repo.error.grace.period.seconds": "ARGOCD_REPO_ERROR_GRACE_PERIOD_SECONDS",
    "controller.sync.timeout.seconds": "ARGOCD_APPLICATION_CONTROLLER_SYNC_TIMEOUT",
}


def test_argo_cd_sealed_secrets_and_kustomize_are_those_of_the_fleet(apps: dict[str, Build]) -> None:
    assert argocd_values(apps)["global"]["image"]["tag"].startswith(f"{required('github.com/argoproj/argo-cd/v3')}@")
    sealed = next(iter(apps.values())).find("Application", "argocd", "sealed-secrets")
    assert sealed is not None
    tag = sealed.get("spec", "source", "helm", "valuesObject", "image", "tag")
    assert f"v{tag}".startswith(f"{required('github.com/bitnami/sealed-secrets')}@")
    kustomize = "sigs.k8s.io/kustomize/kustomize/v5"
    assert required(kustomize) == required(kustomize, "kustomize")


def test_the_second_api_server_is_of_the_newest_kubernetes_of_the_schemas() -> None:
    tested = yaml.safe_load((ROOT / "schemas/sources.yaml").read_text())["kubernetes"]["versions"]
    newest = max(tested, key=lambda version: [int(part) for part in version.split(".")])
    assert required("k8s.io/kubernetes", "kube-apiserver").startswith(f"v{newest}.")


def test_programs_say_the_versions_they_are_built_from() -> None:
    flags = (ROOT / "tools/platform/ldflags").read_text()
    assert set(re.findall(r"gitVersion=(\S+)", flags)) == {required("k8s.io/kubernetes")}
    assert re.findall(r"argo-cd/v3/common.version=(\S+)", flags) == [required("github.com/argoproj/argo-cd/v3")[1:]]
    assert re.findall(r"kwok/pkg/consts.Version=(\S+)", flags) == [required("sigs.k8s.io/kwok")]


def test_parameters_of_argo_cd_are_those_of_the_fleet(apps: dict[str, Build], tmp_path: Path) -> None:
    (controller,) = (part for part in parts.ALL if part.name == "argocd-application-controller")
    given = controller.environment(Instance("x", tmp_path))
    params = argocd_values(apps)["configs"]["params"]
    assert {key: given[VARIABLES[key]] for key in params} == params
