"""Our rules and the Pod Security library say the same of pods with random and with single changes."""

import random
from copy import deepcopy
from typing import Any

from gitops.checks import host_access, volume_types
from gitops.fleet import Fleet
from gitops.layout import Repository
from gitops.manifests import Build, Manifest
from pod_security_judge import GROUP, refused
from support import ROOT

OURS = ("root file system", "the image decides who runs it")  # the same, in messages
MUTANTS = 600

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
