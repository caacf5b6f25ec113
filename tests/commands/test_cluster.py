"""gitops cluster: what is added validates at once and copies nobody's values; what goes as a teardown does it."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import fake_cluster
from gitops import cli, exchange, facts, source
from gitops.errors import GitopsError
from gitops.fleet import Fleet
from gitops.layout import MANIFEST_FOLDERS, POLICIES, Repository
from support import ROOT, Answer, Gitops

PLACES = [(p, e) for p in ("aks", "bare-metal", "eks", "gke") for e in ("development", "production", "staging")]
LINES = 60  # of the three files together
HERE = "bare-metal-production-fra1"  # the only cluster of the small fleet
CLUSTER = "eks-staging-us-east-1"


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This fleet with a new cluster of every provider and environment."""
    tree = tmp_path_factory.mktemp("fleet")
    for folder in (*MANIFEST_FOLDERS, POLICIES, "schemas"):
        shutil.copytree(ROOT / folder, tree / folder)
    for provider, environment in PLACES:
        assert cli.main(["cluster", "add", provider, environment, "zone-9", "--yes", "--repository", str(tree)]) == 0
    return tree


def snapshot(tree: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()}


def literals(tree: Path, cluster: str) -> dict[str, str]:
    path = tree / Repository(tree).facts_file(cluster)
    return facts.read(source.read(path, path.name, tree))


def add(gitops: Gitops, base: Path, *options: str, name: str = "bare-metal production fra2") -> Answer:
    return gitops("cluster", "add", *name.split(), *options, folder=base)


def test_every_provider_and_environment_validates_at_once(gitops: Gitops, grown: Path) -> None:
    answer = gitops("validate", *(f"{p}-{e}-zone-9" for p, e in PLACES), folder=grown)
    assert (answer.code, answer.out.startswith("no problems: ")) == (0, True), answer.out


@pytest.mark.parametrize("provider, environment", PLACES)
def test_three_short_files_and_stubs(provider: str, environment: str, grown: Path) -> None:
    folder = grown / "clusters" / f"{provider}-{environment}-zone-9"
    files = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}
    own = {path: text for path, text in files.items() if "/sealed/" not in path}
    assert set(own) == {f"{part}/kustomization.yaml" for part in ("apps", "facts", "workload")}
    assert sum(len(text.splitlines()) for text in own.values()) <= LINES
    assert not any("rollout" in path or path.endswith(".pem") for path in files)
    keys = [line for path, text in files.items() if path.endswith("-secret.yaml") for line in text.splitlines()]
    assert any(": STUB" in line for line in keys) and not any(len(line) > 300 for line in keys)


@pytest.mark.parametrize("provider, environment", PLACES)
def test_no_value_of_another_cluster_is_copied(provider: str, environment: str, grown: Path) -> None:
    new = literals(grown, f"{provider}-{environment}-zone-9")
    others = {value for cluster in Repository(ROOT).clusters for value in literals(ROOT, cluster.name).values()}
    assert new["name"] == f"{provider}-{environment}-zone-9"
    assert new["domain"].startswith(f"zone-9.{provider}.") and (f".{environment}." in new["domain"]) == (
        environment != "production"
    )
    assert {value for value in new.values() if value in others and facts.UNKNOWN not in value} == set()


def test_what_is_left_to_do_is_printed_as_status_prints_it(gitops: Gitops, base: Path) -> None:
    answer = add(gitops, base, "--yes")
    assert (answer.code, answer.err) == (0, "")
    assert "+      - domain=fra2.example.org" in answer.out
    assert answer.out.endswith(gitops("status", "bare-metal-production-fra2", folder=base).out)


