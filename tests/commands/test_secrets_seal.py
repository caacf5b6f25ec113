"""gitops secrets seal: values are made, both sides have the same, and what was sealed is left alone."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from controller_keys import certificate, key
from gitops import kubeseal
from stubs import API, CLUSTER, PEM, REDIS, SEALED, seal, unsealed, values
from support import Gitops

ROLLOUT, LEAF = f"{SEALED}/rollout/kustomization.yaml", f"clusters/{CLUSTER}/workload/kustomization.yaml"
EVERY = ["pybase-api-secret/redis-url", "pybase-api-secret/secret-key", "pybase-redis-secret/redis-password"]


@pytest.fixture
def fleet(base: Path) -> Path:
    return unsealed(base)


def test_everything_is_made_and_the_same_on_both_sides(gitops: Gitops, fleet: Path, tmp_path: Path) -> None:
    answer = seal(gitops, fleet)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == "".join(f"{path}: written\n" for path in (API, REDIS, LEAF, ROLLOUT))
    found = values(fleet, tmp_path)
    assert sorted(found) == EVERY
    password = found["pybase-redis-secret/redis-password"]
    assert re.fullmatch("[A-Za-z0-9]{32}", password)
    assert found["pybase-api-secret/redis-url"] == f"redis://:{password}@pybase-redis:6379/0"
    assert re.fullmatch("[0-9a-f]{64}", found["pybase-api-secret/secret-key"])
    assert sorted(path.name for path in fleet.iterdir() if path.name.startswith(".")) == []


def test_what_is_sealed_stays(gitops: Gitops, fleet: Path) -> None:
    seal(gitops, fleet)
    before = (fleet / API).read_text()
    assert seal(gitops, fleet).out == f"{SEALED}: every key is sealed\n"
    assert (fleet / API).read_text() == before


def test_a_shared_value_is_made_anew_for_all_only_with_a_yes(gitops: Gitops, fleet: Path, tmp_path: Path) -> None:
    seal(gitops, fleet)
    before = values(fleet, tmp_path)
    chosen = ("--key", "pybase-redis-secret/redis-password")
    answer = seal(gitops, fleet, *chosen)
    assert answer.code == 2
    assert "made of a value that is made anew, and cannot be read back: pybase-api-secret/redis-url;" in answer.err
    assert values(fleet, tmp_path) == before
    assert seal(gitops, fleet, *chosen, "--yes").code == 0
    after = values(fleet, tmp_path)
    assert after["pybase-redis-secret/redis-password"] in after["pybase-api-secret/redis-url"]
    assert {name for name in before if before[name] != after[name]} == set(EVERY[::2])


def test_another_certificate_needs_the_whole_secret(gitops: Gitops, fleet: Path) -> None:
    seal(gitops, fleet)
    (fleet / PEM).write_text(certificate(key("another")))
    answer = seal(gitops, fleet, "--key", "pybase-api-secret/secret-key")
    assert answer.code == 2
    assert "redis-url stays sealed with another certificate; run `gitops secrets rotate" in answer.err
    assert seal(gitops, fleet, "--all").code == 0


def test_without_a_certificate_it_says_where_one_comes_from(gitops: Gitops, fleet: Path) -> None:
    (fleet / PEM).unlink()
    answer = seal(gitops, fleet)
    assert (answer.code, f"{PEM}: is not there; add --fetch-cert" in answer.err) == (2, True)


def test_missing_files_and_keys_are_added(gitops: Gitops, fleet: Path, tmp_path: Path) -> None:
    (fleet / REDIS).unlink()
    (fleet / f"{SEALED}/kustomization.yaml").write_text("kind: Kustomization\nresources:\n  - pybase-api-secret.yaml\n")
    answer = seal(gitops, fleet)
    assert answer.code == 0, answer.err
    assert sorted(values(fleet, tmp_path)) == EVERY


def test_dry_run_says_how_each_is_made_and_writes_nothing(gitops: Gitops, fleet: Path) -> None:
    before = (fleet / API).read_text()
    answer = seal(gitops, fleet, "--dry-run")
    assert (
        "pybase-redis-secret/redis-password: REDISCLI_AUTH: password of Redis, 32 letters and digits; generated\n"
        in answer.out
    )
    assert (fleet / API).read_text() == before


def test_what_uses_a_new_value_restarts(gitops: Gitops, fleet: Path) -> None:
    seal(gitops, fleet)
    text = (fleet / ROLLOUT).read_text()
    assert re.search(r"name: pybase-api\n.*checksum/pybase-api-secret: \"20", text, re.DOTALL)
    assert "  - sealed/rollout\n  - ../../../components/namespace\n" in (fleet / LEAF).read_text()
    assert gitops("secrets", "check", folder=fleet).code == 0
    (fleet / ROLLOUT).write_text(text.replace(': "20', ': "19'))
    answer = gitops("secrets", "check", folder=fleet)
    assert (answer.code, answer.out.count("would not restart with the last new value")) == (1, 2)
    assert gitops("secrets", "stub", CLUSTER, folder=fleet).out == f"{ROLLOUT}: written\n"
    assert (fleet / ROLLOUT).read_text() == text


def test_a_folder_that_is_gone_is_written_anew(gitops: Gitops, fleet: Path) -> None:
    seal(gitops, fleet)
    shutil.rmtree(fleet / SEALED)
    assert gitops("secrets", "stub", CLUSTER, folder=fleet).code == 0
    assert "sealed/rollout" not in (fleet / LEAF).read_text()
    assert seal(gitops, fleet).code == 0
    assert gitops("secrets", "check", folder=fleet).code == 0


def test_a_file_in_place_of_the_folder_is_said(gitops: Gitops, fleet: Path) -> None:
    shutil.rmtree(fleet / SEALED)
    (fleet / SEALED).touch()
    answer = seal(gitops, fleet)
    assert (answer.code, "/workload: cannot be changed: File exists; nothing was written\n" in answer.err) == (2, True)


def test_what_a_person_edits_meanwhile_is_not_written_over(
    gitops: Gitops, fleet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edited(*given: Any) -> Any:
        (fleet / API).write_text(f"# a comment\n{before}")
        return real(*given)

    before, real = (fleet / API).read_text(), kubeseal.seal
    monkeypatch.setattr(kubeseal, "seal", edited)
    answer = seal(gitops, fleet)
    assert (answer.code, f"{API}: changed while this ran, so nothing was written" in answer.err) == (2, True)
    assert (fleet / API).read_text() == f"# a comment\n{before}"
    assert "STUB" in (fleet / REDIS).read_text()
