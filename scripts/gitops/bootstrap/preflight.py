"""What a cluster must have, or get from its own Applications, before anything is installed. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass

from gitops import installed
from gitops.cluster import Cluster
from gitops.local.objects import storage_classes
from gitops.manifests import Build, Manifest, containers, sequence
from gitops.smoke.model import FAILED, PASSED, SIMULATED, SKIPPED, WARNING, Result, condition

OLDEST, NEWEST = 34, 37  # Kubernetes 1.x whose schemas the fleet is validated with
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
METRICS = "v1beta1.metrics.k8s.io"
# DaemonSets of network plugins that enforce NetworkPolicies; aws-node only when it is told to.
ENFORCERS = ("anetd", "antrea-agent", "azure-npm", "calico-node", "canal", "cilium", "kube-router", "weave-net")
# API group -> the Application that brings it; what is in none of them is the provider's.
BRINGS = {
    "argoproj.io": "argocd",
    "bitnami.com": "sealed-secrets",
    "cert-manager.io": "cert-manager",
    "elbv2.k8s.aws": "aws-load-balancer-controller",
    "gateway.envoyproxy.io": "envoy-gateway-crds",
    "gateway.k8s.aws": "aws-load-balancer-controller",
    "gateway.networking.k8s.io": "gateway-api",
    "metallb.io": "metallb",
    "monitoring.coreos.com": "kube-prometheus-stack",
}


@dataclass(frozen=True)
class Seen:
    """What the cluster has, and the two builds of its folder. `helm` is "" for `gitops local`, where Argo CD and the
    sealed-secrets controller run beside the cluster."""

    cluster: Cluster
    builds: dict[str, Build]
    versions: dict[str, str]
    helm: str
    served: dict[tuple[str, str], str]

    def every(self, kinds: str) -> list[Manifest]:
        return [Manifest(item) for item in self.cluster.every(kinds)]

    def brought(self, name: str) -> bool:
        """Is that Application among those of the cluster?"""
        return self.builds["apps"].find("Application", "argocd", name) is not None


def check(seen: Seen) -> Iterator[Result]:
    yield from bare(seen)
    yield _unsealer(seen)


def bare(seen: Seen) -> Iterator[Result]:
    """What does not depend on who installs it."""
    yield from _versions(seen)
    nodes = seen.every("nodes")
    yield from _storage(seen)
    yield _network(seen, nodes)
    yield from _classes(seen)
    yield _metrics(seen)
    yield from _kinds(seen)


def _versions(seen: Seen) -> Iterator[Result]:
    client, server = (_minor(seen.versions[side]) for side in ("client", "server"))
    text = f"kubectl {seen.versions['client']}, Kubernetes {seen.versions['server']}"
    if abs(client - server) > 1:
        hint = "kubectl supports one minor version beside its own (kubernetes.io/releases/version-skew-policy)"
        yield Result("versions", WARNING, text, hint)
    elif not OLDEST <= server <= NEWEST:
        hint = f"the manifests are validated for 1.{OLDEST} to 1.{NEWEST}"
        yield Result("versions", WARNING, text, hint)
    else:
        yield Result("versions", PASSED, text)
    if seen.helm:
        yield Result("versions", PASSED, f"helm {seen.helm}")


def _minor(version: str) -> int:
    digits = version.split(".")[1] if version.count(".") else ""
    return int(digits) if digits.isdigit() else 0


def _storage(seen: Seen) -> Iterator[Result]:
    """The class of each claim, or a default one for claims without."""
    found = seen.every("storageclasses.storage.k8s.io")
    made = {item.name for item in seen.builds["workload"].of_kind("StorageClass")}
    names = {item.name for item in found}
    wanted = [name for name in storage_classes([seen.builds["workload"]]) if name != "kwok-volume"]
    for name in wanted:
        where = "comes with the workload" if name in made else "is there" if name in names else "is not there"
        good = name in made | names
        hint = "" if good else "install its driver, or name a class that is there"
        yield Result("storage", PASSED if good else FAILED, f"StorageClass {name} {where}", hint)
    if not wanted:
        default = [item.name for item in found if item.annotations.get(DEFAULT_CLASS) == "true"]
        hint = "" if default else f"annotate one with {DEFAULT_CLASS}=true"
        text = f"default StorageClass {', '.join(default) or 'is not there'}"
        yield Result("storage", PASSED if default else WARNING, text, hint)


def _network(seen: Seen, nodes: list[Manifest]) -> Result:
    if any(SIMULATED in node.annotations for node in nodes):
        return Result("network", SKIPPED, "nodes are simulated on this cluster, so no traffic flows")
    agents = seen.every("daemonsets.apps")
    found = [agent.name for agent in agents if agent.name.startswith(ENFORCERS)]
    found += [agent.name for agent in agents if agent.name == "aws-node" and _told(agent)]
    found += ["k3s" for node in nodes[:1] if "+k3s" in str(node.get("status", "nodeInfo", "kubeletVersion"))]
    if found:
        return Result("network", PASSED, f"NetworkPolicies are enforced by {', '.join(found)}")
    hint = "install Calico or Cilium, or switch the policy agent of the provider on"
    return Result("network", WARNING, "no network plugin that is known to enforce NetworkPolicies", hint)


def _told(agent: Manifest) -> bool:
    return any(
        "--enable-network-policy=true" in sequence(container.spec.get("args")) for container in containers(agent)
    )


def _classes(seen: Seen) -> Iterator[Result]:
    """The classes that Ingresses and Gateways name."""
    fields = {"Ingress": "ingressClassName", "Gateway": "gatewayClassName"}
    for kind, field in fields.items():
        names = {str(item.get("spec", field)) for item in seen.builds["workload"].of_kind(kind)} - {"None"}
        resource = seen.served.get(
            (f"{'networking' if kind == 'Ingress' else 'gateway.networking'}.k8s.io", f"{kind}Class")
        )
        there = {item.name for item in seen.every(resource)} if names and resource else set()
        ours = {item.name for build in seen.builds.values() for item in build.of_kind(f"{kind}Class")}
        for name in sorted(names):
            good = name in there | ours
            hint = "" if good else "the edge stays without an address until a controller of that class is there"
            text = (
                f"{kind}Class {name} {'is there' if name in there else 'comes with apps/' if good else 'is not there'}"
            )
            yield Result("edge", PASSED if good else WARNING, text, hint)


def _metrics(seen: Seen) -> Result:
    found = seen.cluster.get("apiservices.apiregistration.k8s.io", METRICS)
    if found and condition(Manifest(found), "Available")[0] == "True":
        return Result("metrics", PASSED, "metrics-server answers")
    if seen.brought("metrics-server"):
        return Result("metrics", PASSED, "metrics-server comes with its Application")
    scales = any(seen.builds["workload"].of_kind("HorizontalPodAutoscaler"))
    hint = "install metrics-server, or list apps/metrics-server"
    return Result("metrics", FAILED if scales else WARNING, f"APIService {METRICS} is not available", hint)


def _kinds(seen: Seen) -> Iterator[Result]:
    """Every kind of the two builds is served, or comes with an Application."""
    used: set[tuple[str, str]] = set()
    for build in seen.builds.values():
        used |= {(installed.group(item), item.kind) for item in build.objects}
    lack = sorted(key for key in used if key not in seen.served)
    later = {kind: BRINGS[group] for group, kind in lack if group in BRINGS and seen.brought(BRINGS[group])}
    for kind, name in later.items():
        yield Result("kinds", PASSED, f"{kind} comes with the Application {name}")
    missing = [(group, kind) for group, kind in lack if kind not in later]
    for group, kind in missing:
        hint = f"list apps/{BRINGS[group]}" if group in BRINGS else "its controller is the provider's: switch it on"
        yield Result("kinds", FAILED, f"{kind} of {group} is not served", hint)
    if not missing:
        yield Result("kinds", PASSED, f"{len(used)} kinds are served or come with an Application")


def _unsealer(seen: Seen) -> Result:
    if not seen.helm:
        return Result("sealed-secrets", PASSED, "the controller runs beside the cluster")
    if seen.cluster.get("deployments.apps", "sealed-secrets-controller", "kube-system"):
        return Result("sealed-secrets", PASSED, "the controller is there")
    if seen.brought("sealed-secrets"):
        return Result("sealed-secrets", PASSED, "the controller comes with its Application")
    hint = "list apps/sealed-secrets in the cluster's apps"
    return Result("sealed-secrets", FAILED, "nothing would open the sealed secrets", hint)
