"""Values that a person gives to gitops secrets: by descriptor or prompt, taken, refused, or broken off."""

import contextlib
import os
import pty
import signal
import sys
from pathlib import Path

import pytest

from stubs import API, CLUSTER, held, seal, unsealed, values
from support import Gitops


@pytest.fixture
def fleet(base: Path) -> Path:
    return unsealed(base)


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


@pytest.mark.parametrize("number", ["99", "-1", "9" * 30])
def test_a_descriptor_that_is_not_open_is_said(number: str, gitops: Gitops, fleet: Path) -> None:
    answer = gitops("secrets", "seal", CLUSTER, f"--values-fd={number}", folder=fleet)
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert f"--values-fd {number}: cannot be read; open it, as in `{number}< FILE`" in answer.err


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
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # also where the jobs of a shell ignore it
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
