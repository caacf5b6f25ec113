"""A pod reaches into its node: its network, processes, memory, ports or kernel settings.

Why: a pod in the node's namespaces sees the traffic and the processes of every other pod, and no NetworkPolicy holds
it. A hostPort occupies the node and goes around the Service. A probe or hook with a `host` makes the kubelet call any
address for whoever can create a pod. A sysctl outside the safe ones, or hostProcess on Windows, changes the node.

Fails:

    hostNetwork: true
    containers:
      - ports: [{containerPort: 8000, hostPort: 80}]

Passes:

    containers:
      - ports: [{name: http, containerPort: 8000}]
        livenessProbe: {httpGet: {path: /api/v1/live, port: http}}

Fix: delete the field; use a Service to be reached.
Cannot see: pods that charts and operators make.
Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
"""

from collections.abc import Iterator

from gitops.fleet import Fleet
from gitops.layout import nearest
from gitops.manifests import Container, Manifest, dig, mapping, sequence
from gitops.pod_security import Context, Fault, in_spec, of_container, of_pod, problems
from gitops.problems import Problem

ID = "host-access"
SEVERITY = "error"
CONTROLS = ("PS01", "PS09", "PS10", "PS13", "PS14")
READS = ("render",)
SYSCTLS = (  # safe in every supported version; those that 1.37 added are not
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
)
_SHARED = {"hostNetwork": "network", "hostPID": "processes", "hostIPC": "shared memory"}
_CALLS = (
    ("livenessProbe",),
    ("readinessProbe",),
    ("startupProbe",),
    ("lifecycle", "postStart"),
    ("lifecycle", "preStop"),
)


def check(fleet: Fleet) -> Iterator[Problem]:
    return problems(fleet, ID, in_pod, in_container)


def in_pod(manifest: Manifest) -> Iterator[Fault]:
    for field, what in _SHARED.items():
        if manifest.pod.get(field) is True:
            fix = "delete it; use a Service" if field == "hostNetwork" else "delete it"
            yield Fault(in_spec(manifest, field), f"{field} shares the {what} of the node", fix)
    context = of_pod(manifest)
    yield from _host_process(context)
    for index, entry in enumerate(sequence(context.fields.get("sysctls"))):
        name = str(dig(entry, "name"))
        if name not in SYSCTLS:
            message = f"sysctl {name} is not a safe one{nearest(name, SYSCTLS, 0.8)}"
            yield Fault((*context.path, "sysctls", index), message, "delete it, or set it on the nodes")


def in_container(manifest: Manifest, container: Container) -> Iterator[Fault]:
    yield from _host_process(of_container(manifest, container))
    for index, port in enumerate(map(mapping, sequence(container.spec.get("ports")))):
        if port.get("hostPort"):
            message = f"hostPort {port['hostPort']} is a port of the node"
            yield Fault((*container.path, "ports", index, "hostPort"), message, "delete it; use a Service")
    for call in _CALLS:
        for way in ("httpGet", "tcpSocket"):
            if host := dig(container.spec, *call, way, "host"):
                message = f"{call[-1]} makes the node call {host}"
                yield Fault((*container.path, *call, way, "host"), message, "delete host: the pod itself is called")


def _host_process(context: Context) -> Iterator[Fault]:
    if dig(context.fields, "windowsOptions", "hostProcess") is True:
        path = (*context.path, "windowsOptions", "hostProcess")
        yield Fault(path, "hostProcess runs it as a process of the node", "delete it")
