"""gitops secrets seal: values are made, given or refused; both sides have the same; what was sealed is left alone."""

import contextlib
import os
import pty
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import opened
from controller_keys import certificate, key
from gitops import kubeseal
from support import Answer, Gitops

CLUSTER = "bare-metal-production-fra1"
SEALED = f"clusters/{CLUSTER}/workload/sealed"
API, REDIS = f"{SEALED}/pybase-api-secret.yaml", f"{SEALED}/pybase-redis-secret.yaml"
PEM = f"clusters/{CLUSTER}/facts/sealed-secrets.pem"
ROLLOUT, LEAF = f"{SEALED}/rollout/kustomization.yaml", f"clusters/{CLUSTER}/workload/kustomization.yaml"
EVERY = ["pybase-api-secret/redis-url", "pybase-api-secret/secret-key", "pybase-redis-secret/redis-password"]


@pytest.fixture
def fleet(base: Path) -> Path:
    """The small fleet with nothing sealed, and the certificate of a controller whose key is at hand."""
    (base / PEM).write_text(certificate())
    for path in (API, REDIS):
        (base / path).write_text(re.sub(r": A\S{300,}", ": STUB", (base / path).read_text()))
    return base


@contextmanager
def held(text: str) -> Iterator[int]:
    """An open descriptor with that text, as a pipe of the shell is."""
    end, other = os.pipe()
    os.write(other, text.encode())
    os.close(other)
    yield end
    os.close(end)


def seal(gitops: Gitops, fleet: Path, *options: str, given: str = "") -> Answer:
    with held(given) as descriptor:
        more = ("--values-fd", str(descriptor)) if given else ()
        return gitops("secrets", "seal", CLUSTER, *options, *more, folder=fleet)


def values(fleet: Path, tmp_path: Path) -> dict[str, str]:
    return opened.values(fleet / SEALED, key(), tmp_path)


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


def test_given_parts_are_used_and_whole_values_are_taken_apart(gitops: Gitops, fleet: Path, tmp_path: Path) -> None:
    url = "redis://:a-password.of~mine@pybase-redis:6379/0"
    answer = seal(gitops, fleet, given=f"# ours\n\npybase-api-secret/redis-url={url}\nsecret-key={'k=' * 20}\n")
    assert (answer.code, answer.err) == (0, "")
    assert seal(gitops, fleet).code == 0
    found = values(fleet, tmp_path)
    assert found["pybase-api-secret/redis-url"] == url


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            "redis-pasword=x",
            "redis-pasword: nothing on bare-metal-production-fra1 is made of it, did you mean redis-pass",
        ),
        ("redis-password=short", "redis-password: shorter than 16 characters; give a longer one"),
        ("redis-password=a@b/c:d-0123456789", "redis-password: has characters that a URL escapes"),
        ("redis-password=", "redis-password: is empty; give a value, or leave the line out"),
        ("pybase-api-secret/redis-url=", "pybase-api-secret/redis-url: is empty; give a value"),
        ("red\x1b[31mis=1", "line 1: not NAME=VALUE"),
        ("postgresql://pybase:pass@host/pybase?sslmode=require", "line 1: not NAME=VALUE"),
        ("QmFzZTY0==", "line 1: not NAME=VALUE"),
        ("redis-password", "line 1: not NAME=VALUE"),
        ("redis-password=x\r", "line 1: not NAME=VALUE"),
        ("redis-password=1\nredis-password=1", "line 2: redis-password is there twice"),
        ("pybase-api-secret/redis-url=redis://x", "does not fit redis://:{redis-password}@pybase-redis:6379/0"),
        ("pybase-api-secret/secret-key=", "pybase-api-secret/secret-key: is empty"),
        ("secret-key= " + "x" * 40, "pybase-api-secret/secret-key: has blanks around it"),
        ("secret-key=" + "\x07" * 40, "or characters that do not print"),
        ("pybase-api-secret/nothing=x", "pybase-api-secret/nothing: no such key on bare-metal-production-fra1"),
        ("secret-key=dev-" + "x" * 40, "SECRET_KEY: its value contains dev-, which is refused in production"),
    ],
)
def test_what_cannot_be_a_value_is_refused_and_nothing_written(
    given: str, said: str, gitops: Gitops, fleet: Path
) -> None:
    (fleet / "policies/settings.yaml").write_text(SETTINGS)
    answer = seal(gitops, fleet, given=given)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err and answer.err.count("\n") == 1
    assert "pass@" not in answer.err and "QmFz" not in answer.err
    assert "STUB" in (fleet / API).read_text()


