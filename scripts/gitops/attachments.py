"""Whether the parents that routes name are there and admit them. Pure."""

from collections.abc import Iterator

from gitops.layout import nearest
from gitops.manifests import Manifest, dig
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
