"""Where the objects of a build come from, read from the kustomizations as written. Pure.

Kustomize can annotate this itself (buildMetadata), at three times the cost of the whole build, and a patch that
replaces the annotations takes it away again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gitops import kustomizations
from gitops.manifests import Build, Manifest
from gitops.source import SourceFile

_HASH = re.compile(r"-[a-z0-9]{10}$")  # what a generator appends to the name


@dataclass
class Composition:
    """`order`: the kustomizations of a build as Kustomize applies their transformers (accumulateTarget: resources,
    then components, then its own). `defined`: (kind, name as written) -> the file that defines the object, and from
    which place of the order on it can be changed."""

    order: list[str] = field(default_factory=list)
    defined: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)

    def define(self, kind: str, name: str, file: str) -> None:
        self.defined.setdefault((kind, name), (file, len(self.order)))

    def trace(self, manifest: Manifest) -> Manifest:
        """The object with its origin and the kustomizations that may have changed it."""
        kind, name = manifest.kind, manifest.name
        known = self.defined.get((kind, name)) or self.defined.get((kind, _HASH.sub("", name)), ("", 0))
        return replace(manifest, origin=known[0], changed_in=tuple(self.order[known[1] :]))


def compose(sources: Mapping[str, SourceFile], folder: str) -> Composition:
    """Walk the kustomizations from `folder` on; what cannot be read is left out."""
    found = Composition()
    _walk(sources, folder, found, ())
    return found


def _walk(sources: Mapping[str, SourceFile], folder: str, found: Composition, above: tuple[str, ...]) -> None:
    file = kustomizations.of_folder(sources, folder)
    if not file or file in above or not sources[file].documents:
        return
    document = sources[file].documents[0]
    for name in kustomizations.FOLDER_FIELDS:
        for entry in (e for e in kustomizations.entries(file, document) if e.field == name):
            if kustomizations.of_folder(sources, entry.path):
                _walk(sources, entry.path, found, (*above, file))
            elif name == "resources" and entry.path in sources:
                for resource in sources[entry.path].documents:
                    found.define(resource.text("kind"), resource.text("metadata", "name"), entry.path)
    for generator in kustomizations.listed(document, "configMapGenerator"):
        if generator.text("behavior") in ("", "create"):
            found.define("ConfigMap", generator.text("name"), file)
    found.order.append(file)


def traced(sources: Mapping[str, SourceFile], build: Build) -> Build:
    """The build with the origin of every object, and the kustomizations that may have changed it."""
    composition = compose(sources, build.folder)
    return replace(build, objects=[composition.trace(manifest) for manifest in build.objects])
