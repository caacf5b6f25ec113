"""A Service's selector picks no pods, those of another workload, or more than one workload's.

Why: a selector that matches nothing is legal: the Service has an address, and every connection to it is refused. One
that is too wide sends requests to workers or to a migration's pod, which answer none of them. Meant is the workload
with the Service's own labels app.kubernetes.io/name and component; without them the one of its name. Services without
a selector and ExternalName Services are left alone.

Fails:

    metadata: {name: pybase-api, labels: {app.kubernetes.io/name: pybase, app.kubernetes.io/component: api}}
    spec:
      selector: {app.kubernetes.io/name: pybase}

Passes:

    metadata: {name: pybase-api, labels: {app.kubernetes.io/name: pybase, app.kubernetes.io/component: api}}
    spec:
      selector: {app.kubernetes.io/name: pybase, app.kubernetes.io/component: api}

Fix: use the workload's two selector labels.
Cannot see: pods that charts and operators make, beyond those of policies/peers.yaml.
Source: https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service
"""

from collections.abc import Iterator

from gitops import peers
from gitops.fleet import Fleet
from gitops.problems import Problem
from gitops.references import left_out
from gitops.selection import fault, service_selector

ID = "service-selects-pods"
SEVERITY = "error"
CONTROLS = ("XR01",)
READS = ("render", "data")


def check(fleet: Fleet) -> Iterator[Problem]:
    unlisted = [manifest.pod_labels for manifest in left_out(fleet)]
    for build in fleet.builds:
        stubs = [stub for stub, _ in peers.declared(fleet, build) if not stub.address]
        for service in build.of_kind("Service"):
            selector = service_selector(service)
            known = [stub.labels for stub in stubs if stub.namespace == service.namespace]
            found = fault(build, service, selector, [*known, *unlisted]) if selector else None
            if found:
                path = tuple(key for key in found.path if found.manifest is not service or key != "matchLabels")
                yield fleet.at(ID, found.manifest, path, found.message, found.fix)
