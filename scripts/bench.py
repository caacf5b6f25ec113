"""Times the command beside the loop it replaces, on fleets of several sizes: `make bench`.

Each row is one process with its children: seconds on the clock, seconds of CPU, peak memory of its largest process. The
loop builds each folder with Kustomize and validates the result with kubeconform, two builds at a time, and knows no
rules. A larger fleet holds copies of this repository's clusters under other names and domains.
"""

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from gitops import tools
from gitops.kubeconform import VERSIONS
from gitops.layout import MANIFEST_FOLDERS, PARTS, POLICIES, Cluster, Repository

ROOT = Path(__file__).resolve().parents[1]
SIZES = (10, 100)
ROW = "{:>8}  {:<48}{:>8}{:>8}{:>8}"


def main(sizes: list[int]) -> int:
    print(ROW.format("clusters", "", "wall s", "CPU s", "MiB"))
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="gitops-bench-") as folder:
            repository = fleet(Path(folder), size)
            for name, command in commands(repository):
                print(ROW.format(size, name, *measured(command, Path(folder))), flush=True)
    return 0


def fleet(folder: Path, size: int) -> Repository:
    """A copy of the repository with `size` clusters."""
    for name in (*MANIFEST_FOLDERS, POLICIES, "schemas"):
        shutil.copytree(ROOT / name, folder / name)
    own = Repository(ROOT).clusters
    for number, cluster in enumerate(itertools.islice(itertools.cycle(own), size)):
        if number >= len(own):
            copy(cluster, folder / "clusters", f"x{number}")
    for cluster in own[size:]:
        shutil.rmtree(folder / "clusters" / cluster.name)
    return Repository(folder)


def copy(cluster: Cluster, clusters: Path, mark: str) -> None:
    new = clusters / f"{cluster.name}-{mark}"
    shutil.copytree(clusters / cluster.name, new)
    for file in new.rglob("*.yaml"):
        text = file.read_text().replace(cluster.name, new.name).replace("- domain=", f"- domain={mark}.")
        file.write_text(text)


def commands(repository: Repository) -> Iterator[tuple[str, list[str]]]:
    first = repository.clusters[0].name
    gitops = [sys.executable, "-P", "-m", "gitops"]
    yield "kustomize build | kubeconform, each build", loop(repository)
    yield "gitops validate", [*gitops, "validate"]
    yield "gitops validate, one cluster", [*gitops, "validate", first]
    yield "gitops render, one cluster", [*gitops, "render", first]
    yield "gitops list", [*gitops, "list"]


def loop(repository: Repository) -> list[str]:
    schemas = tools.schemas()
    custom = "{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"
    checks = [
        f"{tools.find('kubeconform')} -strict -schema-location '{schemas}/k8s/v{version}/{{{{.ResourceKind}}}}"
        f"{{{{.KindSuffix}}}}.json' -schema-location '{schemas}/crds/{custom}' -schema-location 'schemas/{custom}'"
        for version in VERSIONS
    ]
    steps = [f"built=$({tools.find('kustomize')} build {{}})", *(f'{check} <<< "$built"' for check in checks)]
    folders = " ".join(repository.build_folder(c.name, part) for c in repository.clusters for part in PARTS)
    return ["bash", "-c", 'printf "%s\\n" $1 | xargs -P2 -I{} bash -c "$2"', "loop", folders, " && ".join(steps)]


def measured(command: list[str], folder: Path) -> tuple[str, str, str]:
    """(wall s, CPU s, MiB); ends the program when the command fails."""
    started = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        if status:
            said.seek(0)
            sys.exit(f"bench: {' '.join(command)[:200]}:\n{said.read().decode()[-2000:]}")
    return f"{wall:.2f}", f"{usage.ru_utime + usage.ru_stime:.2f}", f"{usage.ru_maxrss / 1024:.0f}"


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or list(SIZES)))
