"""Runs of `gitops secrets` with known values, whole, killed or at once, and what the tree then holds."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import kills
import opened
import watched
from controller_keys import certificate, key
from gitops import cli, exchange
from support import FIXTURES

CLUSTER = "bare-metal-production-fra1"
SEALED = f"clusters/{CLUSTER}/workload/sealed"
CANARY = "cAnArY0123456789cAnArY0123456789"
SIGNING = "0123456789abcdef" * 4
REDIS, SIGNED = "pybase-redis-secret/redis-password", "pybase-api-secret/secret-key"
GIVEN = {"redis-password": CANARY, "secret-key": SIGNING}
HELD = {
    "pybase-api-secret/redis-url": f"redis://:{CANARY}@pybase-redis:6379/0",
    SIGNED: SIGNING,
    REDIS: CANARY,
}
VERBS = {"seal": ("seal", "--all"), "rotate": ("rotate", "--all", "--yes")}


def tree(folder: Path) -> Path:
    """The small fleet, and the certificate of a controller whose key is at hand."""
    made = Path(shutil.copytree(FIXTURES / "base", folder))
    (made / f"clusters/{CLUSTER}/facts/sealed-secrets.pem").write_text(certificate())
    return made


def action(tree: Path, verb: str, *options: str, given: dict[str, str] = GIVEN) -> Callable[[], int]:
    """A run with these values, which come through a pipe."""

    def run() -> int:
        end, other = os.pipe()
        os.write(other, "".join(f"{name}={value}\n" for name, value in given.items()).encode())
        os.close(other)
        return cli.main(["secrets", "--repository", str(tree), verb, CLUSTER, *options, "--values-fd", str(end)])

    return run


def visible(tree: Path) -> dict[str, bytes]:
    """What Git and people see: not the copy that a killed run leaves."""
    files = {str(path.relative_to(tree)): path for path in tree.glob("**/*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if not name.startswith(exchange.COPY)}


def held(tree: Path) -> dict[str, str]:
    """secret/key -> value, as the controller opens them."""
    return opened.values(tree / SEALED, key(), tree.parent)


def killed(old: Path, verb: str, step: int, scratch: Path) -> bool:
    """A run on a copy of a tree, killed at that step: the tree is the old or the new one and has no value in it, and a
    run after that makes it right. False when the run ended before."""
    there = Path(shutil.copytree(old, scratch / "killed"))
    try:
        run = action(there, *VERBS[verb])
        if not kills.killed(run, step):
            return False
        assert watched.holding(CANARY, scratch) == []
        if visible(there) != visible(old):
            assert held(there) == HELD
        assert kills.together(run) == [0]
        assert held(there) == HELD
        assert not list(there.glob(f"{exchange.COPY}*"))
        return True
    finally:
        shutil.rmtree(there)


def race(old: Path, scratch: Path) -> None:
    """Two runs at once for different keys of one tree, in which all are sealed: both are in it."""
    there = Path(shutil.copytree(old, scratch / "raced"))
    redis = action(there, "rotate", "--key", REDIS, "--yes", given={"redis-password": CANARY})
    signing = action(there, "seal", "--key", SIGNED, given={"secret-key": SIGNING})
    assert kills.together(redis, signing) == [0, 0]
    assert held(there) == HELD
    shutil.rmtree(there)
