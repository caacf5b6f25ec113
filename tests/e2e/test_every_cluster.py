"""Every cluster of the fleet becomes Synced and Healthy under the real Argo CD, from nothing, with one command."""

from pathlib import Path

import pytest

from gitops.layout import Repository
from support import ROOT, Gitops

CLUSTERS = [cluster.name for cluster in Repository(ROOT).clusters]


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_cluster_syncs(cluster: str, gitops: Gitops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    try:
        answer = gitops("local", "up", "--cluster", cluster)
        assert answer.code == 0, answer.out + answer.err
    finally:
        gitops("local", "down", "--purge")
