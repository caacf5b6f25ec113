"""gitops report: the fleet as a page and as data, of good trees and of broken ones."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gitops import git
from histories import CLUSTER, commit, edit, staging, with_staging
from support import Gitops

EVIL = "<img src=x onerror=alert(1)>"
FACTS = f"clusters/{CLUSTER}/facts/kustomization.yaml"


@pytest.fixture
def checkout(base: Path) -> Path:
    return with_staging(base)


def found(gitops: Gitops, folder: Path) -> dict[str, Any]:
    answer = gitops("report", "--format", "json", folder=folder)
    assert answer.code == 0, answer.err
    return dict(json.loads(answer.out))


def test_the_data(checkout: Path, gitops: Gitops) -> None:
    edit(checkout, "environments/staging/versions/kustomization.yaml", "1.0.0", "1.1.0")
    data = found(gitops, checkout)
    assert data["environments"] == ["staging", "production"]
    assert (data["subject"], data["changes"]) == ("staging", "and 1 file not committed")
    assert data["commit"] == git.run(checkout, "rev-parse", "--short", "HEAD").strip()
    assert {c["name"]: c["environment"] for c in data["clusters"]}[CLUSTER] == "production"
    (pair,) = data["drift"]
    assert {row["since"] for row in pair["rows"] if row["kind"] == "versions"} == {"not committed"}
    assert [graph["clusters"] for graph in data["graphs"]] == [[CLUSTER, CLUSTER.replace("production", "staging")]]
    assert data["notes"] == []


def test_lists_are_those_of_status(checkout: Path, gitops: Gitops) -> None:
    states = {
        state["cluster"]: state for state in json.loads(gitops("status", "--format", "json", folder=checkout).out)
    }
    for cluster in found(gitops, checkout)["clusters"]:
        state = states[cluster["name"]]
        assert len(cluster["missing"]) + bool(cluster["certificate"]) == len(state["missing"])
        assert len(cluster["findings"]) == len(state["findings"])


def test_the_page_is_written(checkout: Path, gitops: Gitops, tmp_path: Path) -> None:
    page = tmp_path / "out" / "fleet.html"
    answer = gitops("report", "--output", str(page), folder=checkout)
    assert (answer.code, answer.out) == (0, f"{page}\n")
    html = page.read_text()
    assert html == gitops("report", folder=checkout).out
    assert "2 clusters in 2 environments" in html and html.count("<svg") == 1
    assert re.search(r"https?:|\bsrc=|\bhref=|@import|url\((?!#arrow)", html) is None


def test_a_cluster_that_does_not_build(checkout: Path, gitops: Gitops) -> None:
    (checkout / "clusters" / CLUSTER / "workload" / "kustomization.yaml").write_text("resources: [nowhere]\n")
    data = found(gitops, checkout)
    broken = {cluster["name"]: cluster for cluster in data["clusters"]}[CLUSTER]
    assert "nowhere" in broken["error"] and broken["findings"]
    assert any(f"clusters/{CLUSTER}/workload does not build" in note for note in data["notes"])
    assert "does not build" in data["drift"][0]["error"] and len(data["graphs"]) == 1
    answer = gitops("report", folder=checkout)
    assert answer.code == 0 and '<span class="badge high">does not build</span>' in answer.out


def test_a_file_that_cannot_be_read(checkout: Path, gitops: Gitops) -> None:
    (checkout / FACTS).write_bytes(b"\xff\xfe: [")
    data = found(gitops, checkout)
    assert any(note == f"{FACTS} cannot be read" for note in data["notes"])
    assert f"{FACTS} cannot be read" in gitops("report", folder=checkout).out


def test_words_of_a_manifest_are_no_html(checkout: Path, gitops: Gitops) -> None:
    text = (checkout / FACTS).read_text()
    domain = next(line for line in text.splitlines() if "- domain=" in line)
    edit(checkout, FACTS, domain, f"      - 'domain={EVIL}</script>'")
    (checkout / "components" / f"{EVIL.replace('/', '')}.yaml").write_text("a: [\n")
    (checkout / "components" / "\udcff\u202e.yaml").write_text("a: [\n")
    commit(checkout, f"{EVIL} </script>")
    out = gitops("report", folder=checkout).out
    assert EVIL not in out.partition('<script type="application/json"')[0] and "&lt;img src=x" in out
    assert out.count("</script>") == 2 and "\u202e" not in out


def test_without_git(base: Path, gitops: Gitops) -> None:
    staging(base)
    answer = gitops("report", folder=base)
    assert answer.code == 0 and "not in Git" in answer.out and "not a git repository" in answer.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--output", "fleet.txt"), "end it in .html"),
        (("--output", "fleet.html", "--format", "json"), "leave one of --output and --format json out"),
        (("--output", "/dev/null/fleet.html"), "cannot be written"),
    ],
)
def test_wrong_use(arguments: tuple[str, ...], said: str, checkout: Path, gitops: Gitops) -> None:
    answer = gitops("report", *arguments, folder=checkout)
    assert answer.code == 2 and said in answer.err and len(answer.err.splitlines()) == 1
