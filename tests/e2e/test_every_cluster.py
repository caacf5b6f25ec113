"""Every cluster of the fleet becomes Synced and Healthy under the real Argo CD, from nothing, with one command."""

from pathlib import Path

import pytest

import platforms
from gitops.layout import Repository
from support import ROOT, Gitops

CLUSTERS = [cluster.name for cluster in Repository(ROOT).clusters]


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_cluster_syncs(cluster: str, gitops: Gitops, tmp_path_factory: pytest.TempPathFactory) -> None:
    with platforms.instance(Path(tmp_path_factory.mktemp("state"))):  # tmp_path has a name too long for a socket
        answer = gitops("local", "up", "--cluster", cluster)
        assert answer.code == 0, answer.out + answer.err
