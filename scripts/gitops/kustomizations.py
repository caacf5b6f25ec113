"""What kustomizations list, as written: the static side of a build. Pure.

Fields: Kustomize's types.Kustomization (api/types/kustomization.go).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gitops.layout import MANIFEST_FOLDERS
from gitops.locate import relative
from gitops.manifests import Build
from gitops.nodes import Node
from gitops.source import SourceFile

FILE_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
FOLDER_FIELDS = ("resources", "bases", "components", "generators", "transformers", "validators")  # a folder or a file
FILE_FIELDS = ("crds", "configurations", "patchesStrategicMerge")
ENTRY_FIELDS = ("patches", "patchesJson6902", "replacements")  # entries with a `path`
GENERATORS = ("configMapGenerator", "secretGenerator")

# Everything Kustomize would clone or download (api/internal/git/repospec.go, api/internal/loader/fileloader.go).
_REMOTE = re.compile(
    r"://|^git::|^git@|^gh:|^(?:www\.)?github\.com[/:]|[?&](?:ref|version|submodules|timeout)=", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A path that the kustomization `file` lists in `field`: as written, and relative to the repository."""

    file: str
    field: str
    written: str
    path: str
    line: int

    @property
    def remote(self) -> bool:
        return bool(_REMOTE.search(self.written))

    @property
    def outside(self) -> bool:
        """Does it leave the folder of its kustomization?"""
        return not self.path.startswith(f"{folder_of(self.file)}/")


def folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def is_kustomization(path: str) -> bool:
    return path.rpartition("/")[2] in FILE_NAMES


def of_folder(sources: Mapping[str, SourceFile], folder: str) -> str:
    """The kustomization file of a folder, "" when it has none."""
    return next((f"{folder}/{name}" for name in FILE_NAMES if f"{folder}/{name}" in sources), "")


def below(sources: Mapping[str, SourceFile], parent: str) -> list[str]:
    """The folders in `parent` that have a kustomization."""
    return sorted(
        {folder_of(path) for path in sources if is_kustomization(path) and folder_of(folder_of(path)) == parent}
    )


def documents(sources: Mapping[str, SourceFile]) -> Iterator[tuple[str, Node]]:
    """Every readable kustomization: its path and its content."""
    for path, source in sources.items():
        if is_kustomization(path) and source.documents:
            yield path, source.documents[0]


def entries(file: str, document: Node) -> Iterator[Entry]:
    """Every path that a kustomization lists."""
    for field, node in _paths(document):
        written = node.value if isinstance(node.value, str) else ""
        if written and "\n" not in written:  # else it is written inside the kustomization
            yield Entry(file, field, written, relative(file, written), node.line)


def _paths(document: Node) -> Iterator[tuple[str, Node]]:
    for field in (*FOLDER_FIELDS, *FILE_FIELDS):
        yield from ((field, node) for node in listed(document, field))
    for field in ENTRY_FIELDS:
        yield from ((field, node) for entry in listed(document, field) if (node := entry.get("path")))
    for field in GENERATORS:
        for entry in listed(document, field):
            envs = [node for node in (entry.get("env"), *listed(entry, "envs")) if node]
            yield from ((field, node) for node in envs)
            for node in listed(entry, "files"):  # path, or key=path
                yield field, Node(str(node.value).rpartition("=")[2], node.line)


def listed(node: Node, field: str) -> list[Node]:
    """The entries of a list field, [] when it is absent or something else."""
    held = node.get(field)
    return held.items() if held else []


def reach(sources: Mapping[str, SourceFile], folder: str) -> set[str]:
    """Every file that the build of `folder` lists, over all the kustomizations it includes, there or not."""
    found: set[str] = set()
    queue = [of_folder(sources, folder)]
    while queue:
        file = queue.pop()
        if file in found:
            continue
        found.add(file)
        if file in sources and is_kustomization(file):
            for document in sources[file].documents[:1]:
                queue += [of_folder(sources, entry.path) or entry.path for entry in entries(file, document)]
    return found - {""}


def broken(sources: Mapping[str, SourceFile], builds: Iterable[Build]) -> set[str]:
    """The builds that cannot be judged: failed, empty, or made from a kustomization that readers take differently."""
    faulty = {path for path, file in sources.items() if file.faults and is_kustomization(path)}
    return {build.folder for build in builds if build.error or not build.objects or build.reads & faulty}


def unlisted(sources: Mapping[str, SourceFile]) -> dict[str, SourceFile]:
    """The files below the manifest folders that no kustomization lists, but for certificates, which none may."""
    held = {entry.path for file, document in documents(sources) for entry in entries(file, document)}
    own = tuple(f"{top}/" for top in MANIFEST_FOLDERS)
    return {path: s for path, s in sources.items() if path.startswith(own) and path not in held and path[-4:] != ".pem"}


def incomplete(sources: Mapping[str, SourceFile], builds: Iterable[Build]) -> set[str]:
    """The builds that use a folder with a file its kustomization does not list: what they lack may be in it."""
    left_out = {of_folder(sources, folder_of(path)) for path in unlisted(sources) if not is_kustomization(path)} - {""}
    return {build.folder for build in builds if build.reads & left_out}


def unlisted_objects(sources: Mapping[str, SourceFile]) -> set[tuple[str, str] | None]:
    """(kind, name) of the objects in files that no kustomization lists."""
    files = [source for path, source in unlisted(sources).items() if not is_kustomization(path)]
    return {(d.text("kind"), d.text("metadata", "name")) for source in files for d in source.documents}


def names(sources: Mapping[str, SourceFile], kinds: Iterable[str] = ()) -> list[str]:
    """The names of the objects written in the sources, of some kinds or of all."""
    wanted = set(kinds)
    return sorted(
        {
            document.text("metadata", "name")
            for path, source in sources.items()
            if not is_kustomization(path)
            for document in source.documents
            if not wanted or document.text("kind") in wanted
        }
        - {""}
    )
