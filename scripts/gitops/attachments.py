"""Whether what routes and edge policies name is there and takes them: what to say when not. Pure."""

from collections.abc import Iterator

from gitops.layout import nearest
from gitops.manifests import Manifest, dig
from gitops.ports import serving
from gitops.renames import Broken, Target
from gitops.routes import ROUTES, Listener, Objects, Reference, gateway_of, listeners


def attachment(objects: Objects, reference: Reference, parent: Manifest, used: list[Target]) -> Iterator[Broken]:
    """The listeners that a parentRef means, and whether one of them admits the route."""
    gateway = gateway_of(objects, reference)
    if gateway is None or (reference.section and reference.section not in {each.name for each in listeners(gateway)}):
        yield from section(reference, parent, used) if gateway else ()
        return
    chosen, route = listeners(gateway, reference), reference.manifest
    used.extend(Target(gateway, (*listener.path, "name"), "") for listener in chosen)
    kind = route.kind if route.kind in ROUTES else "HTTPRoute"
    if not chosen:
        message = f"Gateway {gateway.name} has no listener on port {reference.port}"
        yield Broken(route, reference.port_path, "", message, "name a listener's port")
    elif not any(listener.admits_kind(kind) for listener in chosen):
        message = f"no listener of Gateway {gateway.name} that it names takes a {kind}"
        yield Broken(route, (*reference.path, "sectionName"), "", message, "name another listener")
    elif not any(
        listener.admits_kind(kind) and listener.admits_namespace(objects, route.namespace) for listener in chosen
    ):
        yield _refused(gateway, chosen[0], route)


_KINDS = ("Service", "Gateway", *ROUTES)
_CLOSE = 0.75  # names share the application's prefix


def missing(objects: Objects, reference: Reference) -> Broken:
    """Of another group, of another kind, in another namespace, renamed, or not there at all."""
    manifest, kind, name, policy = reference.manifest, reference.kind, reference.name, _is_policy(reference)
    near = {each.name: each for each in objects.of_kind(kind) if each.namespace == reference.namespace}
    if name in near:
        group = str(near[name].get("apiVersion")).rpartition("/")[0]
        message = f'group "{reference.group}" is not that of {kind}/{name}'
        return Broken(manifest, (*reference.path, "group"), "", message, f'write group: "{group}"')
    elsewhere = next((each for each in objects.of_kind(kind) if each.name == name), None)
    other = next((found for each in _KINDS if (found := objects.find(each, reference.namespace, name))), None)
    if other is not None and (policy or not (elsewhere or nearest(name, near, _CLOSE))):
        message = f"there is no {kind} {name}, but a {other.kind}"
        return Broken(manifest, (*reference.path, "kind"), "", message, f"write kind: {other.kind}")
    if elsewhere is not None:
        message = f"{kind} {name} is in namespace {elsewhere.namespace}, not in {reference.namespace}"
        fix = f"write namespace: {elsewhere.namespace}"
        if policy or manifest.kind == "Ingress":
            fix = f"name a {kind} of its namespace"
        return Broken(manifest, (*reference.path, "namespace"), "", message, fix)
    guess = nearest(name, near, _CLOSE if len(near) > 1 else 0.5)
    renamed = _renamed(objects, reference)
    meant = renamed or near.get(guess.removeprefix(", did you mean ").removesuffix("?"))
    instead = Target(meant, ("metadata", "name"), f"{kind} {meant.name}") if meant else None
    message, fix = f"{kind} {name} is not in the build{guess}", f"name an existing {kind}"
    return Broken(manifest, (*reference.path, "name"), name, message, fix, instead, sure=renamed is not None)


def _is_policy(reference: Reference) -> bool:
    """Policies name objects of their own namespace."""
    return any(str(step).startswith("target") for step in reference.path)


def _renamed(objects: Objects, reference: Reference) -> Manifest | None:
    """The Service, of another name, of the workload that has the name."""
    return next(
        (
            service
            for build in objects.builds
            for service in build.of_kind("Service")
            if (reference.kind, reference.namespace) == ("Service", service.namespace)
            and service.get("spec", "clusterIP") != "None"
            and any(workload.name == reference.name for workload in serving(build, service))
        ),
        None,
    )


def section(reference: Reference, gateway: Manifest, used: list[Target]) -> Iterator[Broken]:
    known = {listener.name: listener for listener in listeners(gateway)}
    found = known.get(reference.section)
    if found:
        used.append(Target(gateway, (*found.path, "name"), found.name))
        return
    guess = nearest(reference.section, known)
    meant = known.get(guess.removeprefix(", did you mean ").removesuffix("?"))
    instead = Target(gateway, (*meant.path, "name"), f"listener {meant.name}") if meant else None
    message = f"Gateway {gateway.name} has no listener {reference.section}{guess}"
    fix = f"name one of {', '.join(sorted(known))}"
    yield Broken(reference.manifest, (*reference.path, "sectionName"), reference.section, message, fix, instead)


def _refused(gateway: Manifest, listener: Listener, route: Manifest) -> Broken:
    where = next(
        (step for step in ("selector", "from") if dig(listener.entry, "allowedRoutes", "namespaces", step)), ""
    )
    path = (*listener.path, "allowedRoutes", "namespaces", *([where] if where else []))
    message = f"listener {listener.name} admits no route of namespace {route.namespace}"
    return Broken(gateway, path, "", message, f"select the namespace by kubernetes.io/metadata.name: {route.namespace}")
