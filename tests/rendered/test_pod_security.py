"""The rules of Pod Security and the library that clusters run (tools/pod-security) say the same about every pod."""

import json
import random
import shutil
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitops import render, tools
from gitops.checks import (
    container_privileges,
    host_access,
    init_container_security,
    namespace_pod_security,
    run_as_non_root,
    volume_types,
)
from gitops.fleet import Fleet
from gitops.kubeconform import VERSIONS
from gitops.layout import Repository
from gitops.manifests import Build, Manifest, containers
from support import FIXTURES, ROOT, overlay

SCENARIOS = sorted((FIXTURES / "scenarios").iterdir())
GROUP = (container_privileges, host_access, init_container_security, run_as_non_root, volume_types)
CASES = sorted(case for rule in GROUP for kind in ("invalid", "valid") for case in FIXTURES.glob(f"{kind}/{rule.ID}/*"))
STRICTER = {  # what we refuse and the library admits: the group, a user left to the image, a writable root
    "run-as-non-root/extra-group-0",
    "run-as-non-root/gid-0",
    "run-as-non-root/group-0-of-volumes",
    "run-as-non-root/uid-left-to-the-image",
    "init-container-security/writable-root",
}
OURS = ("root file system", "the image decides who runs it")  # the same, in messages
MUTANTS = 600


def refused(objects: Iterable[Manifest]) -> list[list[str]]:
    """What the library refuses in each object, at the oldest and the newest version that clusters run."""
    lines = "".join(f"{json.dumps(manifest.data)}\n" for manifest in objects)
    answer = tools.run("pod-security", f"v{VERSIONS[0]}", "latest", text=lines)
    return [json.loads(line) for line in answer.splitlines()]


@pytest.fixture(scope="module")
def everything(the_fleet: Fleet, repository: Repository) -> list[Build]:
    """The builds of every cluster, and the scenarios."""
    return [*the_fleet.builds, *render.render(repository, [path.relative_to(ROOT).as_posix() for path in SCENARIOS])]


def test_every_pod_is_admitted(everything: list[Build]) -> None:
    pods = [manifest for build in everything for manifest in build.with_pods()]
    assert len(pods) > 100
    assert [(m.build, m.identity, said) for m, said in zip(pods, refused(pods), strict=True) if said] == []


def test_every_declared_path_and_level_is_used(everything: list[Build]) -> None:
    policy = yaml.safe_load((ROOT / "policies/pod-security.yaml").read_text())
    pods = [(m, c) for build in everything for m in build.with_pods() for c in containers(m) if not c.init]
    names = {c.name for _, c in pods} | {f"{m.pod_labels['app.kubernetes.io/component']}/{c.name}" for m, c in pods}
    assert set(policy["writable"]) - names == set()
    assert {c.name for _, c in pods} - set(policy["writable"]) == set()
    made = {m.get("spec", "destination", "namespace") for build in everything for m in build.of_kind("Application")}
    assert set(policy["namespaces"]) - made == set()
    assert set(policy["namespaces"].values()) <= set(namespace_pod_security.LEVELS)


@pytest.fixture(scope="module")
def fixtures(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Build]:
    """The workload build of every case."""
    root = tmp_path_factory.mktemp("cases")
    leaf = "clusters/bare-metal-production-fra1/workload"
    for number, case in enumerate(CASES):
        overlay(case, Path(shutil.copytree(FIXTURES / "base", root / str(number))))
    builds = render.render(Repository(root), [f"{number}/{leaf}" for number in range(len(CASES))])
    return dict(zip(CASES, builds, strict=True))


@pytest.mark.parametrize("case", CASES, ids=lambda case: "/".join(case.parts[-3:]))
def test_library_agrees_with_the_fixture(case: Path, fixtures: dict[Path, Build]) -> None:
    build = fixtures[case]
    assert build.error == ""
    admits = case.parts[-3] == "valid" or "/".join(case.parts[-2:]) in STRICTER
    assert any(refused(build.with_pods())) == (not admits)


