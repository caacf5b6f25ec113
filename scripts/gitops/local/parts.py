"""The programs of the platform: how each is started, what it needs before it, and how it says that it is well.

The flags are those that upstream's own programs take. Everything listens in the instance's own network only.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from gitops.local.instance import Instance

ETCD = "http://127.0.0.1:2379"
REDIS = "127.0.0.1:6379"
REPO_SERVER = "127.0.0.1:8081"
SEALED_SECRETS_PORT = 8090
RECONCILE = "20s"  # how often Argo CD looks at Git by itself; `local sync` asks at once


@dataclass(frozen=True)
class Part:
    """`health`: port and path that answer 200 when it is well; "" for a path means that living is enough."""

    name: str
    arguments: Callable[[Instance], list[str]]
    port: int = 0
    path: str = ""
    tls: bool = False
    environment: Callable[[Instance], dict[str, str]] = field(default=lambda _: {})


def _etcd(instance: Instance) -> list[str]:
    peers = "http://127.0.0.1:2380"
    return [
        f"--data-dir={instance.path('etcd')}",
        f"--listen-client-urls={ETCD}", f"--advertise-client-urls={ETCD}",
        f"--listen-peer-urls={peers}", f"--initial-advertise-peer-urls={peers}", f"--initial-cluster=default={peers}",
        "--unsafe-no-fsync", "--log-level=warn",
    ]  # fmt: skip


def _apiserver(instance: Instance) -> list[str]:
    pki = instance.path("pki")
    return [
        f"--etcd-servers={ETCD}", "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--secure-port=6443",
        f"--tls-cert-file={pki}/apiserver.crt", f"--tls-private-key-file={pki}/apiserver.key",
        f"--token-auth-file={pki}/tokens.csv", f"--client-ca-file={pki}/ca.crt", "--authorization-mode=Node,RBAC",
        "--endpoint-reconciler-type=none",  # an endpoint may not be a loopback address
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={pki}/sa.pub", f"--service-account-signing-key-file={pki}/sa.key",
        "--service-cluster-ip-range=10.96.0.0/16", "--allow-privileged", "--profiling=false",
        f"--requestheader-client-ca-file={pki}/front-proxy-ca.crt",
        "--requestheader-allowed-names=front-proxy-client", "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group", "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={pki}/front-proxy-client.crt",
        f"--proxy-client-key-file={pki}/front-proxy-client.key",
    ]  # fmt: skip


def _delegating(instance: Instance, name: str) -> list[str]:
    """The flags of a component that asks the API server who its own callers are."""
    config = instance.path(f"{name}.kubeconfig")
    flags = ("kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig")
    return [
        *(f"--{flag}={config}" for flag in flags),
        "--bind-address=127.0.0.1",
        f"--cert-dir={instance.path('certs')}",
    ]


def _controller_manager(instance: Instance) -> list[str]:
    return [
        *_delegating(instance, "controller-manager"), "--leader-elect=false",
        "--horizontal-pod-autoscaler-sync-period=2s",  # 15 s would be half of the first sync
        "--kube-api-qps=200", "--kube-api-burst=400",
        f"--service-account-private-key-file={instance.path('pki')}/sa.key",
        f"--root-ca-file={instance.path('pki')}/ca.crt",
    ]  # fmt: skip


def _kwok(instance: Instance) -> list[str]:
    pki = instance.path("pki")
    return [
        f"--kubeconfig={instance.path('kwok.kubeconfig')}", f"--config={instance.path('stages.yaml')}",
        "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake", "--cidr=10.244.0.1/16",
        "--node-ip=127.0.0.1", "--node-port=10247", "--server-address=127.0.0.1:10247",
        f"--tls-cert-file={pki}/apiserver.crt", f"--tls-private-key-file={pki}/apiserver.key",
        "--node-lease-duration-seconds=40",
    ]  # fmt: skip


def _metrics_server(instance: Instance) -> list[str]:
    return [
        *_delegating(instance, "metrics-server"), "--secure-port=10252", "--kubelet-insecure-tls",
        "--kubelet-use-node-status-port", "--kubelet-preferred-address-types=InternalIP", "--metric-resolution=15s",
    ]  # fmt: skip


def _controller(_: Instance) -> list[str]:
    return [
        "--namespace=argocd", f"--repo-server={REPO_SERVER}", f"--redis={REDIS}", "--metrics-port=8082",
        "--persist-resource-health",  # else the health of each object is in Redis only
        "--logformat=text", "--loglevel=info",
    ]  # fmt: skip


def _repo_server(_: Instance) -> list[str]:
    host, port = REPO_SERVER.split(":")
    return [
        f"--address={host}", f"--port={port}", f"--metrics-address={host}", "--metrics-port=8084",
        f"--redis={REDIS}", "--logformat=text", "--loglevel=info",
    ]  # fmt: skip


def _argocd(instance: Instance) -> dict[str, str]:
    own, home = instance.path("argocd"), str(instance.path("argocd", "home"))
    return {
        "KUBECONFIG": str(instance.path("argocd.kubeconfig")), "ARGOCD_FAKE_IN_CLUSTER": "true",
        "ARGOCD_TLS_DATA_PATH": f"{own}/tls", "ARGOCD_SSH_DATA_PATH": f"{own}/ssh",
        "ARGOCD_GNUPGHOME": f"{own}/gpg", "ARGOCD_GPG_DATA_PATH": f"{own}/gpg", "ARGOCD_GPG_ENABLED": "false",
        "ARGOCD_PLUGINSOCKFILEPATH": f"{own}/plugins", "ARGOCD_APP_CONF_PATH": f"{own}/config",
        "ARGOCD_ASK_PASS_SOCK": f"{own}/askpass.sock", "TMPDIR": f"{own}/tmp", "XDG_CONFIG_HOME": f"{home}/.config",
        "GIT_CONFIG_NOSYSTEM": "1", "HOSTNAME": "argocd-application-controller-0",
        "ARGOCD_RECONCILIATION_TIMEOUT": RECONCILE, "ARGOCD_RECONCILIATION_JITTER": "0s",
        "ARGOCD_APPLICATION_CONTROLLER_SERVER_SIDE_DIFF": "true",
        "ARGOCD_APPLICATION_CONTROLLER_SYNC_TIMEOUT": "3600", "ARGOCD_REPO_ERROR_GRACE_PERIOD_SECONDS": "900s",
        "HOME": home,
    }  # fmt: skip


def _in_cluster(_: Instance) -> dict[str, str]:
    return {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": "6443", "POD_NAMESPACE": "kube-system"}


def _scheduler(instance: Instance) -> list[str]:
    return [*_delegating(instance, "scheduler"), "--leader-elect=false"]


def _unsealer(_: Instance) -> list[str]:
    return [f"--listen-addr=:{SEALED_SECRETS_PORT}", "--listen-metrics-addr=127.0.0.1:8091"]


CONTROL_PLANE = (
    Part("etcd", _etcd, 2379, "/health"),
    Part("kube-apiserver", _apiserver, 6443, "/readyz", tls=True),
)
CONTROLLERS = (
    Part("kube-controller-manager", _controller_manager, 10257, "/healthz", tls=True),
    Part("kube-scheduler", _scheduler, 10259, "/healthz", tls=True),
    Part("redis", lambda _: [REDIS]),
)
ADD_ONS = (
    Part("kwok", _kwok, 10247, "/healthz", tls=True),
    Part("metrics-server", _metrics_server, 10252, "/livez", tls=True),
    Part("sealed-secrets-controller", _unsealer, SEALED_SECRETS_PORT, "/healthz", environment=_in_cluster),
    Part("argocd-repo-server", _repo_server, 8084, "/healthz", environment=_argocd),
    Part("argocd-application-controller", _controller, 8082, "/healthz", environment=_argocd),
)
ALL = (*CONTROL_PLANE, *CONTROLLERS, *ADD_ONS)
LINKS = (*(part.name for part in ALL), "argocd", "argocd-git-ask-pass", "kubectl", "kustomize")
