"""A container has more rights over the kernel than it needs.

Why: a fault in the program is then a way to the node. So every container drops all capabilities and may add
NET_BIND_SERVICE alone, cannot gain rights by a setuid program, is not privileged, runs under a seccomp profile, and
keeps what the runtime gives it of AppArmor, SELinux and /proc. Pod or container may state the seccomp profile.

Fails:

    securityContext: {privileged: true}

Passes:

    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
      seccompProfile: {type: RuntimeDefault}

Fix: set the named securityContext field.
Cannot see: pods that charts and operators make. A pod on Windows (`os.name`) needs neither of the first three.
Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
"""

from collections.abc import Iterator
from typing import Any

from gitops.fleet import Fleet
from gitops.layout import nearest
from gitops.manifests import Container, Manifest, containers, dig, mapping, sequence
from gitops.pod_security import Context, Fault, like, of_container, of_pod, problems, windows
from gitops.problems import Problem

ID = "container-privileges"
SEVERITY = "error"
CONTROLS = ("PS02", "PS03", "PS04", "PS07", "PS11", "PS13")
READS = ("render",)
PROFILES = ("RuntimeDefault", "Localhost")  # of seccomp and of AppArmor
SELINUX = ("container_t", "container_init_t", "container_kvm_t", "container_engine_t")
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"  # the annotation before 1.30, by container
_SECCOMP = "write seccompProfile: {type: RuntimeDefault}"
_BARE = "write allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}"


def check(fleet: Fleet) -> Iterator[Problem]:
    return problems(fleet, ID, in_pod, in_container)


def in_pod(manifest: Manifest) -> Iterator[Fault]:
    context = of_pod(manifest)
    yield from _profiles(context)
    if not (context.bare and context.lacks("runAsNonRoot")):  # said once, by run-as-non-root
        yield from _seccomp(context)
    names = {container.name for container in containers(manifest)}
    for key in mapping(dig(manifest.data, *_annotations(manifest))):
        if key.startswith(_APPARMOR) and key.removeprefix(_APPARMOR) not in names:
            yield from _annotation(manifest, key)


def in_container(manifest: Manifest, container: Container) -> Iterator[Fault]:
    context = of_container(manifest, container)
    yield from _annotation(manifest, _APPARMOR + container.name)
    if context.bare:
        if not any(map(context.misplaced, ("securityContext", "allowPrivilegeEscalation"))):
            yield Fault(context.path, "there is no securityContext", _BARE)
        return
    yield from _profiles(context)
    if context.fields.get("privileged") is True:
        yield Fault((*context.path, "privileged"), "privileged gives all rights over the node", "delete it")
    if context.fields.get("procMount") not in (None, "Default"):
        message = f"procMount {context.fields['procMount']} unmasks the kernel's files in /proc"
        yield Fault((*context.path, "procMount"), message, "delete it")
    if not windows(manifest):
        yield from _linux(context)
        yield from _seccomp(context)


def _linux(context: Context) -> Iterator[Fault]:
    stated = context.fields.get("allowPrivilegeEscalation") is False
    if not stated and not context.misplaced("allowPrivilegeEscalation"):
        message = "a setuid program may gain rights"
        yield Fault((*context.path, "allowPrivilegeEscalation"), message, "write allowPrivilegeEscalation: false")
    if not context.misplaced("capabilities"):
        yield from _capabilities(context, mapping(context.fields.get("capabilities")))


def _capabilities(context: Context, capabilities: dict[str, Any]) -> Iterator[Fault]:
    path, dropped = (*context.path, "capabilities"), capabilities.get("drop")
    if dropped is None and not like("drop", capabilities, context.fields):
        yield Fault((*path, "drop"), "capabilities are kept", "write capabilities: {drop: [ALL]}")
    elif dropped is not None and "ALL" not in sequence(dropped):
        message = f"drop [{', '.join(map(str, sequence(dropped)))}] keeps capabilities"
        yield Fault((*path, "drop"), message, "write capabilities: {drop: [ALL]}")
    if added := [str(name) for name in sequence(capabilities.get("add")) if name != "NET_BIND_SERVICE"]:
        fix = "delete it; only NET_BIND_SERVICE may be added"
        yield Fault((*path, "add"), f"capability {', '.join(added)} is added", fix)


def _seccomp(context: Context) -> Iterator[Fault]:
    path = (*context.path, "seccompProfile")
    if windows(context.manifest):
        return
    if context.lacks("seccompProfile"):
        yield Fault(path, "no seccomp profile is stated, so every system call is allowed", _SECCOMP)
    elif (profile := context.fields.get("seccompProfile")) is not None and dig(profile, "type") not in PROFILES:
        name = str(dig(profile, "type"))
        yield Fault((*path, "type"), f"seccomp profile {name} is not allowed{nearest(name, PROFILES, 0.8)}", _SECCOMP)


def _profiles(context: Context) -> Iterator[Fault]:
    """AppArmor and SELinux: what the runtime gives, or a narrower one."""
    profile = context.fields.get("appArmorProfile")
    if profile is not None and dig(profile, "type") not in PROFILES:
        name = str(dig(profile, "type"))
        message = f"AppArmor profile {name} is not allowed{nearest(name, PROFILES, 0.8)}"
        yield Fault((*context.path, "appArmorProfile", "type"), message, "delete appArmorProfile")
    for field, value in mapping(context.fields.get("seLinuxOptions")).items():
        if value and (field in ("user", "role") or (field == "type" and value not in SELINUX)):
            message = f"SELinux {field} {value} is not allowed"
            yield Fault((*context.path, "seLinuxOptions", field), message, "delete it")


def _annotations(manifest: Manifest) -> tuple[str, ...]:
    return (*(manifest.pod_path or ()), "metadata", "annotations")


def _annotation(manifest: Manifest, key: str) -> Iterator[Fault]:
    value = str(dig(manifest.data, *_annotations(manifest), key) or "")
    if value not in ("", "runtime/default") and not value.startswith("localhost/"):
        yield Fault((*_annotations(manifest), key), f"AppArmor profile {value} is not allowed", "delete the annotation")
