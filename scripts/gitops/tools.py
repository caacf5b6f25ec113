"""The programs that set-up built (scripts/setup.py), and running them."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from gitops.errors import GitopsError


def find(name: str) -> str:
    """The absolute path of a program: in the folders of GITOPS_TOOLS, else on the PATH."""
    found = shutil.which(name, path=os.environ.get("GITOPS_TOOLS", "")) or shutil.which(name)
    if found is None:
        raise GitopsError(f"{name}: not installed; run ./gitops (or make check), which builds the pinned version")
    return found


def schemas() -> Path:
    """The folder of the schemas that set-up derived."""
    folder = os.environ.get("GITOPS_SCHEMAS", "")
    if not Path(folder, "crds").is_dir():
        raise GitopsError("the schemas are not set up; run ./gitops (or make check), which derives them")
    return Path(folder)


def build(name: str) -> Path:
    """A program that few commands need, built now if it is not there; set-up says what it does on standard error."""
    command = [str(Path(__file__).parents[1] / "run"), "tools", name]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise GitopsError(f"{name} could not be built; what set-up says above is the reason")
    return Path(done.stdout.strip())


def run(name: str, *arguments: str, text: str = "", accept: Sequence[int] = (0,)) -> str:
    """Standard output of a program given `text` on standard input; raises GitopsError for another exit code."""
    try:
        done = subprocess.run([find(name), *arguments], input=text, capture_output=True, text=True, check=False)
    except OSError as error:
        raise GitopsError(f"{name}: {error.strerror}; run ./gitops again to set it up") from error
    if done.returncode not in accept:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no output"]
        raise GitopsError(f"{name} ended with {done.returncode}: {last[0]}")
    return done.stdout
