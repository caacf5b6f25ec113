"""Waves between child Applications: the second is not made before everything of the first is healthy.

Argo CD waits for a child only by the health check of Applications in apps/argocd; without it both are there at once.
"""

from pathlib import Path

import pytest

from gitops.cluster import Cluster
from platforms import edit
from support import Gitops

pytestmark = pytest.mark.usefixtures("state")  # never the person's own instance
CLUSTER = Path("clusters/bare-metal-development-local")
SLOW_SECONDS = 5
COMPONENT = """apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
resources: [application.yaml]
"""
APPLICATION = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: first
  namespace: argocd
  annotations: {argocd.argoproj.io/sync-wave: "-5"}
spec:
  project: platform
  source: {repoURL: FLEET_REPOSITORY, targetRevision: FLEET_REVISION, path: apps/first/objects}
  destination: {server: https://kubernetes.default.svc, namespace: argocd}
  syncPolicy: {automated: {enabled: true}}
"""
DEPLOYMENT = f"""apiVersion: apps/v1
kind: Deployment
metadata: {{name: slow, namespace: argocd}}
spec:
  minReadySeconds: {SLOW_SECONDS}
  selector: {{matchLabels: {{app: slow}}}}
  template:
    metadata: {{labels: {{app: slow}}}}
    spec: {{containers: [{{name: slow, image: slow}}]}}
"""


@pytest.fixture(scope="module")
def tree(tree: Path) -> Path:
    """The fleet with one more child, whose Deployment takes its time, before PyBase."""
    first = tree / "apps" / "first"
    (first / "objects").mkdir(parents=True)
    (first / "kustomization.yaml").write_text(COMPONENT)
    (first / "application.yaml").write_text(APPLICATION)
    (first / "objects" / "deployment.yaml").write_text(DEPLOYMENT)
    apps = tree / CLUSTER / "apps" / "kustomization.yaml"
    edit(apps, "  - ../../../apps/pybase\n", "  - ../../../apps/pybase\n  - ../../../apps/first\n")
    for fact, field in (("repository", "repoURL"), ("revision", "targetRevision")):
        wiring = tree / "components" / "facts-wiring" / f"{fact}.yaml"
        target = f"  - {{select: {{kind: Application, name: first}}, fieldPaths: [spec.source.{field}]}}\n"
        edit(wiring, "targets:\n", f"targets:\n{target}")
    return tree


def test_pybase_begins_when_the_child_before_it_is_healthy(tree: Path, gitops: Gitops, cluster: Cluster) -> None:
    answer = gitops("local", "up", folder=tree)
    assert answer.code == 0, answer.out + answer.err
    assert [line.split()[-4:-2] for line in answer.out.splitlines()[:3]] == [["Synced", "Healthy"]] * 3
    slow = cluster.get("deployment", "slow", "argocd")
    pybase = cluster.get("application", "pybase", "argocd")
    assert slow and pybase
    (available,) = [c for c in slow["status"]["conditions"] if c["type"] == "Available"]
    assert slow["metadata"]["creationTimestamp"] < available["lastTransitionTime"]  # RFC 3339 sorts as text
    assert available["lastTransitionTime"] <= pybase["metadata"]["creationTimestamp"]
