"""Command line of scripts/setup.py: what a program needs, and starting it."""

import os
import sys
from pathlib import Path

from bootstrap import programs, schemas, venv
from bootstrap.process import SetupError

ROOT = Path(__file__).resolve().parents[2]
# Which programs of tools/ a command runs. One that is not listed needs the Python environment alone.
NEEDS = {
    "gitops": ("render", "kubeconform"),
    "pytest": (
        "helm",
        "helm3",
        "render",
        "kubeconform",
        "kustomize",
        "network-policies",
        "pod-security",
        "kubeseal",
        "unseal",
    ),
    "bench": ("render", "kubeconform", "kustomize"),
    "mutants": ("helm", "render", "kubeconform"),
    "scale": ("render",),
}


def main(arguments: list[str], usage: str) -> int:
    try:
        match arguments:
            case ["gitops" | "bench" | "mutants" | "scale" as module, *rest]:
                return start(module, ["python", "-P", "-m", module, *rest])
            case ["exec", program, *rest]:
                return start(program, [program, *rest])
            case ["tools", *names]:
                return build(names or programs.known(ROOT))
        sys.stderr.write(usage)
        return 2
    except SetupError as error:
        sys.stderr.write(f"set-up: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def start(program: str, command: list[str]) -> int:
    """Become `command`, with what `program` needs set up; comes back only when it cannot be started."""
    folder = venv.ensure(ROOT)
    tools = [str(programs.ensure(ROOT, folder, name)) for name in NEEDS.get(program, ())]
    paths = {"PYTHONPATH": str(ROOT / "scripts"), "VIRTUAL_ENV": str(folder)}
    if tools:
        paths["GITOPS_TOOLS"] = os.pathsep.join(tools)
        paths["GITOPS_SCHEMAS"] = str(schemas.ensure(ROOT, folder))
    paths["PATH"] = os.pathsep.join([*tools, str(folder / "bin"), os.environ.get("PATH", os.defpath)])
    env = {name: value for name, value in os.environ.items() if name != "PYTHONHOME"} | paths
    try:
        os.execvpe(command[0], command, env)
    except OSError as error:
        raise SetupError(f"{command[0]}: {error.strerror}; requirements.txt installs no such program") from error


def build(names: list[str]) -> int:
    folder = venv.ensure(ROOT)
    for name in names:
        print(programs.ensure(ROOT, folder, name) / name)
    return 0
