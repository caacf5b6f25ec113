"""Image references, and how `images:` entries rename them from the files through each kustomization. Pure.

Kustomize looks in lists named containers and initContainers, and nowhere else (kustomize/api: filters/imagetag).
"""

from collections.abc import Iterator

from gitops.fleet import Fleet
from gitops.kustomizations import documents, listed
from gitops.layout import closest
from gitops.manifests import Manifest
from gitops.nodes import Node
from gitops.patches import bodies, definition


def repository(image: str) -> str:
    """An image reference without tag and digest."""
    head, slash, last = image.partition("@")[0].rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"


def tag(image: str) -> str:
    """The tag of an image reference, "" when it has none."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[2]


def digest(image: str) -> str:
    """The digest of an image reference (`sha256:...`), "" when it has none."""
    return image.partition("@")[2]


def written(node: Node) -> Iterator[str]:
    """The repositories of all images below a node."""
    if isinstance(node.value, list):
        for held in node.value:
            yield from written(held)
    elif isinstance(node.value, dict):
        for key, held in node.value.items():
            if key in ("containers", "initContainers"):
                yield from (repository(container.text("image")) for container in held.items())
            else:
                yield from written(held)


def misspelt(fleet: Fleet) -> dict[str, str]:
    """Name of an `images:` entry -> the image that manifests name instead of it, and no entry knows."""
    wanted = {name for source in fleet.sources.values() for document in source.documents for name in written(document)}
    listed_names = {
        entry.text("name") for _, document in documents(fleet.sources) for entry in listed(document, "images")
    }
    unknown = wanted - listed_names - {""}
    found = {name: closest(name, unknown, 0.7) for name in listed_names - wanted}
    return {name: image for name, image in found.items() if image}


def followed(fleet: Fleet) -> tuple[set[tuple[str, int]], set[str]]:
    """(file, line) of every `images:` entry that some object met, and every name that an entry could have."""
    used: set[tuple[str, int]] = set()
    known: set[str] = set()
    seen: set[tuple[str, str, str, tuple[str, ...]]] = set()
    for build in fleet.builds:
        for manifest in build.objects:
            key = (manifest.origin, manifest.kind, manifest.name, manifest.changed_in)
            if key not in seen:
                seen.add(key)
                known |= _follow(fleet, manifest, used)
    return used, known - {""}


def _follow(fleet: Fleet, manifest: Manifest, used: set[tuple[str, int]]) -> set[str]:
    """The names of the object's images on their way; adds the entries they meet to `used`."""
    names = set(written(definition(fleet, manifest)))
    for file in manifest.changed_in:
        for document in fleet.sources[file].documents[:1] if file in fleet.sources else []:
            for entry in listed(document, "patches"):
                for _, _, body in bodies(fleet, file, entry):
                    names.update(written(body))
            for entry in listed(document, "images"):
                if entry.text("name") in names:
                    used.add((file, entry.line))
                    names.add(entry.text("newName") or entry.text("name"))
    return names
