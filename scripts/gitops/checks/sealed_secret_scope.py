"""A SealedSecret may be moved or renamed, or its template says another name than it has itself.

Why: the strict scope binds a ciphertext to one name and one namespace, so that nobody who may write to another
namespace can have it opened there. The annotations `sealedsecrets.bitnami.com/namespace-wide` and `cluster-wide` give
that up. The Secret gets the name of the SealedSecret; where the template has another one, it was renamed by half, and
its values do not open.

Fails:

    metadata: {name: pybase-api-secret, annotations: {sealedsecrets.bitnami.com/cluster-wide: "true"}}

Passes:

    metadata: {name: pybase-api-secret, namespace: pybase}

Fix: write the name and namespace that the pods use, delete the annotation, and seal the values again.
Cannot see: for which name a value was sealed.
Source: https://github.com/bitnami/sealed-secrets#scopes
"""

from collections.abc import Iterator

from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest, mapping
from gitops.problems import Problem

ID = "sealed-secret-scope"
SEVERITY = "error"
CONTROLS = ("SE04", "SE07")
READS = ("source", "render")
_WIDE = ("sealedsecrets.bitnami.com/namespace-wide", "sealedsecrets.bitnami.com/cluster-wide")
_PLACES = (("metadata",), ("spec", "template", "metadata"))


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.builds:
        for sealed in build.of_kind("SealedSecret"):
            yield from _scope(fleet, build, sealed)
            yield from _template(fleet, sealed)


def _scope(fleet: Fleet, build: Build, sealed: Manifest) -> Iterator[Problem]:
    for place in _PLACES:
        annotations = mapping(sealed.get(*place, "annotations"))
        for name in _WIDE:
            if str(annotations.get(name, "false")).lower() != "false":
                message = f"its values open under other names too ({name.rpartition('/')[2]})"
                fix = f"delete the annotation and run `gitops secrets seal {build.cluster} --all`"
                yield fleet.at(ID, sealed, (*place, "annotations", name), message, fix)
                return


def _template(fleet: Fleet, sealed: Manifest) -> Iterator[Problem]:
    for field in ("name", "namespace"):
        own, said = sealed.get("metadata", field), sealed.get("spec", "template", "metadata", field)
        if said is not None and said != own:
            message = f"its {field} is {own}, and that of its template {said}"
            fix = f"write the {field} that its values are sealed for"
            yield fleet.at(ID, sealed, ("metadata", field), message, fix)