SETTINGS = "settings:\n  SECRET_KEY: {secret: true, at_least: 32, forbidden_start: [dev-]}\n"


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


def test_the_present_value_is_sealed_alone(gitops: Gitops, fleet: Path, tmp_path: Path) -> None:
    seal(gitops, fleet)
    before = (fleet / API).read_text()
    given = "redis-password=0123456789abcdef"
    assert seal(gitops, fleet, "--key", "pybase-redis-secret/redis-password", given=given).code == 0
    assert (fleet / API).read_text() == before
    assert values(fleet, tmp_path)["pybase-redis-secret/redis-password"] == "0123456789abcdef"


def test_a_new_value_that_is_given_is_on_both_sides(gitops: Gitops, fleet: Path, tmp_path: Path) -> None:
    seal(gitops, fleet)
    with held("redis-password=0123456789abcdef") as new:
        options = ("--key", "pybase-redis-secret/redis-password", "--yes", "--values-fd", str(new))
        assert gitops("secrets", "rotate", CLUSTER, *options, folder=fleet).code == 0
    found = values(fleet, tmp_path)
    assert found["pybase-redis-secret/redis-password"] == "0123456789abcdef"
    assert found["pybase-api-secret/redis-url"] == "redis://:0123456789abcdef@pybase-redis:6379/0"


def test_a_value_that_nothing_takes_is_said(gitops: Gitops, fleet: Path) -> None:
    seal(gitops, fleet)
    for action in ("seal", "rotate"):
        with held("redis-password=0123456789abcdef") as given:
            answer = gitops("secrets", action, CLUSTER, "--values-fd", str(given), folder=fleet)
        assert answer.code == 2 and "redis-password: no key that is sealed now is made of it" in answer.err


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


@pytest.mark.parametrize("number", ["99", "-1", "9" * 30])
def test_a_descriptor_that_is_not_open_is_said(number: str, gitops: Gitops, fleet: Path) -> None:
    answer = gitops("secrets", "seal", CLUSTER, f"--values-fd={number}", folder=fleet)
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert f"--values-fd {number}: cannot be read; open it, as in `{number}< FILE`" in answer.err


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


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (b"\x03", 130, ""),
        (b"\x04", 2, "redis-host: the input ended, so nothing was changed; run it again"),
        (b"\xe9\n", 2, "redis-host: not UTF-8, so nothing was changed; values are text"),
    ],
    ids=["interrupt", "end", "latin-1"],
)
def test_a_prompt_that_is_left_changes_nothing(typed: bytes, code: int, said: str, fleet: Path) -> None:
    recipes = fleet / "policies/secrets.yaml"
    recipes.write_text(recipes.read_text().replace("      secret-key: {}", '      secret-key: {value: "{redis-host}"}'))
    before = (fleet / API).read_text()
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, ["python", "-m", "gitops", "secrets", "--repository", str(fleet), "seal", CLUSTER])
    shown = b""
    while b"): " not in shown:
        shown += os.read(terminal, 1024)
    os.write(terminal, typed)
    with contextlib.suppress(OSError):  # its end
        while data := os.read(terminal, 1024):
            shown += data
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == code
    os.close(terminal)
    assert said in shown.decode() and (b"internal" not in shown)
    assert (fleet / API).read_text() == before
