"""A cluster without a server, for what a real one cannot show here: a `kubectl` that answers from a file of objects.

Only for options, messages and states that are hard to bring about; tests/e2e talks to a real API server.
"""

import json
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gitops.manifests import Manifest

Object = dict[str, Any]
Flags = dict[str, str]
PROGRAM = """#!{python}
import json, pathlib, sys
sys.path.insert(0, {folder!r})
import fake_cluster
sys.exit(fake_cluster.answer(pathlib.Path({state!r}), sys.argv[1:]))
"""
BOUND = {"phase": "Bound", "capacity": {"storage": "10Gi"}}


def true(*kinds: str) -> Object:
    return {"conditions": [{"type": kind, "status": "True"} for kind in kinds]}


STATUS: dict[str, Object] = {  # of healthy objects
    "Gateway": {"addresses": [{"value": "192.0.2.1"}]},
    "HTTPRoute": {"parents": [true("Accepted", "ResolvedRefs")]},
    "HorizontalPodAutoscaler": true("ScalingActive"),
    "Ingress": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}},
    "Job": true("Complete"),
    "PersistentVolumeClaim": BOUND,
    "PodDisruptionBudget": {"currentHealthy": 2, "desiredHealthy": 1, "disruptionsAllowed": 1, "expectedPods": 2},
    "SealedSecret": true("Synced"),
}


@dataclass(frozen=True)
class Fake:
    """`folder` holds the programs, objects.json and calls.txt."""

    folder: Path

    @property
    def objects(self) -> list[Object]:
        found: list[Object] = json.loads((self.folder / "objects.json").read_text())
        return found

    def holds(self, objects: list[Object]) -> None:
        (self.folder / "objects.json").write_text(json.dumps(objects))

    def calls(self) -> list[str]:
        file = self.folder / "calls.txt"
        return file.read_text().splitlines() if file.exists() else []


def install(folder: Path, objects: list[Object], *programs: str) -> Fake:
    """Programs of these names, `kubectl` first, that answer from `objects`."""
    folder.mkdir()
    fake = Fake(folder)
    fake.holds(objects)
    tests = str(Path(__file__).parent)
    for name in ("kubectl", *programs):
        file = folder / name
        file.write_text(PROGRAM.format(python=sys.executable, folder=tests, state=str(folder)))
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return fake


def answer(folder: Path, words: list[str]) -> int:
    """What kubectl or helm does with these words, as far as the verbs need it."""
    fake = Fake(folder)
    with (folder / "calls.txt").open("a") as calls:
        calls.write(" ".join([Path(sys.argv[0]).name, *words]).split("\n")[0] + "\n")
    if Path(sys.argv[0]).name == "helm":
        return helm(folder, words)
    words = " ".join(words).replace("--namespace ", "--namespace=").split(" ")
    flags = dict(word.lstrip("-").partition("=")[::2] for word in words if word.startswith("--"))
    plain = [word for word in words if not word.startswith("--")]
    done = VERBS.get(plain[0], lambda *_: 0)(fake, plain[1:], flags)
    return int(done or 0)


def version(fake: Fake, plain: list[str], flags: Flags) -> int:
    if said := os.environ.get("FAKE_DOWN"):
        print(said, file=sys.stderr)
        return 1
    print(json.dumps({f"{side}Version": {"gitVersion": "v1.36.3"} for side in ("client", "server")}))
    return 0


def served(fake: Fake, plain: list[str], flags: Flags) -> None:
    file = fake.folder / "kinds.json"
    more = [tuple(pair) for pair in json.loads(file.read_text())] if file.exists() else []
    for api, kind in sorted({*more, *((item.get("apiVersion", "v1"), item["kind"]) for item in fake.objects)}):
        print(plural({"kind": kind}), api, "true", kind)


def get(fake: Fake, plain: list[str], flags: Flags) -> None:
    kinds = {kind.split(".")[0].rstrip("s") for kind in plain[0].split(",")}
    found = [item for item in fake.objects if plural(item).rstrip("s") in kinds]
    if "namespace" in flags:
        found = [i for i in found if plural(i) in ("namespaces", "nodes") or scope(i) == flags["namespace"]]
    if len(plain) > 1:
        named = [item for item in found if item["metadata"]["name"] == plain[1]]
        print(json.dumps(named[0]) if named else "")
    else:
        print(json.dumps({"items": found}))


