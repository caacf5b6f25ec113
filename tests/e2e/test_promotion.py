"""A promotion that is pushed arrives in a cluster of its environment as the preview said, object by object, and back.

The tests are the steps of one story and run in this order. Argo CD gets the very commit that was pushed, from the
origin, by way of the instance's mirror.
"""

import json
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

import histories
import snapshots
from gitops import git
from gitops.cluster import Cluster
from gitops.fields import ABSENT
from gitops.local.instance import Instance
from snapshots import Snapshot
from support import Answer, Gitops

pytestmark = pytest.mark.usefixtures("state")  # never the person's own instance
CLUSTER = "bare-metal-staging-fra1"
VERSIONS = "environments/{}/versions/kustomization.yaml"
NEWER = (  # a workload with a migration, one without, a store that is a Deployment, one that is a StatefulSet
    ("newTag: 1.0.0", "newTag: 1.1.0"),
    ("newTag: 7.4.11-alpine", "newTag: 7.4.12-alpine"),
    ("sha256:858f", "sha256:1c2d"),
    ("newTag: 16.15-alpine3.24", "newTag: 16.16-alpine3.24"),
    ("sha256:cf78", "sha256:2d3e"),
)
Fields = dict[str, list[tuple[str, Any, Any]]]  # object -> path, old and new value of each field that changes


