"""The only caller of git. The GIT_ variables that a hook sets are left out: every call names its folder."""

import os
import subprocess
from pathlib import Path

from gitops.errors import GitopsError


def run(folder: Path, *arguments: str, identity: str = "") -> str:
    """Standard output of `git -C folder`; raises GitopsError. `identity`: whose name a commit has."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    if identity:
        who = {"NAME": identity, "EMAIL": "gitops@localhost"}
        environment |= {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()}
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except OSError as error:
        raise GitopsError(f"git: {error.strerror}; install git") from error
    if done.returncode:
        raise GitopsError(f"git {arguments[0]}: {' '.join((done.stderr or done.stdout).split())[:300]}")
    return done.stdout


def changed(root: Path, revision: str) -> set[str]:
    """The files below `root` that differ from `revision`, committed or not, new and deleted ones too."""
    try:
        run(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except GitopsError as error:
        raise GitopsError(f"{revision}: no such revision here; fetch it, a shallow clone may lack it") from error
    names = run(root, "diff", "--name-only", "--no-renames", "--relative", "-z", revision, "--")
    names += run(root, "ls-files", "--others", "--exclude-standard", "-z")
    return set(filter(None, names.split("\0")))
