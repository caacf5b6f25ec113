"""An ApplicationSet may generate what nobody has written: its template is lax, its project templated, or names collide.

Why: without `missingkey=error` a missing value becomes `<no value>` in a name or a path, and the Application of the
right name is deleted. A templated project lets whoever writes the values choose the permissions. Of two elements with
one name the last wins. The default layout has no ApplicationSet: what it generates cannot be seen in a review.

Fails:

    goTemplate: true
    template: {spec: {project: "{{.team}}"}}

Passes:

    goTemplate: true
    goTemplateOptions: ["missingkey=error"]
    template: {spec: {project: platform}}

Fix: set the option; write the project literally; make the name differ by element.
Cannot see: what other generators than lists yield.
Source: https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/GoTemplate/
"""

import re
from collections.abc import Iterator

from gitops.fleet import Fleet
from gitops.manifests import Manifest, dig, sequence
from gitops.problems import Problem

ID = "applicationset-template"
SEVERITY = "error"
CONTROLS = ("AR12",)
READS = ("source", "render")
_FIELD = re.compile(r"\{\{-?\s*\.?([\w.]+)\s*-?\}\}")


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.builds:
        for generator in build.of_kind("ApplicationSet"):
            yield from _options(fleet, generator)
            project = str(generator.get("spec", "template", "spec", "project") or "")
            if "{{" in project:
                path = ("spec", "template", "spec", "project")
                yield fleet.at(ID, generator, path, f"project {project} is templated", "write the project literally")
            yield from _names(fleet, generator)


def _options(fleet: Fleet, generator: Manifest) -> Iterator[Problem]:
    if generator.get("spec", "goTemplate") is not True:
        fix = 'write goTemplate: true and goTemplateOptions: ["missingkey=error"]'
        yield fleet.at(ID, generator, ("spec", "goTemplate"), "goTemplate is not true", fix)
    elif "missingkey=error" not in sequence(generator.get("spec", "goTemplateOptions")):
        message, fix = "a missing value becomes text", 'write goTemplateOptions: ["missingkey=error"]'
        yield fleet.at(ID, generator, ("spec", "goTemplateOptions"), message, fix)


def _names(fleet: Fleet, generator: Manifest) -> Iterator[Problem]:
    template = str(generator.get("spec", "template", "metadata", "name") or "")
    seen: set[str] = set()
    for entry in sequence(generator.get("spec", "generators")):
        for element in sequence(dig(entry, "list", "elements")):
            name = _FIELD.sub(lambda found, of=element: str(dig(of, *found[1].split("."))), template)  # type: ignore[misc]
            if name in seen:
                path = ("spec", "template", "metadata", "name")
                message, fix = f"two elements become Application {name}", "use a field that differs by element"
                yield fleet.at(ID, generator, path, message, fix)
                return
            seen.add(name)