@pytest.fixture(scope="module")
def tree(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fleet with an origin, where development is ahead of staging."""
    histories.repository(tree)
    git.run(tree, "branch", "-M", "main")
    for old, new in NEWER:
        histories.edit(tree, VERSIONS.format("development"), old, new)
    histories.commit(tree, "development: newer images")
    origin = tmp_path_factory.mktemp("origin")
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", origin], check=True)
    git.run(tree, "remote", "add", "origin", str(origin))
    git.run(tree, "push", "--quiet", "--set-upstream", "origin", "main")
    return tree


@pytest.fixture(scope="module")
def known() -> dict[str, Snapshot]:
    """What the cluster held before the promotion and after it."""
    return {}


def brought(gitops: Gitops, tree: Path, action: str) -> None:
    """The cluster as the origin's main wants it."""
    git.run(tree, "fetch", "--quiet", "origin")
    options = ("--cluster", CLUSTER) if action == "up" else ()
    answer = gitops("local", action, *options, "--revision", "origin/main", folder=tree)
    assert answer.code == 0, answer.out + answer.err


def pushed(gitops: Gitops, tree: Path, *verb: str) -> tuple[str, dict[str, Any]]:
    """Push with the verb; the preview that it showed, as data. The checkout and its branch stay as they were."""
    before = git.run(tree, "rev-parse", "HEAD", "origin/main").split()
    answer = gitops(*verb, "--push", "--yes", folder=tree)
    assert answer.code == 0, answer.out + answer.err
    git.run(tree, "fetch", "--quiet", "origin")
    head, base, commit = git.run(tree, "rev-parse", "HEAD", "origin/main^", "origin/main").split()
    assert ([head, base], git.run(tree, "status", "--porcelain")) == (before, "")
    shown = gitops("diff", "--base", base, "--head", commit, folder=tree)
    assert same(answer, shown, commit)
    return commit, json.loads(gitops("diff", "--base", base, "--head", commit, "--format=json", folder=tree).out)


def same(preview: Answer, shown: Answer, commit: str) -> bool:
    """Is the preview what `gitops diff` says of the commit, but for the line that names both sides?"""
    said, _, end = preview.out.partition("\n")[2].rpartition("\n\n")
    return f"pushed {commit[:12]}" in end and said.strip() == shown.out.partition("\n")[2].strip()


def previewed(review: dict[str, Any]) -> Fields:
    found: Fields = defaultdict(list)
    for hunk in review["hunks"]:
        for name in hunk["objects"] if CLUSTER in hunk["places"] else ():
            found[name] += [(c["path"], c.get("old", ABSENT), c.get("new", ABSENT)) for c in hunk["changes"]]
    return {name: sorted(changes, key=str) for name, changes in found.items()}


def happened(before: Snapshot, after: Snapshot) -> Fields:
    found = {d.identity: [(c.where, c.old, c.new) for c in d.changes] for d in snapshots.between(before, after)}
    return {name: sorted(changes, key=str) for name, changes in found.items() if changes}


def restarted(review: dict[str, Any], before: Snapshot, after: Snapshot) -> tuple[set[str], set[str]]:
    """The workloads that the preview says restart, and those whose pods are made from another template."""
    said = {line["what"] for line in review["restarts"] if CLUSTER in line["places"]}
    kinds = ("Deployment", "StatefulSet")
    both = [(before[key], item) for key, item in after.items() if key in before and item.kind in kinds]
    return said, {new.identity for old, new in both if old.get("spec", "template") != new.get("spec", "template")}


def is_untouched(old: snapshots.Manifest, new: snapshots.Manifest) -> bool:
    """Nobody wrote to it but its state: the same object, at the same generation; at the same version without one."""
    if new.get("metadata", "generation"):
        return old.get("metadata", "generation") == new.get("metadata", "generation")
    return bool(new.get("status")) or old.get("metadata", "resourceVersion") == new.get("metadata", "resourceVersion")


def compared(review: dict[str, Any], before: Snapshot, after: Snapshot) -> None:
    """What the preview names changed in place and in the fields that it named; the rest was not touched."""
    assert happened(before, after) == previewed(review)
    said, seen = restarted(review, before, after)
    assert said == seen
    named = {*previewed(review), *said}
    both = [(before[key], item) for key, item in after.items() if key in before]
    again = {new.identity for old, new in both if snapshots.uid(old) != snapshots.uid(new)}
    assert again == {"Job/pybase/pybase-migrate", "Job/pybase/pybase-minio-bucket"}  # hooks: anew with every sync
    rest = [pair for pair in both if pair[1].identity not in named | again and pair[1].kind != "Application"]
    assert [new.identity for old, new in rest if not is_untouched(old, new)] == []


def test_the_cluster_runs_what_the_origin_has(
    tree: Path, gitops: Gitops, cluster: Cluster, known: dict[str, Snapshot]
) -> None:
    brought(gitops, tree, "up")
    known["before"] = snapshots.take(cluster)
    assert image(cluster) == "ghcr.io/pybase/pybase:1.0.0"


def image(cluster: Cluster) -> str:
    found = cluster.get("deployment", "pybase-api", "pybase")
    assert found
    return str(found["spec"]["template"]["spec"]["containers"][0]["image"])


def test_a_promotion_arrives_as_its_preview_said(
    tree: Path, gitops: Gitops, cluster: Cluster, known: dict[str, Snapshot]
) -> None:
    _, review = pushed(gitops, tree, "promote", "development", "staging")
    assert image(cluster) == "ghcr.io/pybase/pybase:1.0.0"  # pushed, and Argo CD has not looked yet
    brought(gitops, tree, "sync")
    known["after"] = snapshots.take(cluster)
    assert image(cluster) == "ghcr.io/pybase/pybase:1.1.0"
    names = {"Deployment/pybase/pybase-redis", "StatefulSet/pybase/pybase-postgresql", "Job/pybase/pybase-migrate"}
    assert names <= set(previewed(review))
    compared(review, known["before"], known["after"])


def test_a_rollback_arrives_and_leads_back(
    tree: Path, gitops: Gitops, cluster: Cluster, state: Instance, known: dict[str, Snapshot]
) -> None:
    _, review = pushed(gitops, tree, "rollback", "staging")
    brought(gitops, tree, "sync")
    after = snapshots.take(cluster)
    compared(review, known["after"], after)
    assert set(after) == set(known["before"])  # generated names too
    assert snapshots.between(known["before"], after) == []
