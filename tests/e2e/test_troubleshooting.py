"""docs/troubleshooting.md is true: each fault makes the platform say what the page quotes, and the way out is one."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import platforms
from controller_keys import certificate
from gitops.local import network, platform
from gitops.local.instance import Instance
from gitops.secrets import seal
from support import ROOT, Gitops

CLUSTER = "bare-metal-development-local"
API = "components/workloads/api/deployment.yaml"
ENVIRONMENT = "environments/development/kustomization.yaml"
VERSIONS = "environments/development/versions/kustomization.yaml"
SEALED = f"clusters/{CLUSTER}/workload/sealed/pybase-redis-secret.yaml"
WHOLE_SYNC = '{"operation": {"sync": {}}}'
QUOTA = {
    "apiVersion": "v1",
    "kind": "ResourceQuota",
    "metadata": {"name": "small", "namespace": "pybase"},
    "spec": {"hard": {"pods": "1"}},
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return platforms.checkout(Path(tmp_path_factory.mktemp("fleet")))


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with platforms.instance(Path(tmp_path_factory.mktemp("state"))) as made:
        yield made


class Page:
    """Waits until the platform says what the page says."""

    def __init__(self, gitops: Gitops, tree: Path, instance: Instance) -> None:
        self.gitops, self.tree, self.instance = gitops, tree, instance

    def said(self, lines: list[str], *, events: bool = False) -> None:
        seen: set[str] = set()

        def all_seen() -> bool:
            text = self.events() if events else self.gitops("local", "status", folder=self.tree).out
            even = " ".join(text.split())
            seen.update(line for line in lines if line in even)
            return len(seen) == len(lines)

        assert network.wait(all_seen, 40), f"not said: {[line for line in lines if line not in seen]}"

    def events(self) -> str:
        return platform.kubectl(self.instance).run("get", "events", "--namespace=pybase")

    def mended(self) -> None:
        answer = self.gitops("local", "sync", "--timeout", "60", folder=self.tree)
        assert answer.code == 0, answer.out + answer.err


@pytest.fixture
def page(gitops: Gitops, tree: Path, state: Instance) -> Page:
    return Page(gitops, tree, state)


def test_everything_is_well_at_first(gitops: Gitops, tree: Path, state: Instance) -> None:
    answer = gitops("local", "up", folder=tree)
    assert answer.code == 0, answer.out + answer.err


def test_a_manifest_that_the_api_server_refuses(page: Page, state: Instance) -> None:
    platforms.edit(state.path("git", "work", API), "containerPort: 8000", "containerPort: 808080")
    platforms.commit(state)
    page.said(*platforms.quoted("The API server refuses a manifest"))
    page.mended()


def test_a_kustomization_that_does_not_build(page: Page, state: Instance) -> None:
    platforms.edit(state.path("git", "work", ENVIRONMENT), "workloads/api", "workloads/apy")
    platforms.commit(state)
    page.said(*platforms.quoted("A kustomization does not build"))
    page.mended()


def test_a_repository_that_cannot_be_reached(page: Page, state: Instance) -> None:
    with platforms.gone(state):
        platforms.refresh(state)
        page.said(*platforms.quoted("The repository cannot be reached"))
    page.mended()


def test_a_secret_that_is_sealed_for_another_cluster(page: Page, state: Instance) -> None:
    file = state.path("git", "work", SEALED)
    sealed = json.loads(file.read_text())
    data = seal.sealed("pybase", "pybase-redis-secret", {"redis-password": "x"}, certificate())
    file.write_text(json.dumps({**sealed, "spec": {**sealed["spec"], "encryptedData": data}}))
    platforms.commit(state)
    status, events = platforms.quoted("A secret is sealed for another cluster")
    page.said(status)
    page.said(events, events=True)
    page.mended()


def test_a_wave_that_never_gets_healthy(page: Page, state: Instance) -> None:
    kubectl = platform.kubectl(state)
    kubectl.apply([QUOTA])
    for old, new in (("newTag: 7.4.11-alpine", "newTag: 7.4.12-alpine"), ("newTag: 1.0.0", "newTag: 1.0.1")):
        platforms.edit(state.path("git", "work", VERSIONS), old, new)
        platforms.edit(page.tree / VERSIONS, old, new)
    platforms.commit(state)
    status, events = platforms.quoted("A wave never gets healthy")
    page.said(status)
    page.said(events, events=True)
    assert image(page) == "ghcr.io/pybase/pybase:1.0.0"  # of a later wave
    with watching(page) as left, watching(page) as stays:
        assert left.stdout and left.stdout.readline().startswith("root ")
        left.send_signal(signal.SIGINT)
        assert left.wait(10) == 130
        kubectl.run("delete", "resourcequota", "small", "--namespace=pybase")
        page.mended()
        text = stays.communicate(timeout=30)[0]
        assert stays.returncode == 0 and "waiting for healthy state of apps/Deployment/pybase-redis" in text
        assert [line.split()[-4:-2] for line in text.splitlines()[-2:]] == [["Synced", "Healthy"]] * 2
    assert image(page) == "ghcr.io/pybase/pybase:1.0.1"


def test_a_version_that_runs_without_its_migration(page: Page, state: Instance) -> None:
    kubectl = platform.kubectl(state)
    for folder in (state.path("git", "work"), page.tree):
        platforms.edit(folder / VERSIONS, "newTag: 1.0.1", "newTag: 1.0.2")
    with platforms.gone(state):
        platforms.commit(state)  # and a refresh
        page.said(*platforms.quoted("The repository cannot be reached"))
    platforms.refresh(state)
    assert network.wait(lambda: image(page) == "ghcr.io/pybase/pybase:1.0.2", 60)
    ((finding,),) = platforms.quoted("A new version runs without its migration")
    assert finding in smoke(page)
    kubectl.run("patch", "application", "pybase", "--namespace=argocd", "--type=merge", f"--patch={WHOLE_SYNC}")
    assert network.wait(lambda: "ok jobs Job pybase-migrate is complete" in smoke(page), 60)


def smoke(page: Page) -> str:
    """What `gitops smoke` says, single-spaced."""
    return " ".join(page.gitops("smoke", "--local", "default", CLUSTER, folder=page.tree).out.split())


@contextmanager
def watching(page: Page) -> Iterator["subprocess.Popen[str]"]:
    """`gitops local status --watch`, without a terminal; ^C reaches it even where this shell's jobs ignore that."""
    command = [sys.executable, "-u", "-m", "gitops", "local", "--repository", str(page.tree), "status", "--watch"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "scripts")}
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what is caught is not ignored in the child
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, before)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def image(page: Page) -> str:
    path = "jsonpath={.spec.template.spec.containers[0].image}"
    return platform.kubectl(page.instance).run(
        "get", "deployment", "pybase-api", "--namespace=pybase", f"--output={path}"
    )