def delete(fake: Fake, plain: list[str], flags: Flags) -> None:
    kind = plain[0].split(".")[0]
    fake.holds([o for o in fake.objects if not (plural(o) == kind and o["metadata"]["name"] in plain[1:])])


def apply(fake: Fake, plain: list[str], flags: Flags) -> None:
    given = json.loads(sys.stdin.read())["items"]
    names = {identity(item) for item in given}
    fake.holds([item for item in fake.objects if identity(item) not in names] + given)


def config(fake: Fake, plain: list[str], flags: Flags) -> None:
    print(os.environ.get("FAKE_CONTEXT", "prod https://10.0.0.1"))


def run_inside(fake: Fake, plain: list[str], flags: Flags) -> int:
    """The first answer of exec.json, part of the command -> (exit code, text), that fits."""
    file, script = fake.folder / "exec.json", " ".join(plain)
    for part, (code, text) in json.loads(file.read_text()).items() if file.exists() else ():
        if part in script:
            print(text, file=sys.stderr if code else sys.stdout)
            return int(code)
    return 0


VERBS = {
    "version": version, "api-resources": served, "get": get, "delete": delete, "apply": apply, "config": config,
    "exec": run_inside,
}  # fmt: skip


def helm(folder: Path, words: list[str]) -> int:
    if words[0] == "version":
        print("v3.19.0+g3d8990f")
    if words[0] == "list":
        print("[]")
    if "--values=-" in words:
        (folder / "values.json").write_text(sys.stdin.read())
    return 0


def scope(item: Object) -> str:
    return str(item["metadata"].get("namespace", ""))


def identity(item: Object) -> tuple[str, str, str]:
    return item["kind"], scope(item), item["metadata"]["name"]


def plural(item: Object) -> str:
    word = str(item["kind"]).lower()
    return word[:-1] + "ies" if word.endswith("cy") else word + ("es" if word.endswith(("s", "x")) else "s")


def running(build: list[Manifest], node: str = "node-1") -> list[Object]:
    """The objects of a build as a healthy cluster has them, with a pod, a node and endpoints for each workload."""
    found = [live(json.loads(json.dumps(manifest.data))) for manifest in build]
    found.append({"kind": "Node", "metadata": {"name": node}})
    for item in [item for item in found if item["kind"] in ("Deployment", "StatefulSet")]:
        template, where = item["spec"]["template"], item["metadata"]
        metadata = {
            "name": f"{where['name']}-0", "namespace": where["namespace"], "labels": template["metadata"]["labels"],
        }  # fmt: skip
        status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
        spec = {**template["spec"], "nodeName": node}
        found.append({"kind": "Pod", "metadata": metadata, "spec": spec, "status": status})
        for template in item["spec"].get("volumeClaimTemplates", []):
            name = f"{template['metadata']['name']}-{where['name']}-0"
            claim = {"kind": "PersistentVolumeClaim", "metadata": {"name": name, "namespace": where["namespace"]}}
            found.append({**claim, "spec": {"volumeName": f"pv-{name}"}, "status": BOUND})
    for item in [item for item in found if item["kind"] == "Service"]:
        labels = {"kubernetes.io/service-name": item["metadata"]["name"]}
        metadata = {"name": item["metadata"]["name"], "namespace": item["metadata"]["namespace"], "labels": labels}
        ready = [{"conditions": {"ready": True}}]
        found.append({"kind": "EndpointSlice", "metadata": metadata, "endpoints": ready})
    return found


def live(item: Object) -> Object:
    """The object with the status that a healthy one has."""
    kind = item["kind"]
    if kind in ("Deployment", "StatefulSet"):
        count = item["spec"].setdefault("replicas", 2)
        return {**item, "status": {"readyReplicas": count, "updatedReplicas": count}}
    if kind == "Service":
        item["spec"] = {"type": "ClusterIP", "clusterIP": "10.0.0.1", **item["spec"]}
    status = STATUS.get(kind, {})
    if kind == "HorizontalPodAutoscaler":
        status = {**status, "currentReplicas": item["spec"]["minReplicas"]}
    return {**item, "status": status}
