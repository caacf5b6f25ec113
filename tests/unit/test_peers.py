"""Ends outside the workload: addresses of ranges, and ends named by the policy that reaches them."""

from typing import Any

import pytest

from gitops import peers
from gitops.connectivity import Peer, Port
from gitops.manifests import Build, Manifest


@pytest.mark.parametrize(
    ("cidr", "address"),
    [
        ("10.1.0.0/28", "10.1.0.1"),
        ("10.1.0.9/32", "10.1.0.9"),
        ("0.0.0.0/0", peers.PUBLIC),
        ("fd00::/64", "fd00::1"),
        ("CLUSTER_REDIS_CIDR", ""),
    ],
)
def test_address_in_a_range(cidr: str, address: str) -> None:
    assert peers.address_in(cidr) == address


def egress(component: str, cidr: str, port: Any) -> Manifest:
    rule = {"to": [{"ipBlock": {"cidr": cidr}}], "ports": [{"port": port}]}
    labels = {"app.kubernetes.io/component": component}
    return Manifest({"kind": "NetworkPolicy", "metadata": {"labels": labels}, "spec": {"egress": [rule]}})


@pytest.mark.parametrize(
    ("component", "cidr", "name"),
    [("redis", "10.1.0.0/28", "external-redis"), ("smtp", "0.0.0.0/0", "internet"), ("x", "10.9.0.0/28", "api-server")],
)
def test_end_is_named_by_its_range_then_by_the_store_then_internet(component: str, cidr: str, name: str) -> None:
    reads = frozenset({"components/stores/redis-external/kustomization.yaml"})
    build = Build("b", objects=[egress(component, cidr, 6379)], reads=reads)
    known = [(Peer("api-server", address="10.9.0.1"), "10.9.0.0/28")]
    assert peers.outside(build, known) == [Peer(name, address=peers.address_in(cidr), ports=(Port(6379),))]
