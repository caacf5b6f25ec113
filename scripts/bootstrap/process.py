"""Running one step of the set-up, and the one exception that a failing step becomes."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

# What a step prints when it fails for a reason outside this repository, and what to do about it.
REMEDIES = {
    r"SECURITY ERROR|DO NOT MATCH THE HASHES": "a download does not have the hash that is pinned here; do not use it",
    r"No space left": "the disk is full; make room, or set GITOPS_CACHE to a folder on another one",
    r'"git": executable file not found': "git is missing; install it and run this again",
    r"(?i)name resolution|no such host|connection refused|network is unreachable|i/o timeout|timed out|"
    r"failed to establish|could not connect|dial tcp": "a package registry cannot be reached; check the network "
    "(or proxy) and run this again",
}
# Set by a shell or an outer environment, they would send a step's files or imports elsewhere.
FOREIGN = {"PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "GOOS", "GOARCH", "GOROOT"}


class SetupError(Exception):
    """What could not be set up, why, and what to do."""


def environment(**extra: str) -> dict[str, str]:
    """The caller's environment without what would lead a step astray, and with `extra`."""
    return {name: value for name, value in os.environ.items() if name not in FOREIGN} | extra


def run(step: str, arguments: Sequence[str], env: Mapping[str, str], cwd: Path | None = None) -> str:
    """Standard output of a program; raises SetupError with the last lines that it printed."""
    import subprocess  # a warm start never gets here, so does not pay for it

    try:
        done = subprocess.run(arguments, env=env, cwd=cwd, capture_output=True, text=True, check=False)
    except OSError as error:
        raise SetupError(f"{step}: {arguments[0]}: {error.strerror}") from error
    if done.returncode:
        raise SetupError(explain(step, done.stdout + done.stderr))
    return done.stdout


def explain(step: str, output: str) -> str:
    """The sentence for a step that failed, with the last lines of what it printed."""
    remedy = next((remedy for pattern, remedy in REMEDIES.items() if re.search(pattern, output)), "")
    last = [line.rstrip()[:300] for line in output.splitlines() if line.strip()][-4:]
    return "\n    ".join([f"{step} failed{remedy and f': {remedy}'}", *last])
