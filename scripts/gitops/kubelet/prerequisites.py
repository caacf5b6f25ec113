"""What the cluster must have before anything is applied, with the distribution's own way to get it."""

import ipaddress
from collections.abc import Iterator
from dataclasses import replace

from gitops import distributions, target
from gitops.bootstrap import preflight
from gitops.kubelet.look import Seen
from gitops.manifests import Build, Manifest, dig, mapping, sequence
from gitops.smoke.model import FAILED, PASSED, SIMULATED, SKIPPED, WARNING, Result, condition


def check(seen: Seen) -> list[Result]:
    given = preflight.Seen(
        seen.cluster, {"apps": Build(""), "workload": seen.workload}, target.versions(seen.cluster), "",
        seen.found.resources,
    )  # fmt: skip
    results = [_hinted(seen, result) for result in preflight.bare(given)]
    enforced = any((result.check, result.outcome) == ("network", PASSED) for result in results)
    return [_ready(seen), *results, *(_api_server(seen) if enforced else ()), *_images(seen)]


def _hinted(seen: Seen, result: Result) -> Result:
    """The same answer with a hint that fits, and a missing storage class as what it is here: the end."""
    if result.outcome not in (FAILED, WARNING):
        return result
    match result.check:
        case "storage":
            return replace(result, outcome=FAILED, hint=_fill(seen, seen.distribution.storage))
        case "metrics":
            return replace(result, hint=_fill(seen, seen.distribution.metrics))
        case "edge":
            return replace(result, hint="not needed: the port-forward commands at the end work without it")
        case "network":
            return replace(
                result, hint="the NetworkPolicies of PyBase are not tried out here; nothing else depends on it"
            )
    return result


def _ready(seen: Seen) -> Result:
    ready = [node for node in seen.nodes if condition(node, "Ready")[0] == "True"]
    hint = _fill(seen, seen.distribution.start or "kubectl describe nodes says why")
    text = f"{len(ready)} of {len(seen.nodes)} nodes are ready ({seen.distribution.name})"
    return Result("nodes", PASSED if ready else FAILED, text, "" if ready else hint)


def _api_server(seen: Seen) -> Iterator[Result]:
    """May the workers reach it? Policies are judged by the address behind the Service kubernetes."""
    policy = seen.workload.find("NetworkPolicy", "pybase", "pybase-api-server")
    found = seen.cluster.get("endpointslices.discovery.k8s.io", "kubernetes", "default") or {}
    allowed = [ipaddress.ip_network(cidr) for cidr in _cidrs(policy)]
    addresses = [each for endpoint in sequence(found.get("endpoints")) for each in endpoint["addresses"]]
    for address in map(ipaddress.ip_address, addresses):
        if policy and not any(address in network for network in allowed):
            hint = f"write api-server-cidr={address}/{address.max_prefixlen} in the facts of {seen.build.cluster}"
            yield Result(
                "network", WARNING, f"NetworkPolicy {policy.name} keeps workers from {address}, the API server", hint
            )


def _cidrs(policy: Manifest | None) -> Iterator[str]:
    for rule in sequence(policy.get("spec", "egress")) if policy else ():
        for peer in sequence(rule.get("to")):
            if cidr := dig(peer, "ipBlock", "cidr"):
                yield cidr


def _images(seen: Seen) -> Iterator[Result]:
    """Are PyBase's own images on a node? A node tells its 50 largest, so a missing one is no more than a warning."""
    held = {name for node in seen.nodes for name in _held(node)}
    simulated = any(SIMULATED in node.annotations for node in seen.nodes)
    for image in seen.images:
        if image in held:
            yield Result("images", PASSED, f"{image} is on a node")
        elif simulated:
            yield Result("images", SKIPPED, f"{image}: nodes are simulated on this cluster, so nothing is pulled")
        else:
            text = (
                f"{image} is not seen on a node; if its registry does not give it to the cluster, build it and load it"
            )
            yield Result("images", WARNING, text, _fill(seen, seen.distribution.load, image))


def _held(node: Manifest) -> Iterator[str]:
    for image in sequence(node.get("status", "images")):
        yield from map(str, sequence(mapping(image).get("names")))


def _fill(seen: Seen, command: str, image: str = "") -> str:
    return distributions.fill(command, seen.context, image)
