"""Runs many clusters of the fleet as Applications of one Argo CD on the local platform, and measures it: `make scale`.

Each is a folder of clusters/ of its own: a copy of the local cluster, in a namespace of its own, without its sealed
secrets. Printed: seconds until all are Synced and Healthy, from nothing, after a commit to one cluster, and after one
to a component that all read; seconds of CPU (those of ended children too) and peak memory (VmHWM of proc(5)) of each
part. docs/scale.md says what follows from the figures.
"""

import copy
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gitops import fleet, tools
from gitops.cluster import Object
from gitops.layout import MANIFEST_FOLDERS, Repository
from gitops.local import applications, definitions, mirror, objects, parts, platform
from gitops.local.instance import Instance
from gitops.progress import silent

ROOT = Path(__file__).resolve().parents[1]
MODEL = "bare-metal-development-local"
API = "components/workloads/api/deployment.yaml"
SETTLE_SECONDS = 1800
IDLE_SECONDS = 60
TICKS = os.sysconf("SC_CLK_TCK")  # of /proc/PID/stat, a second
ROOM = '{"status": {"allocatable": {"cpu": "4k", "memory": "4Ti", "pods": "10k"}, "capacity": {"pods": "10k"}}}'
OWN = """  - target: {{kind: SealedSecret}}
    patch: |-
      {{$patch: delete, apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {{name: any}}}}
namespace: {namespace}
commonAnnotations: {{changed: "0"}}
"""


def main(size: int) -> int:
    with tempfile.TemporaryDirectory(prefix="gitops-scale-") as folder:
        repository = clusters(Path(folder, "fleet"), size)
        with running(Instance("scale", Path(folder, "state")), repository) as instance:
            measure(instance, repository, size)
    return 0


def clusters(folder: Path, size: int) -> Repository:
    """A checkout with the clusters `name(1)` to `name(size)`."""
    for name in MANIFEST_FOLDERS:
        shutil.copytree(ROOT / name, folder / name)
    model = folder / "clusters" / MODEL
    for number in range(1, size + 1):
        new = shutil.copytree(model, model.with_name(cluster(number)))
        facts, workload = new / "facts" / "kustomization.yaml", new / "workload" / "kustomization.yaml"
        facts.write_text(facts.read_text().replace(MODEL, new.name))
        workload.write_text(workload.read_text() + OWN.format(namespace=namespace(number)))
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    return Repository(folder)


def cluster(number: int) -> str:
    return f"bare-metal-development-local{number}"


def namespace(number: int) -> str:
    return f"pybase-{number}"


@contextmanager
def running(instance: Instance, repository: Repository) -> Iterator[Instance]:
    """The platform with room for every pod, and nothing synced."""
    seen = fleet.load(repository, repository.choose([MODEL]), schemas=False)
    platform.up(instance, tools.build("platform"), seen.builds, definitions.needed(repository, seen.builds), silent)
    try:
        nodes = [node["metadata"]["name"] for node in objects.nodes()]
        platform.kubectl(instance).run(
            "patch", "nodes", *nodes, "--subresource=status", "--type=merge", f"--patch={ROOM}"
        )
        yield instance
    finally:
        platform.down(instance, purge=True)


def measure(instance: Instance, repository: Repository, size: int) -> None:
    model = repository.choose([MODEL])[0]
    mirror.push(instance, repository, model, "", {})
    (pybase,) = [
        item.data
        for build in fleet.load(Repository(instance.path("git", "work")), [model], schemas=False).builds
        for item in build.of_kind("Application")
        if item.name == "pybase"
    ]
    print(f"{'':<30}{'wall s':>8}{'CPU s':>8}")
    timed(instance, "from nothing", lambda: platform.kubectl(instance).apply(list(made(pybase, size))))
    found = [pod for pod in platform.kubectl(instance).every("pods") if pod["metadata"]["namespace"] != "argocd"]
    resources = applications.read(platform.kubectl(instance).every("applications.argoproj.io", "argocd"))
    print(f"  {size} Applications, {sum(len(app.resources) for app in resources)} objects, {len(found)} pods")
    for what, path, old, new in (
        ("one cluster changed", f"clusters/{cluster(1)}/workload/kustomization.yaml", 'changed: "0"', 'changed: "1"'),
        ("a component of all changed", API, "terminationGracePeriodSeconds: ", "terminationGracePeriodSeconds: 1"),
    ):
        file = repository.root / path
        file.write_text(file.read_text().replace(old, new))
        timed(instance, what, lambda: mirror.push(instance, repository, model, "", {}))
    before = cpu(instance)
    time.sleep(IDLE_SECONDS)
    print(f"{'nothing changed':<30}{IDLE_SECONDS:>8}{spent(instance, before):>8.0f}")
    print(f"\n{'':<30}{'MiB':>8}{'CPU s':>8}")
    for name, seconds in cpu(instance).items():
        print(f"{name:<30}{memory(instance, name):>8.0f}{seconds:>8.0f}")


def made(pybase: Object, size: int) -> Iterator[Object]:
    """A project that permits everything, and the Application of each cluster."""
    anything = {"group": "*", "kind": "*"}
    spec = {
        "sourceRepos": ["*"],
        "destinations": [{"server": "*", "namespace": "*"}],
        "clusterResourceWhitelist": [anything],
        "namespaceResourceWhitelist": [anything],
    }
    metadata = {"name": "scale", "namespace": "argocd"}
    yield {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": metadata, "spec": spec}
    for number in range(1, size + 1):
        one = copy.deepcopy(pybase)
        one["metadata"]["name"] = cluster(number)
        one["spec"]["project"] = "scale"
        one["spec"]["source"]["path"] = f"clusters/{cluster(number)}/workload"
        one["spec"]["destination"]["namespace"] = namespace(number)
        yield one


def timed(instance: Instance, what: str, act: Callable[[], object]) -> None:
    before, started = cpu(instance), time.monotonic()
    act()
    if not applications.wait(platform.kubectl(instance), mirror.newest(instance), SETTLE_SECONDS, silent):
        found = applications.read(platform.kubectl(instance).every("applications.argoproj.io", "argocd"))
        sys.exit("\n".join(applications.unsettled(found, mirror.newest(instance))))
    print(f"{what:<30}{time.monotonic() - started:>8.0f}{spent(instance, before):>8.0f}", flush=True)


def cpu(instance: Instance) -> dict[str, float]:
    """Seconds of each part so far: fields 14 to 17 of proc(5)'s stat."""
    found = {}
    for part in parts.ALL:
        fields = Path(f"/proc/{instance.pid(part.name)}/stat").read_text().rpartition(")")[2].split()
        found[part.name] = sum(int(field) for field in fields[11:15]) / TICKS
    return found


def spent(instance: Instance, before: dict[str, float]) -> float:
    return sum(cpu(instance).values()) - sum(before.values())


def memory(instance: Instance, part: str) -> float:
    lines = Path(f"/proc/{instance.pid(part)}/status").read_text().splitlines()
    (peak,) = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(peak) / 1024


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