Pod = dict[str, Any]
POD: Pod = {
    "securityContext": {
        "runAsNonRoot": True,
        "runAsUser": 1000,
        "runAsGroup": 1000,
        "seccompProfile": {"type": "RuntimeDefault"},
    },
    "volumes": [{"name": "tmp", "emptyDir": {}}],
}
CONTAINER: Pod = {
    "image": "i",
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    },
}
LISTS = {
    "containers": (1, 1, 2),
    "initContainers": (0, 0, 1),
    "ephemeralContainers": (0, 0, 1),
}  # how many a mutant has
KINDS = ("Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
GONE = object()  # the field is deleted
FLAG = (True, False, None, GONE)
PROFILE = (*({"type": name} for name in ("RuntimeDefault", "Localhost", "Unconfined", "")), {}, None, GONE)
SELINUX = ({"type": name} for name in ("container_t", "container_engine_t", "spc_t", ""))
ANY: dict[str, tuple[Any, ...]] = {  # of the pod and of containers
    "securityContext.runAsNonRoot": FLAG,
    "securityContext.runAsUser": (0, 1000),
    "securityContext.seccompProfile": PROFILE,
    "securityContext.appArmorProfile": PROFILE,
    "securityContext.seLinuxOptions": (*SELINUX, {"user": "u"}, {"role": "r"}, {"level": "s0"}, {}, None),
    "securityContext.windowsOptions": ({"hostProcess": True}, {"hostProcess": False}, {}, None),
}
IN_POD: dict[str, tuple[Any, ...]] = ANY | {
    "securityContext": ({}, None, GONE),
    "hostNetwork": FLAG,
    "hostPID": FLAG,
    "hostIPC": FLAG,
    "hostUsers": FLAG,
    "os": ({"name": "windows"}, {"name": "linux"}, {}, GONE),
    "securityContext.sysctls": (
        *(
            [{"name": name, "value": "1"}]
            for name in (*host_access.SYSCTLS, "net.ipv4.tcp_notsent_lowat", "kernel.msgmax")
        ),
        [],
        None,
    ),
    "volumes": (
        *(
            [{"name": "v", name: {}}]
            for name in (*volume_types.ALLOWED, "hostPath", "nfs", "azureFile", "rbd", "iscsi")
        ),
        [{"name": "v"}],
        [],
        GONE,
    ),
    "annotations": tuple(
        {f"container.apparmor.security.beta.kubernetes.io/{name}": value}
        for name in ("c0", "i0", "nobody")
        for value in ("runtime/default", "localhost/x", "unconfined", "")
    ),
}
HANDLERS = tuple(
    {way: {"port": 1, "host": host}} for way in ("httpGet", "tcpSocket") for host in ("", "127.0.0.1", "h")
)
IN_CONTAINER: dict[str, tuple[Any, ...]] = ANY | {
    "securityContext": ({}, None, GONE),
    "securityContext.privileged": FLAG,
    "securityContext.allowPrivilegeEscalation": FLAG,
    "securityContext.procMount": ("Default", "Unmasked", None, ""),
    "securityContext.capabilities": ({}, None, GONE, {"drop": []}, {"drop": ["all"]}, {"drop": ["ALL", "KILL"]}),
    "securityContext.capabilities.add": (["NET_BIND_SERVICE"], ["CHOWN"], ["SYS_ADMIN", "KILL"], [], None),
    "ports": ([{"containerPort": 1, "hostPort": 0}], [{"containerPort": 1}, {"containerPort": 2, "hostPort": 2}], []),
    "livenessProbe": HANDLERS,
    "readinessProbe": HANDLERS,
    "startupProbe": HANDLERS,
    "lifecycle.postStart": HANDLERS,
    "lifecycle.preStop": HANDLERS,
}


def change(target: Pod, path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for key in parents:
        if not isinstance(target.get(key), dict):
            target[key] = {}
        target = target[key]
    if value is GONE:
        target.pop(last, None)
    else:
        target[last] = deepcopy(value)


def pod_of(counts: dict[str, int]) -> Pod:
    """A pod that is admitted; its containers are named c0, i0, e0, ..."""
    lists = {
        where: [deepcopy(CONTAINER) | {"name": f"{where[0]}{index}"} for index in range(count)]
        for where, count in counts.items()
    }
    return deepcopy(POD) | lists


def mutant(choice: random.Random, number: int) -> Manifest:
    """Up to four changes, half of the time with containers that state for themselves what the pod states."""
    counts = {where: choice.choice(some) for where, some in LISTS.items()}
    pod = pod_of(counts)
    everyone = [container for where in counts for container in pod[where]]
    for container in everyone if choice.random() < 0.5 else ():
        container["securityContext"] |= {"runAsNonRoot": True, "seccompProfile": {"type": "Localhost"}}
    for _ in range(choice.randint(0, 4)):
        table, target = choice.choice(((IN_POD, pod), (IN_CONTAINER, choice.choice(everyone))))
        path = choice.choice(sorted(table))
        change(target, path, choice.choice(table[path]))
    return owner(choice.choice(KINDS), pod, str(number))


def single(where: str, path: str, value: Any) -> Manifest:
    """One change, in the pod or in the first container of a list."""
    pod = pod_of(dict.fromkeys(LISTS, 1))
    change(pod if where == "pod" else pod[where][0], path, value)
    return owner("Deployment", pod, f"{where} {path} {value}")


def owner(kind: str, pod: Pod, build: str) -> Manifest:
    body: Pod = {"metadata": {"name": "p", "annotations": pod.pop("annotations", {})}, "spec": pod}
    if kind != "Pod":
        body = {"spec": {"template": body}}
    if kind == "CronJob":
        body = {"spec": {"jobTemplate": body}}
    return Manifest({"metadata": {"name": "p"}, **body, "kind": kind}, build=build)


def compare(pods: list[Manifest]) -> dict[str, list[str]]:
    """What our rules say by build, after the library said the same: something or nothing."""
    builds = [Build(pod.build, objects=[pod]) for pod in pods]
    found: dict[str, list[str]] = {}
    for problem in (problem for rule in GROUP for problem in rule.check(Fleet(Repository(ROOT), [], [], {}, builds))):
        if not any(extra in problem.message for extra in OURS):
            found.setdefault(problem.builds[0], []).append(problem.message)
    both = [(pod, said, found.get(pod.build, [])) for pod, said in zip(pods, refused(pods), strict=True)]
    assert [(pod.data, said, ours) for pod, said, ours in both if bool(said) != bool(ours)] == []
    return found


def test_library_agrees_on_mutants() -> None:
    start = random.randrange(1_000_000)
    print(f"random start {start}")
    choice = random.Random(start)
    found = compare([mutant(choice, number) for number in range(MUTANTS)])
    assert 0.2 < len(found) / MUTANTS < 0.9


def test_library_agrees_on_every_single_change_and_we_say_it_once() -> None:
    tables = {"pod": IN_POD} | dict.fromkeys(LISTS, IN_CONTAINER)
    pods = [single(where, path, v) for where, table in tables.items() for path, values in table.items() for v in values]
    assert [said for said in compare(pods).values() if len(said) > 1] == []
