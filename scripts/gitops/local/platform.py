"""Bringing an instance up and down. Every step looks first, so that a second `up` repairs what is missing."""

import secrets
import shutil
from pathlib import Path

from gitops.cluster import Cluster, Object
from gitops.errors import GitopsError
from gitops.local import network, objects, parts
from gitops.local.instance import Instance
from gitops.local.parts import Part
from gitops.manifests import Build
from gitops.progress import Say

READY_SECONDS = 60
KWOK = "sigs.k8s.io/kwok/kustomize"
STAGES = (
    "metrics/resource/metrics-resource.yaml", "metrics/usage/usage-from-annotation.yaml",
    "stage/node/fast/node-initialize.yaml", "stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
    "stage/pod/fast/pod-ready.yaml", "stage/pod/fast/pod-complete.yaml", "stage/pod/fast/pod-delete.yaml",
    "stage/volume/fast/pv-bind.yaml", "stage/volume/fast/pv-delete.yaml", "stage/volume/fast/pvc-provision.yaml",
    "stage/volume/fast/pvc-delete.yaml",
)  # fmt: skip
ARGOCD = "github.com/argoproj/argo-cd/v3"
WRAPPERS = ("git-verify-wrapper.sh", "gpg-wrapper.sh")  # the repo-server calls the first for every Git source
SEALED_SECRETS = "github.com/bitnami/sealed-secrets/helm/sealed-secrets/crds"


def kubectl(instance: Instance) -> Cluster:
    return Cluster(str(instance.path("bin", "kubectl")), str(instance.path("kubeconfig")))


def up(
    instance: Instance,
    program: Path,
    builds: list[Build],
    definitions: list[Object],
    say: Say,
    apiserver: Path | None = None,
) -> None:
    """Start what is not running, and give the API server what it must have: `definitions` are CustomResourceDefinitions
    that the builds need beside those of Argo CD and sealed-secrets. `apiserver` is a kube-apiserver to run in place of
    the program's own; Kubernetes allows one that is a minor version newer than the controllers."""
    instance.make(
        "bin",
        "etcd",
        "certs",
        "git",
        *(f"argocd/{name}" for name in ("home", "tmp", "tls", "ssh", "gpg", "plugins", "config")),
    )
    _programs(instance, program, apiserver or program)
    say("keys and certificates")
    known = int(instance.path("port").read_text()) if instance.path("port").exists() else 0
    port = network.ensure(instance)
    if port != known or not instance.path("kubeconfig").exists():
        from gitops.local import pki  # here: its library takes longer to import than most commands run

        pki.make(instance, port)
    _stages(instance, program.parent, builds)
    for part in parts.CONTROL_PLANE:
        start(instance, part, say)
    await_all(instance, parts.CONTROL_PLANE, say)
    say("waiting for the API server to describe itself")
    if not network.wait(lambda: _takes(kubectl(instance), objects.unsealer()), READY_SECONDS):
        raise GitopsError("the API server takes no objects; `gitops local logs kube-apiserver` shows why")
    for part in parts.CONTROLLERS:
        start(instance, part, say)
    say("giving the API server nodes, definitions and settings")
    _seed(instance, program.parent, builds, definitions)
    for part in parts.ADD_ONS:
        start(instance, part, say)
    await_all(instance, (*parts.CONTROLLERS, *parts.ADD_ONS), say)
    kubectl(instance).apply(objects.metrics())  # last: an API that nobody serves yet fails every look at the API


