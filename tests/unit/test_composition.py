"""Origins equal those that Kustomize itself annotates (buildMetadata: originAnnotations)."""

import subprocess
from pathlib import Path

import yaml

from gitops import fleet, tools
from gitops.layout import Repository

LEAF = "clusters/bare-metal-production-fra1/workload"


def annotated(tree: Path) -> dict[tuple[str, str], str]:
    """(kind, name) -> the origin by Kustomize, relative to the tree."""
    leaf = tree / LEAF / "kustomization.yaml"
    leaf.write_text(f"{leaf.read_text()}buildMetadata: [originAnnotations]\n")
    done = subprocess.run([tools.find("kustomize"), "build", leaf.parent], capture_output=True, text=True, check=True)
    found = {}
    for document in yaml.safe_load_all(done.stdout):
        origin = yaml.safe_load(document["metadata"]["annotations"]["config.kubernetes.io/origin"])
        path = (leaf.parent / (origin.get("path") or origin["configuredIn"])).resolve()
        found[document["kind"], document["metadata"]["name"]] = path.relative_to(tree.resolve()).as_posix()
    return found


def test_origins_are_kustomizes_own(base: Path) -> None:
    repository = Repository.find(base)
    loaded = fleet.load(repository, repository.clusters, schemas=False)
    ours = {(m.kind, m.name): m.origin for build in loaded.workloads() for m in build.objects}
    assert ours == annotated(base)


def test_changes_are_those_listed_after_the_object(base: Path) -> None:
    repository = Repository.find(base)
    (build,) = fleet.load(repository, repository.clusters, schemas=False).workloads()
    redis = build.find("Deployment", "pybase", "pybase-redis")
    assert redis is not None
    assert "components/stores/redis/kustomization.yaml" in redis.changed_in
    assert "components/workloads/api/kustomization.yaml" not in redis.changed_in
