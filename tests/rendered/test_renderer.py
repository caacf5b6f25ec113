"""The renderer equals `kustomize build` of the pinned version, on every build of the repository."""

import subprocess

import pytest
import yaml

from gitops import tools
from gitops.composer import Loader
from gitops.fleet import Fleet
from gitops.layout import PARTS, Repository
from gitops.manifests import Build
from support import ROOT

BUILDS = [f"clusters/{c.name}/{part}" for c in Repository(ROOT).clusters for part in PARTS]


@pytest.mark.parametrize("folder", BUILDS)
def test_equals_kustomize_build(folder: str, the_fleet: Fleet) -> None:
    oracle = subprocess.run(
        [tools.find("kustomize"), "build", ROOT / folder], capture_output=True, text=True, check=True
    )
    documents = list(yaml.load_all(oracle.stdout, Loader))
    (build,) = [build for build in the_fleet.builds if build.folder == folder]
    assert [manifest.data for manifest in build.objects] == documents


def test_read_set_holds_what_the_build_depends_on(the_fleet: Fleet) -> None:
    build: Build = next(b for b in the_fleet.builds if b.folder == "clusters/eks-staging-us-east-1/workload")
    assert "components/workloads/api/deployment.yaml" in build.reads
    assert "environments/staging/versions/kustomization.yaml" in build.reads
    assert not any(path.startswith("environments/production") for path in build.reads)