def start(instance: Instance, part: Part, say: Say) -> None:
    if instance.pid(part.name):
        return
    say(f"starting {part.name}")
    binaries = instance.path("bin")
    environment = {"PATH": f"{binaries}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(instance.folder)}
    command = [str(binaries / part.name), *part.arguments(instance)]
    network.start(instance, part.name, command, environment | part.environment(instance))


def await_all(instance: Instance, wanted: tuple[Part, ...], say: Say) -> None:
    for part in wanted:
        say(f"waiting for {part.name}")
        _await(instance, part)


def _await(instance: Instance, part: Part) -> None:
    if network.wait(lambda: well(instance, part), READY_SECONDS, lambda: not instance.pid(part.name)):
        return
    lines = instance.path("log", part.name).read_text(errors="replace").strip().splitlines()[-3:]
    why = "has ended" if not instance.pid(part.name) else f"is not ready after {READY_SECONDS} s"
    said = f": {' | '.join(lines)[-600:]}" if lines else ""
    raise GitopsError(f"{part.name} {why}{said}; `gitops local logs {part.name}` shows more")


def well(instance: Instance, part: Part) -> bool:
    if not instance.pid(part.name):
        return False
    return not part.path or network.get(instance, part.port, part.path, tls=part.tls)[0] == 200


def down(instance: Instance, purge: bool) -> list[str]:
    """End the instance's processes, and with `purge` delete its folder; the names of those that were running."""
    running = [name for name in instance.names() if instance.pid(name)]
    for name in reversed([part.name for part in parts.ALL]):  # the API server waits for an etcd that went first
        instance.stop(name)
    instance.stop(*instance.names())
    if purge:
        _unlock(instance.path("argocd", "tmp"))
        shutil.rmtree(instance.folder, ignore_errors=True)
    return running


def _unlock(folder: Path) -> None:
    """The repo-server keeps its clones without any permission."""
    for path in folder.glob("_argocd-repo/*") if folder.is_dir() else ():
        path.chmod(0o700)


def _programs(instance: Instance, program: Path, apiserver: Path) -> None:
    for name in parts.LINKS:
        link, target = instance.path("bin", name), apiserver if name == "kube-apiserver" else program
        if not link.is_symlink() or link.readlink() != target:
            link.unlink(missing_ok=True)
            link.symlink_to(target)
    for name in WRAPPERS:
        shutil.copyfile(program.parent / ARGOCD / "hack" / name, instance.path("bin", name))
        instance.path("bin", name).chmod(0o755)
    instance.path("argocd", "ssh", "ssh_known_hosts").touch()


def _stages(instance: Instance, files: Path, builds: list[Build]) -> None:
    """How KWOK plays nodes, pods, volumes and the controllers of stages/, those of kinds that the builds have: it ends
    when a kind is unknown. It binds claims of the classes that the builds name."""
    classes = ", ".join(f"'{name}'" for name in objects.storage_classes(builds))
    texts = [(files / KWOK / name).read_text() for name in STAGES]
    kinds = {"ingress", "service", *(manifest.kind.lower() for build in builds for manifest in build.objects)}
    own = sorted(Path(__file__).with_name("stages").glob("*.yaml"))
    texts += [file.read_text() for file in own if file.stem in kinds]
    text = "\n---\n".join(texts).replace("== 'kwok-volume'", f"in [{classes}]")
    instance.path("stages.yaml").write_text(text)


def _seed(instance: Instance, files: Path, builds: list[Build], definitions: list[Object]) -> None:
    cluster = kubectl(instance)
    key = instance.path("session-key")
    if not key.exists():
        key.write_text(secrets.token_hex(32))
    if not network.wait(lambda: cluster.get("serviceaccount", "default", "kube-system"), READY_SECONDS):
        raise GitopsError(
            "the controller manager makes no accounts; `gitops local logs kube-controller-manager` shows why"
        )
    argocd = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "argocd"}}
    cluster.apply([argocd, *objects.nodes()])
    _status(cluster, objects.node_status(), "nodes", *(node["metadata"]["name"] for node in objects.nodes()))
    name, namespace = objects.UNSEALER["name"], objects.UNSEALER["namespace"]
    cluster.apply(objects.unsealer_service(parts.SEALED_SECRETS_PORT))
    _status(cluster, objects.unsealer_status(network.ADDRESS), "pod", name, f"--namespace={namespace}")
    folders = [files / SEALED_SECRETS, files / ARGOCD / "manifests" / "crds"]
    crds = [path for folder in folders for path in sorted(folder.glob("*.yaml")) if path.name != "kustomization.yaml"]
    apply = ["apply", "--server-side", "--force-conflicts", "--field-manager=gitops"]
    cluster.run(
        *apply,
        *(f"--filename={path}" for path in crds),
        f"--filename={files / KWOK}/stage/volume/fast/storage-class.yaml",
    )
    cluster.apply(definitions)
    cluster.run(*apply, "--namespace=argocd", f"--kustomize={files / ARGOCD}/manifests/base/config")
    apps = next((build for build in builds if build.part == "apps"), Build(""))
    cluster.apply(objects.argocd_settings(apps, key.read_text()))
    established = ["--for=condition=established", "--timeout=30s", "--all", "customresourcedefinitions"]
    cluster.run("wait", *established)
    _account(instance, cluster)


def _status(cluster: Cluster, status: Object, *what: str) -> None:
    cluster.run("patch", *what, "--subresource=status", "--type=merge", f"--patch={_json(status)}")


def _takes(cluster: Cluster, some: list[Object]) -> bool:
    """It is ready some seconds before it serves the descriptions that kubectl and KWOK read."""
    try:
        return bool(cluster.apply(some))
    except GitopsError:
        return False


def _account(instance: Instance, cluster: Cluster) -> None:
    """The account of the sealed-secrets controller, where a pod would have it."""
    name, namespace = objects.UNSEALER["name"], objects.UNSEALER["namespace"]
    token = cluster.run("create", "token", name, f"--namespace={namespace}", "--duration=8760h").strip()
    folder = instance.path("account")
    folder.mkdir(exist_ok=True, mode=0o700)
    (folder / "token").write_text(token)
    shutil.copyfile(instance.path("pki", "ca.crt"), folder / "ca.crt")
    target = "/run/secrets/kubernetes.io/serviceaccount"
    network.run(instance, ["sh", "-c", 'mkdir -p "$2" && cp "$1"/* "$2"', "sh", str(folder), target])


def _json(value: Object) -> str:
    import json

    return json.dumps(value)
