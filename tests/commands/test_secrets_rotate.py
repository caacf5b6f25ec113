"""gitops secrets rotate without a cluster, check, and what a person types."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

import opened
from controller_keys import certificate, key
from gitops import sealing
from support import ROOT, Gitops

CLUSTER = "bare-metal-production-fra1"
SEALED = f"clusters/{CLUSTER}/workload/sealed"
API, REDIS = f"{SEALED}/pybase-api-secret.yaml", f"{SEALED}/pybase-redis-secret.yaml"
PEM = f"clusters/{CLUSTER}/facts/sealed-secrets.pem"
PASSWORD = ("--key", "pybase-redis-secret/redis-password")


@pytest.fixture
def fleet(base: Path, gitops: Gitops) -> Path:
    """The small fleet, sealed for a controller whose key is at hand."""
    (base / PEM).write_text(certificate())
    assert gitops("secrets", "seal", CLUSTER, "--all", folder=base).code == 0
    return base


def test_the_plan_says_what_is_new_and_what_restarts(gitops: Gitops, fleet: Path) -> None:
    before = (fleet / REDIS).read_text()
    answer = gitops("secrets", "rotate", CLUSTER, *PASSWORD, "--dry-run", folder=fleet)
    assert [line.split(":")[:2] for line in answer.out.splitlines()] == [
        ["new value", " pybase-api-secret/redis-url"],
        ["new value", " pybase-redis-secret/redis-password"],
        ["restarts", " Deployment/pybase/pybase-api"],
        ["restarts", " Deployment/pybase/pybase-redis"],
        ["nothing was changed"],
    ]
    assert (fleet / REDIS).read_text() == before


def test_new_values_need_a_yes(gitops: Gitops, fleet: Path, tmp_path: Path) -> None:
    before = opened.values(fleet / SEALED, key(), tmp_path)
    assert gitops("secrets", "rotate", CLUSTER, *PASSWORD, folder=fleet).code == 2
    assert opened.values(fleet / SEALED, key(), tmp_path) == before
    assert gitops("secrets", "rotate", CLUSTER, *PASSWORD, "--yes", folder=fleet).code == 0
    after = opened.values(fleet / SEALED, key(), tmp_path)
    assert {name for name in after if after[name] != before[name]} == {
        "pybase-api-secret/redis-url",
        "pybase-redis-secret/redis-password",
    }


def test_offline_what_another_certificate_sealed_is_made_anew(gitops: Gitops, fleet: Path, tmp_path: Path) -> None:
    (fleet / PEM).write_text(certificate(key("another")))
    assert gitops("secrets", "check", folder=fleet).out.count("(sealing-certificate)") == 2
    assert gitops("secrets", "rotate", CLUSTER, "--offline", "--yes", folder=fleet).code == 0
    assert len(opened.values(fleet / SEALED, key("another"), tmp_path)) == 3
    assert gitops("secrets", "check", folder=fleet).code == 0
    again = gitops("secrets", "rotate", CLUSTER, "--offline", folder=fleet)
    assert again.out == f"{CLUSTER}: everything is sealed with {PEM}\n"


@pytest.mark.parametrize("action", ["rotate", "seal"])
def test_the_current_context_is_not_taken_for_the_cluster(action: str, gitops: Gitops, fleet: Path) -> None:
    options = ("--fetch-cert",) if action == "seal" else ()
    answer = gitops("secrets", action, CLUSTER, *options, folder=fleet)
    assert (answer.code, f"say how {CLUSTER} is reached: --context" in answer.err) == (2, True)


def test_check_counts_what_is_sealed(gitops: Gitops, fleet: Path) -> None:
    answer = gitops("secrets", "check", folder=fleet)
    assert (answer.code, answer.out) == (0, f"{CLUSTER}: live, 3 of 3 keys in 2 Secrets are sealed\n")
    (fleet / REDIS).write_text(
        re.sub(r"redis-password: .*", f"redis-password: {sealing.STUB}", (fleet / REDIS).read_text())
    )
    answer = gitops("secrets", "check", folder=fleet)
    assert (answer.code, "key redis-password is not sealed yet" in answer.out) == (1, True)


def test_check_does_not_pass_over_what_does_not_build(gitops: Gitops, fleet: Path) -> None:
    (fleet / REDIS).unlink()
    answer = gitops("secrets", "check", folder=fleet)
    assert (answer.code, "(kustomize-builds)" in answer.out) == (1, True)


def test_what_is_typed_is_not_shown(fleet: Path, tmp_path: Path) -> None:
    """An optional key, of a terminal: asked for by name, and sealed."""
    settings = fleet / "components/settings/environment.yaml"
    use = "{name: SENTRY_DSN, valueFrom: {secretKeyRef: {name: pybase-api-secret, key: sentry-dsn, optional: true}}}"
    line = next(line for line in settings.read_text().splitlines() if "name: REDIS_URL" in line)
    settings.write_text(settings.read_text().replace(line, f"{line}\n{line[: line.index('-')]}- {use}"))
    shown, code = typed(fleet, "canary-canary", "--key", "pybase-api-secret/sentry-dsn")
    assert (code, "canary" in shown, "sentry-dsn (sentry-dsn): " in shown) == (0, False, True)
    assert opened.values(fleet / SEALED, key(), tmp_path)["pybase-api-secret/sentry-dsn"] == "canary-canary"


def typed(fleet: Path, text: str, *options: str) -> tuple[str, int]:
    """What `gitops secrets seal` shows on a terminal where this is typed when it asks, and its exit code."""
    command = [sys.executable, "-m", "gitops", "secrets", "--repository", str(fleet), "seal", CLUSTER, *options]
    ours, theirs = pty.openpty()
    environment = os.environ | {"PYTHONPATH": str(ROOT / "scripts")}
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    ) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
            if shown.endswith(b"): "):
                os.write(ours, f"{text}\n".encode())
    os.close(ours)
    return shown.decode(), process.returncode


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other end is closed
        return b""
