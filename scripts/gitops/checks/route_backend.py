"""An Ingress, a route or an edge policy refers to a Service, a port, a Gateway or a listener that is not there.

Why: the edge answers 503 or 404 for such a backend, and a route that its Gateway does not accept serves nothing; only
its status says so. Read are Ingresses (the default backend too), HTTPRoutes and the other routes, with their parentRefs
and those of an Issuer's solvers, and the targets of policies (targetRef, targetRefs, targetReference). A route in
another namespace needs a listener whose allowedRoutes admit it; by default only the Gateway's own namespace is. A
backend in another namespace needs a ReferenceGrant there.

Fails:

    backend: {service: {name: pybase-api, port: {number: 80}}}    # the Service's port is 8000

Passes:

    backend: {service: {name: pybase-api, port: {name: http}}}

Fix: name the existing object and port, or admit the route's namespace in the listener.
Cannot see: Services of charts; backends that are no Services.
Source: https://gateway-api.sigs.k8s.io/concepts/security-model/
"""

from collections.abc import Iterator

from gitops.attachments import attachment, missing, section
from gitops.fleet import Fleet
from gitops.layout import nearest
from gitops.manifests import Manifest, dig, sequence
from gitops.problems import Problem
from gitops.references import left_out
from gitops.renames import Broken, Target, problems
from gitops.routes import Objects, Reference, attached_policies, backends, by_cluster, parents

ID = "route-backend"
SEVERITY = "error"
CONTROLS = ("XR03",)
READS = ("render",)


def check(fleet: Fleet) -> Iterator[Problem]:
    unlisted = {(manifest.kind, manifest.name) for manifest in left_out(fleet)}
    for objects in by_cluster(fleet):
        broken: list[Broken] = []
        used: list[Target] = []
        for manifest in (manifest for build in objects.builds for manifest in build.objects):
            for reference in (*backends(manifest), *attached_policies(manifest), *parents(manifest)):
                if reference.name and (reference.kind, reference.name) not in unlisted:
                    _judge(objects, reference, broken, used)
        yield from problems(fleet, ID, broken, used)


def _judge(objects: Objects, reference: Reference, broken: list[Broken], used: list[Target]) -> None:
    target = objects.find(reference.kind, reference.namespace, reference.name)
    if target is None or str(target.get("apiVersion")).rpartition("/")[0] != reference.group:
        broken.append(missing(objects, reference))
        return
    used.append(Target(target, ("metadata", "name"), target.name))
    if reference in parents(reference.manifest):
        broken.extend(attachment(objects, reference, target, used))
    elif target.kind == "Service":
        broken.extend(_port(objects, reference, target, used))
    elif target.kind == "Gateway" and reference.section:
        broken.extend(section(reference, target, used))


def _port(objects: Objects, reference: Reference, service: Manifest, used: list[Target]) -> Iterator[Broken]:
    """The Service's own port, by name or number; an ExternalName Service may have none."""
    if reference.namespace != reference.manifest.namespace and not _granted(objects, reference):
        message = f"no ReferenceGrant in {reference.namespace} lets it use a Service there"
        yield Broken(reference.manifest, (*reference.path, "namespace"), "", message, "add the ReferenceGrant")
    known = [entry for entry in sequence(service.get("spec", "ports")) if isinstance(entry, dict)]
    value, field = reference.port, "name" if isinstance(reference.port, str) else "port"
    if reference.section:
        value, field = reference.section, "name"
    fitting = [index for index, entry in enumerate(known) if value is not None and entry.get(field) == value]
    used.extend(Target(service, ("spec", "ports", index, field), "") for index in fitting)
    required = "backendRef" in str(reference.path) or reference.manifest.kind == "Ingress"
    if fitting or not known or (value is None and not required) or _by_annotation(reference):
        return
    path = (*reference.path, "sectionName") if reference.section else reference.port_path
    listed = ", ".join(f"{entry.get('port')}{f' ({n})' if (n := entry.get('name')) else ''}" for entry in known)
    index = _meant(known, value)
    instead = Target(service, ("spec", "ports", index, field), f"port {known[index].get(field)}") if value else None
    message = (
        f"names no port of Service {service.name}" if value is None else f"Service {service.name} has no port {value}"
    )
    fix = (
        f"use {known[index].get(field) or known[index].get('port')}"
        if len(known) == 1 or value
        else f"use one of {listed}"
    )
    yield Broken(reference.manifest, path, str(value), message, fix, instead)


def _meant(known: list[dict[str, object]], value: object) -> int:
    """The port in front of the container port that was written instead; else the nearest."""
    for index, entry in enumerate(known):
        if value is not None and value == entry.get("targetPort"):
            return index
    texts = {str(text): index for index, entry in enumerate(known) for text in (entry.get("port"), entry.get("name"))}
    return texts.get(nearest(str(value), texts).removeprefix(", did you mean ").removesuffix("?"), 0)


def _by_annotation(reference: Reference) -> bool:
    """An action of the AWS Load Balancer Controller, or its own words for one."""
    action = f"alb.ingress.kubernetes.io/actions.{reference.name}"
    return reference.port == "use-annotation" and action in reference.manifest.annotations


def _granted(objects: Objects, reference: Reference) -> bool:
    return any(
        dig(source, "kind") == reference.manifest.kind and dig(source, "namespace") == reference.manifest.namespace
        for grant in objects.of_kind("ReferenceGrant")
        if grant.namespace == reference.namespace
        and any(
            dig(target, "kind") == "Service" and dig(target, "name") in (None, reference.name)
            for target in sequence(grant.get("spec", "to"))
        )
        for source in sequence(grant.get("spec", "from"))
    )