def test_a_dry_run_and_another_word_write_nothing(gitops: Gitops, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = snapshot(base)
    dry = add(gitops, base, "--dry-run")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stdin.readline", lambda: "yes\n")
    asked = add(gitops, base)
    assert (dry.code, asked.code, snapshot(base)) == (0, 1, before)
    assert "write these 6 files: type bare-metal-production-fra2 to go on" in asked.out


@pytest.mark.parametrize(
    "name, options, words",
    [
        ("bare-metal production fra1", [], f"clusters/{HERE}: is there already"),
        ("bare-mettle production fra2", [], "no such provider, did you mean bare-metal?"),
        ("bare-metal prod fra2", [], "no such environment, did you mean production?"),
        ("bare-metal production Fra_2", [], "Fra_2: no location"),
        ("bare-metal production ../x", [], "../x: no location"),
        ("bare-metal production fra²", [], "fra²: no location"),
        ("bare-metal production", [], "add takes PROVIDER ENVIRONMENT LOCATION"),
        ("bare-metal production fra2", ["--domain", "fra1.example.org"], f"is that of {HERE}; give another"),
        (
            "bare-metal production fra2",
            ["--domain", "not a domain"],
            "'not a domain': it is not a domain",
        ),
        ("bare-metal production fra2", ["--domain", ""], "the domain '': it is empty"),
        ("bare-metal production fra2", [], "no terminal to ask on; add --yes"),
    ],
)
def test_refuses_and_writes_nothing(
    name: str, options: list[str], words: str, gitops: Gitops, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    before = snapshot(base)
    answer = add(gitops, base, *options, name=name)
    assert (answer.code, snapshot(base)) == (2, before)
    assert words in answer.err and answer.err.count("\n") == 1


def test_a_fleet_that_does_not_validate_is_not_added_to(gitops: Gitops, base: Path) -> None:
    path = base / "components/workloads/api/deployment.yaml"
    path.write_text(path.read_text().replace("readOnlyRootFilesystem", "readOnlyRootFileSystem"))
    before = snapshot(base)
    answer = add(gitops, base, "--yes")
    assert (answer.code, snapshot(base)) == (2, before)
    assert f"  [!] {path.relative_to(base)}:" in answer.out and "would not validate" in answer.err


def test_a_live_model_gives_neither_its_certificate_nor_its_restarts(gitops: Gitops, base: Path) -> None:
    leaf = base / f"clusters/{HERE}/workload"
    (base / f"clusters/{HERE}/facts/sealed-secrets.pem").write_text("a certificate\n")
    (leaf / "sealed/rollout").mkdir()
    (leaf / "sealed/rollout/kustomization.yaml").write_text(
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
        'commonAnnotations: {pybase.dev/secret-changed: "2026-01-01T00:00:00Z"}\n'
    )
    text = (leaf / "kustomization.yaml").read_text()
    (leaf / "kustomization.yaml").write_text(f"{text}  - sealed/rollout\n")
    assert add(gitops, base, "--yes").code == 0
    new = base / "clusters/bare-metal-production-fra2"
    assert not (new / "facts/sealed-secrets.pem").exists() and not (new / "workload/sealed/rollout").exists()
    assert "rollout" not in (new / "workload/kustomization.yaml").read_text()


def test_a_folder_that_came_meanwhile_stays(base: Path) -> None:
    repository = Repository(base)
    before = snapshot(base)
    with pytest.raises(GitopsError, match="cannot be made"):
        exchange.add(repository, HERE, {f"clusters/{HERE}/facts/kustomization.yaml": "new"})
    assert snapshot(base) == before


@pytest.fixture
def two(gitops: Gitops, base: Path) -> Path:
    """The small fleet with a second cluster, committed, and a page that names it."""
    assert add(gitops, base, "--yes").code == 0
    (base / "page.md").write_text("see `bare-metal-production-fra2`; not bare-metal-production-fra21\n")
    (base / "other.md").write_text("bare-metal-production-fra21\n")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
        subprocess.run(["git", "-C", str(base), *identity, *command], check=True)
    return base


def test_a_removed_folder_is_gone_whole_and_the_rest_stays(gitops: Gitops, two: Path) -> None:
    folder = two / "clusters/bare-metal-production-fra2"
    rest = {path: text for path, text in snapshot(two).items() if folder not in path.parents}
    answer = gitops("cluster", "remove", "bare-metal-production-fra2", "--yes", folder=two)
    assert (answer.code, answer.err, folder.exists(), snapshot(two)) == (0, "", False, rest)
    assert "  page.md\n" in answer.out and "other.md" not in answer.out and "brings them back" not in answer.out
    assert answer.out.endswith("\nDeletes: clusters/bare-metal-production-fra2\n")
    assert gitops("validate", folder=two).code == 0


def test_the_trailer_is_the_one_that_diff_wants(gitops: Gitops, two: Path) -> None:
    gitops("cluster", "remove", "bare-metal-production-fra2", "--yes", folder=two)
    trailer = gitops("diff", "--base", "HEAD", folder=two).out
    assert "`Deletes: clusters/bare-metal-production-fra2`" in trailer


def test_what_no_commit_has_is_named(gitops: Gitops, two: Path) -> None:
    (two / "clusters/bare-metal-production-fra2/notes.md").write_text("mine\n")
    answer = gitops("cluster", "remove", "bare-metal-production-fra2", "--dry-run", folder=two)
    assert answer.code == 0 and answer.out.endswith("nothing was deleted\n")
    assert "nothing brings them back:\n  clusters/bare-metal-production-fra2/notes.md\nnothing was" in answer.out
    assert (two / "clusters/bare-metal-production-fra2/notes.md").exists()


def test_a_cluster_that_does_not_build_can_go(gitops: Gitops, two: Path) -> None:
    (two / "clusters/bare-metal-production-fra2/workload/kustomization.yaml").write_text("resources: [nowhere]\n")
    answer = gitops("cluster", "remove", "clusters/bare-metal-production-fra2", "--yes", folder=two)
    assert answer.code == 0 and "workload: does not build, so what the cluster has is not known" in answer.out


@pytest.mark.parametrize(
    "names, words", [([HERE], "is the last one"), (["bare-metal-x"], "no such cluster"), ([HERE, HERE], "takes one")]
)
def test_refuses_to_remove(names: list[str], words: str, gitops: Gitops, base: Path) -> None:
    answer = gitops("cluster", "remove", *names, "--yes", folder=base)
    assert answer.code == 2 and words in answer.err and (base / "clusters" / HERE).is_dir()


def listed(out: str) -> Iterator[str]:
    """The lines of what goes and what is kept."""
    return (line for line in out.splitlines() if line.startswith(("  ", "to delete", "kept")) and "gitops" not in line)


def test_it_tells_what_a_teardown_does(
    gitops: Gitops, the_fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    builds = {b.part: b for b in the_fleet.builds if b.cluster == CLUSTER}
    there = [o for o in fake_cluster.running(builds["workload"].objects) if o["kind"] not in ("Pod", "EndpointSlice")]
    there += [item.data for item in builds["apps"].of_kind("Application")]
    there += [
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": item.name, "namespace": item.namespace}}
        for item in builds["workload"].of_kind("SealedSecret")
    ]
    made = fake_cluster.install(tmp_path / "bin", there)
    monkeypatch.setenv("PATH", str(made.folder), prepend=":")
    told = gitops("cluster", "remove", CLUSTER, "--dry-run").out
    done = list(listed(gitops("teardown", CLUSTER, "--dry-run").out))
    assert list(listed(told))[: len(done)] == done and len(done) > 10
    assert "Delete=false keeps even then 5 objects (2 StatefulSet, 2 PersistentVolumeClaim, 1 Namespace)" in told


def test_an_application_that_deletes_nothing_takes_nothing_along(gitops: Gitops) -> None:
    """The kinds of the gateways have the sync option Delete=false, on the Application itself."""
    told = gitops("cluster", "remove", "bare-metal-staging-fra1", "--dry-run").out
    (line,) = [line for line in told.splitlines() if line.startswith("Deleted by hand, an Application")]
    assert "metallb, metrics-server, pybase" in line and "gateway-api" not in line and "-crds" not in line
