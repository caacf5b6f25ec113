"""The virtual environment, installed from requirements.txt: exact versions, checked hashes, wheels only."""

import re
import sys
from pathlib import Path

from bootstrap import cache
from bootstrap.process import SetupError, environment, run


def ensure(root: Path) -> Path:
    """The folder of the environment for this lock file and this Python, built if it is not there."""
    requirements = root / "requirements.txt"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    part = cache.folder() / "venv" / f"{version}-{cache.key(cache.content(requirements))}"
    if not python(part).exists():  # also when the Python it was made with has gone
        (part / cache.COMPLETE).unlink(missing_ok=True)
    return cache.build(part, f"Python {version} environment", lambda folder: _install(folder, requirements))


def python(venv: Path) -> Path:
    return venv / "bin" / "python"


def pinned(root: Path, package: str) -> str:
    """The version of a package in requirements.txt."""
    found = re.search(rf"^{re.escape(package)}==(\S+)", (root / "requirements.txt").read_text(), re.MULTILINE)
    if found is None:
        raise SetupError(f"requirements.txt: {package} is not pinned; restore the file from Git")
    return found[1]


def _install(folder: Path, requirements: Path) -> None:
    try:
        run("creating a virtual environment", [sys.executable, "-m", "venv", str(folder)], environment())
    except SetupError as error:
        if "ensurepip" in str(error):
            name = f"python3.{sys.version_info.minor}-venv"
            raise SetupError(f"this Python has no venv module; install it (Debian and Ubuntu: {name})") from error
        raise
    pip = [str(python(folder)), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    locked = ["--no-cache-dir", "--require-hashes", "--no-deps", "--only-binary=:all:", "-r", str(requirements)]
    run("installing requirements.txt", [*pip, *locked], environment())
