"""gitops secrets stub: what is missing is written, what is there stays, what is unused is named."""

import shutil
from pathlib import Path

import pytest

from support import Gitops

CLUSTER = "bare-metal-production-fra1"
SEALED = f"clusters/{CLUSTER}/workload/sealed"
API = f"{SEALED}/pybase-api-secret.yaml"
URL = "    redis-url: STUB  # REDIS_URL: redis://:{redis-password}@pybase-redis:6379/0; generated"


def stub(gitops: Gitops, base: Path, *options: str) -> str:
    answer = gitops("secrets", "stub", CLUSTER, *options, folder=base)
    assert (answer.code, answer.err) == (0, "")
    return answer.out


def snapshot(base: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted((base / SEALED).iterdir())}


def drop(base: Path, path: str, word: str) -> str:
    """Delete the lines with that word; returns the file as it was."""
    text = (base / path).read_text()
    (base / path).write_text("".join(line for line in text.splitlines(True) if word not in line))
    return text


def test_complete_cluster_changes_nothing(gitops: Gitops, base: Path) -> None:
    before = snapshot(base)
    assert stub(gitops, base) == f"{SEALED}: every key is there\n"
    assert snapshot(base) == before


def test_missing_key_is_added_and_sealed_values_stay(gitops: Gitops, base: Path) -> None:
    before = drop(base, API, "redis-url").splitlines()
    assert stub(gitops, base) == f"{API}: written\n"
    after = (base / API).read_text().splitlines()
    assert after[10:12] == [before[10], URL]
    assert after[:11] + after[12:] == before[:11] + before[12:]


def test_new_cluster_without_a_folder_gets_every_file(gitops: Gitops, base: Path) -> None:
    shutil.rmtree(base / SEALED)
    stub(gitops, base)
    assert list(snapshot(base)) == ["kustomization.yaml", "pybase-api-secret.yaml", "pybase-redis-secret.yaml"]
    text = (base / API).read_text()
    assert "  name: pybase-api-secret\n  namespace: pybase\n" in text
    assert "    secret-key: STUB  # SECRET_KEY: signs sessions, 64 hexadecimal digits; generated\n" in text
    of_redis = "    redis-password: STUB  # REDISCLI_AUTH: password of Redis, 32 letters and digits; generated\n"
    assert of_redis in snapshot(base)["pybase-redis-secret.yaml"]
    assert stub(gitops, base) == f"{SEALED}: every key is there\n"
    assert gitops("render", CLUSTER, folder=base).code == 0


def test_optional_keys_are_not_asked_for(gitops: Gitops, base: Path) -> None:
    environment = base / "components/settings/environment.yaml"
    environment.write_text(environment.read_text().replace("key: redis-url", "key: redis-url, optional: true"))
    drop(base, API, "redis-url")
    assert stub(gitops, base) == f"{SEALED}: every key is there\n"


def test_unused_key_and_secret_are_named_and_kept(gitops: Gitops, base: Path) -> None:
    before = snapshot(base)
    drop(base, "components/settings/environment.yaml", "redis-url")
    assert f"{API}: key redis-url is no longer used; delete it when nothing else needs it\n" in stub(gitops, base)
    assert snapshot(base) == before


def test_dry_run_shows_the_change_and_writes_nothing(gitops: Gitops, base: Path) -> None:
    drop(base, API, "redis-url")
    before = snapshot(base)
    assert f"\n+{URL}\n" in stub(gitops, base, "--dry-run")
    assert snapshot(base) == before


def test_build_that_fails_for_another_reason_is_said(gitops: Gitops, base: Path) -> None:
    (base / "components/workloads/api/deployment.yaml").unlink()
    answer = gitops("secrets", "stub", CLUSTER, folder=base)
    assert answer.code == 2
    assert f"gitops secrets: clusters/{CLUSTER}/workload: does not build: " in answer.err


@pytest.mark.parametrize("text", ["a: 1\n", "spec:\n  encryptedData:\n    a: 1\n---\nb: 1\n", "<<<<<<< x\n"])
def test_file_of_another_shape_is_refused_and_kept(text: str, gitops: Gitops, base: Path) -> None:
    (base / API).write_text(text)
    answer = gitops("secrets", "stub", CLUSTER, folder=base)
    assert answer.code == 2
    assert API in answer.err
    assert (base / API).read_text() == text


def test_key_of_which_nothing_is_known_is_from_a_person(gitops: Gitops, base: Path) -> None:
    (base / "policies/secrets.yaml").write_text("secrets: {}\n")
    drop(base, API, "redis-url")
    stub(gitops, base)
    assert "    redis-url: STUB  # REDIS_URL: redis-url; from you\n" in (base / API).read_text()
