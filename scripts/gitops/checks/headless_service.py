"""A StatefulSet names no headless Service of its own pods.

Why: the Service of serviceName gives each pod its stable name (pod-0.service.namespace.svc). When it is missing, has an
address of its own or selects other pods, those names do not resolve, and nothing reports it: the pods run.

Fails:

    kind: StatefulSet
    spec: {serviceName: pybase-postgresql}  # has an address

Passes:

    kind: StatefulSet
    spec: {serviceName: pybase-postgresql-headless}  # clusterIP: None

Fix: add a Service with `clusterIP: None` and the StatefulSet's selector labels, and name it.
Cannot see: StatefulSets that operators make.
Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id
"""

from collections.abc import Iterator

from gitops.fleet import Fleet
from gitops.layout import nearest
from gitops.manifests import Build, Manifest
from gitops.problems import Problem
from gitops.references import left_out
from gitops.selection import names, owners, selected, service_selector

ID = "headless-service"
SEVERITY = "error"
CONTROLS = ("AV17",)
READS = ("render",)
PATH = ("spec", "serviceName")


def check(fleet: Fleet) -> Iterator[Problem]:
    unlisted = {manifest.name for manifest in left_out(fleet) if manifest.kind == "Service"}
    for build in fleet.builds:
        for manifest in build.of_kind("StatefulSet"):
            if manifest.get(*PATH) not in unlisted:
                yield from _named(fleet, build, manifest)


def _named(fleet: Fleet, build: Build, manifest: Manifest) -> Iterator[Problem]:
    near = [service for service in build.of_kind("Service") if service.namespace == manifest.namespace]
    headless = [service for service in near if service.get("spec", "clusterIP") == "None"]
    own = [service.name for service in headless if manifest in _pods(build, service)]
    name = str(manifest.get(*PATH) or "")
    fix = f"name {own[0]}" if own else "add a Service with clusterIP: None and its selector labels, and name it"
    service = next((service for service in near if service.name == name), None)
    if not name:
        yield fleet.at(ID, manifest, PATH, "has no serviceName", fix)
    elif service is None:
        guess = nearest(name, own or [other.name for other in headless])
        yield fleet.at(ID, manifest, PATH, f"Service {name} is not in the build{guess}", fix)
    elif service not in headless and own:
        yield fleet.at(ID, manifest, PATH, f"Service {name} is not headless{nearest(name, own)}", fix)
    elif service not in headless:
        message = f"gives the pods of {names([manifest])} no names: it is not headless"
        yield fleet.at(ID, service, ("spec", "clusterIP"), message, "write clusterIP: None")
    elif manifest not in _pods(build, service) and manifest not in owners(build, service):
        message = f"Service {name} selects {names(_pods(build, service)) or 'no pods'}"
        yield fleet.at(ID, manifest, PATH, message, fix)


def _pods(build: Build, service: Manifest) -> list[Manifest]:
    selector = service_selector(service)
    return selected(build, service.namespace, selector) if selector else []
