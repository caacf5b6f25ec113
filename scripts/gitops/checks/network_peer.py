"""A network policy names pods or a peer that do not exist.

Why: a selector that matches nothing is legal and silent. The policy then protects nobody, or the connection it was to
allow is refused at run time. Flagged: a podSelector or a peer that is neither a pod of the build nor declared in
policies/peers.yaml for the provider (a mistyped label, or another platform's edge or monitoring namespace); a range
under `from` that is not declared. Ranges under `to` are outside by nature and pass; one that is to be written,
REPLACE_WITH_..., is rule placeholder-value's.

Fails:

    ingress:
      - from:
          - podSelector: {matchLabels: {app.kubernetes.io/component: frontent}}

Passes:

    ingress:
      - from:
          - podSelector: {matchLabels: {app.kubernetes.io/component: frontend}}

Fix: use the labels that the pods carry, or the namespace that policies/peers.yaml names for the platform.
Cannot see: pods of charts and of the platform, beyond what is declared.
Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
"""

from collections.abc import Iterator, Mapping
from typing import Any

from gitops import facts, peers
from gitops.connectivity import NAME_LABEL, PEERS, Network, Peer, network, pods, rules
from gitops.fleet import Fleet
from gitops.layout import nearest
from gitops.manifests import Manifest, dig, mapping, selects, sequence
from gitops.nodes import Key
from gitops.problems import Problem
from gitops.selection import mistyped

ID = "network-peer"
SEVERITY = "error"
CONTROLS = ("NP03", "NP08")
READS = ("render", "data")
DECLARED = "use a peer that policies/peers.yaml declares for the provider, or declare it there"


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.workloads():
        known, inside, net = peers.declared(fleet, build), list(pods(build)), network(build)
        everyone = [*inside, *(stub for stub, _ in known)]
        for policy in build.of_kind("NetworkPolicy"):
            near = [pod for pod in everyone if pod.namespace == policy.namespace]
            yield from _selector(fleet, policy, near)
            for path, peer in _peers(policy):
                if "ipBlock" in peer:
                    yield from _range(fleet, policy, path, peer, [cidr for _, cidr in known if cidr])
                else:
                    yield from _pods(fleet, policy, path, peer, net, everyone)


def _peers(policy: Manifest) -> Iterator[tuple[tuple[Key, ...], dict[str, Any]]]:
    for way, field in PEERS.items():
        for index, rule in enumerate(rules(policy, way)):
            for at, peer in enumerate(sequence(rule.get(field))):
                yield ("spec", way.lower(), index, field, at), mapping(peer)


def _selector(fleet: Fleet, policy: Manifest, near: list[Peer]) -> Iterator[Problem]:
    selector = mapping(policy.get("spec", "podSelector"))
    if not any(selects(selector, pod.labels) for pod in near):
        path, message, fix = mistyped(selector, [pod.labels for pod in near])
        yield fleet.at(ID, policy, ("spec", "podSelector", *path), f"podSelector {message} matches no pod", fix)


def _range(
    fleet: Fleet, policy: Manifest, path: tuple[Key, ...], peer: Mapping[str, Any], known: list[str]
) -> Iterator[Problem]:
    cidr = str(dig(peer, "ipBlock", "cidr"))
    if "from" in path and cidr not in known and facts.UNKNOWN not in cidr:  # that is placeholder-value's
        message = f"range {cidr} is no declared peer{nearest(cidr, known)}"
        yield fleet.at(ID, policy, (*path, "ipBlock", "cidr"), message, DECLARED)


def _pods(
    fleet: Fleet, policy: Manifest, path: tuple[Key, ...], peer: Mapping[str, Any], net: Network, known: list[Peer]
) -> Iterator[Problem]:
    if not peer or any(net.matches(policy, peer, other) for other in known):
        return
    spaces = mapping(peer.get("namespaceSelector"))
    space = dig(spaces, "matchLabels", NAME_LABEL)
    names = {other.namespace for other in known if not other.address}
    if space is not None and str(space) not in names:
        message = f"namespace {space} holds no pod of the build and no declared peer{nearest(str(space), names)}"
        yield fleet.at(ID, policy, (*path, "namespaceSelector", "matchLabels", NAME_LABEL), message, DECLARED)
        return
    selector = mapping(peer.get("podSelector"))
    here = policy.namespace if "namespaceSelector" not in peer else space
    step, message, fix = mistyped(selector, [other.labels for other in known if here in (None, other.namespace)])
    yield fleet.at(ID, policy, (*path, "podSelector", *step), f"peer {message} matches no pod", fix)
