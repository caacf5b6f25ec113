"""What stands between a browser and PyBase, on each platform (S22, S38, S164, D11; contract, sections 11 and 12)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from gitops.manifests import Build, Manifest

# The longest that the edges keep an idle connection to a pod: ours to set on an ALB; fixed by Google; Envoy's default.
IDLE = {"eks": 4000, "gke": 600, "aks": 3600, "bare-metal": 3600}
UPLOAD = 100 * 1024 * 1024  # PyBase's own limit of a file, without the form around it


@pytest.fixture(scope="module")
def nginx(bundled: Build) -> str:
    """The frontend's nginx.conf without its comments."""
    (found,) = [m for m in bundled.of_kind("ConfigMap") if m.name.startswith("pybase-frontend-")]
    return re.sub(r"(^|\s)#.*", "", found.data["data"]["nginx.conf"])


def directive(nginx: str, name: str) -> str:
    (value,) = re.findall(rf"^\s*{name} (\S+);", nginx, re.MULTILINE)
    return value


def words(manifest: Manifest) -> list[str]:
    (container,) = manifest.pod["containers"]
    return [*container.get("command", []), *container.get("args", [])]


@pytest.mark.parametrize(
    "host, scheme",
    [
        ("pybase.example.com", "wss"),
        ("localhost.example.com", "wss"),
        ("pybase.localhost", "ws"),  # the development cluster, by plain HTTP
        ("localhost", "ws"),
        ("127.0.0.1", "ws"),
    ],
)
def test_s38_websockets_are_encrypted_where_the_page_is(host: str, scheme: str, nginx: str) -> None:
    (table,) = re.findall(r"map \$host \$websocket_scheme \{(.*?)\}", nginx, re.DOTALL)
    rows = [(key.strip('"'), value) for key, value in re.findall(r"(\S+) (\S+);", table)]
    exact, patterns = dict(rows), [(key[1:], value) for key, value in rows if key.startswith("~")]
    matched = [value for pattern, value in patterns if re.search(pattern, host)]
    assert exact.get(host, [*matched, exact["default"]][0]) == scheme


def test_s38_the_largest_upload_fits_with_its_form(nginx: str, workloads: dict[str, Build]) -> None:
    sizes = [directive(nginx, "client_max_body_size")]
    for ingress in (m for build in workloads.values() for m in build.of_kind("Ingress")):
        sizes += [value for key, value in ingress.annotations.items() if key.endswith("/proxy-body-size")]
    assert all(int(size.removesuffix("m")) * 1024 * 1024 > UPLOAD for size in sizes)


def test_s22_pods_keep_idle_connections_longer_than_the_edge(nginx: str, workloads: dict[str, Build]) -> None:
    frontend = int(directive(nginx, "keepalive_timeout").removesuffix("s"))
    for cluster, build in workloads.items():
        api = build.find("Deployment", "pybase", "pybase-api")
        assert api is not None
        (given,) = [word for word in words(api) if word.startswith("--timeout-keep-alive=")]
        provider = next(name for name in IDLE if cluster.startswith(name))
        shown = list(idle_of_load_balancers(build))
        assert shown == ([IDLE["eks"]] if provider == "eks" else [])
        assert min(frontend, int(given.partition("=")[2])) > max(IDLE[provider], *shown, 0)


def idle_of_load_balancers(build: Build) -> Iterator[int]:
    """The idle time-outs of the Application Load Balancers of a build."""
    for manifest in build.of_kind("Ingress", "LoadBalancerConfiguration"):
        text = manifest.annotations.get("alb.ingress.kubernetes.io/load-balancer-attributes", "")
        attributes: list[dict[str, Any]] = manifest.get("spec", "loadBalancerAttributes") or []
        pairs = [entry.split("=") for entry in text.split(",") if entry] + [[a["key"], a["value"]] for a in attributes]
        yield from (int(value) for key, value in pairs if key == "idle_timeout.timeout_seconds")


def test_s22_an_alb_has_the_new_pod_before_the_old_one_goes(workloads: dict[str, Build]) -> None:
    for cluster, build in workloads.items():
        namespace = build.find("Namespace", "", "pybase")
        assert namespace is not None, cluster
        assert namespace.labels["elbv2.k8s.aws/pod-readiness-gate-inject"] == "enabled"


def test_s164_d11_on_eks_the_address_of_the_service_kubernetes_is_open_too(workloads: dict[str, Build]) -> None:
    for cluster, build in workloads.items():
        policy = build.find("NetworkPolicy", "pybase", "pybase-api-server")
        assert policy is not None
        (rule,) = policy.get("spec", "egress")
        _, *others = [peer["ipBlock"]["cidr"] for peer in rule["to"]]
        assert others == (["10.100.0.1/32", "172.20.0.1/32"] if cluster.startswith("eks-") else []), cluster
        assert {port["port"] for port in rule["ports"]} == {443, 6443}


def test_s22_bare_metal_has_two_proxies_and_a_budget(workloads: dict[str, Build]) -> None:
    for build in workloads.values():
        for gateway in build.of_kind("Gateway"):
            if gateway.get("spec", "gatewayClassName") == "envoy":
                name = gateway.get("spec", "infrastructure", "parametersRef", "name")
                proxy = build.find("EnvoyProxy", gateway.namespace, name)
                assert proxy is not None, build.cluster
                kubernetes = proxy.get("spec", "provider", "kubernetes")
                assert kubernetes["envoyDeployment"]["replicas"] == 2
                assert kubernetes["envoyPDB"] == {"minAvailable": 1}


def test_s22_pods_answer_until_the_edge_has_stopped_sending(workloads: dict[str, Build]) -> None:
    for cluster, build in workloads.items():
        outside = cluster.startswith(("eks-", "gke-"))  # a load balancer of the cloud, not a proxy in the cluster
        for component in ("api", "frontend"):
            manifest = build.find("Deployment", "pybase", f"pybase-{component}")
            assert manifest is not None
            sleep = manifest.pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
            assert sleep == (60 if outside else 10), cluster
            assert manifest.pod.get("terminationGracePeriodSeconds", 30) >= sleep + 20, cluster
