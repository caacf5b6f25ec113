"""A namespace with pods lets everything in or out: nothing denies a direction by default.

Why: a pod that no policy selects for a direction is open in it, and a new workload is open on the day it is added. So
each namespace that has pods has a policy which selects all of them, names both directions and allows nothing; every
other policy then only adds what is wanted. Two policies, one a direction, will do.

Fails:

    spec:
      podSelector: {}
      policyTypes: [Ingress]

Passes:

    spec:
      podSelector: {}
      policyTypes: [Ingress, Egress]

Fix: add the deny-all policy (components/features/network-policies), or correct its selector or directions.
Cannot see: whether the cluster's network plugin enforces policies (Flannel alone does not), and namespaces of charts.
Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies
"""

from collections.abc import Iterator

from gitops.connectivity import EGRESS, INGRESS, directions, rules
from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest, mapping
from gitops.problems import Problem

ID = "network-default-deny"
SEVERITY = "error"
CONTROLS = ("NP01", "NP02")
READS = ("render",)
FIX = "list components/features/network-policies in the environment"


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.workloads():
        for namespace in sorted({manifest.namespace for manifest in build.with_pods()}):
            yield from _namespace(fleet, build, namespace)


def _namespace(fleet: Fleet, build: Build, namespace: str) -> Iterator[Problem]:
    policies = [policy for policy in build.of_kind("NetworkPolicy") if policy.namespace == namespace]
    open_ways = [way for way in (INGRESS, EGRESS) if not any(_denies(policy, way) for policy in policies)]
    if not open_ways:
        return
    meant = next((policy for policy in policies if _meant(policy)), None)
    if meant is None:
        where = build.find("Namespace", "", namespace) or next(m for m in build.with_pods() if m.namespace == namespace)
        message = f"no policy denies {' and '.join(open_ways)} of namespace {namespace} by default"
        yield fleet.at(ID, where, ("metadata", "name"), message, FIX)
    elif mapping(meant.get("spec", "podSelector")):
        path = ("spec", "podSelector")
        yield fleet.at(ID, meant, path, "the selector leaves out pods of the namespace", "write podSelector: {}")
    else:
        yield from _open(fleet, meant, open_ways)


def _open(fleet: Fleet, policy: Manifest, ways: list[str]) -> Iterator[Problem]:
    """A policy for all pods that is silent about a direction, or allows something in it."""
    for way in ways:
        if way in directions(policy):
            fix = f"delete spec.{way.lower()}, and allow what is needed in a policy of its own"
            yield fleet.at(ID, policy, ("spec", way.lower()), f"the default denial of {way} allows something", fix)
        else:
            fix = "write policyTypes: [Ingress, Egress]"
            yield fleet.at(ID, policy, ("spec", "policyTypes"), f"{way} of the namespace is not denied by default", fix)


def _denies(policy: Manifest, way: str) -> bool:
    everything = policy.get("spec", "podSelector") == {}
    return everything and way in directions(policy) and not list(rules(policy, way))


def _meant(policy: Manifest) -> bool:
    """Was this policy written to deny by default?"""
    return "deny" in policy.name or not (list(rules(policy, INGRESS)) or list(rules(policy, EGRESS)))
