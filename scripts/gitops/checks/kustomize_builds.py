"""A kustomization does not build by itself, renders nothing, or a file is not part of any.

Why: Argo CD builds without flags and without a network of its own choosing. What fails here fails there, hours later; a
remote base changes without a commit; a file that no kustomization lists is believed deployed and is not.
Flagged: a failing or empty build; a remote base, `helmCharts:` or `openapi:`; a listed file that is missing or outside
the kustomization's folder; a file that nothing lists; a temporary file of an editor.

Fails:

    resources:
      - https://github.com/example/base?ref=v1

Passes:

    resources:
      - deployment.yaml

Fix: vendor the base under `components/`, list the file, or delete it.
Cannot see: a Component that no cluster uses is an offer, not a mistake; it is built only where it is used.
Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
"""

import re
from collections.abc import Iterator

from gitops import build_errors, build_places, kustomizations
from gitops.fleet import Fleet
from gitops.kustomizations import ENTRY_FIELDS, Entry, folder_of
from gitops.layout import MANIFEST_FOLDERS, closest, nearest
from gitops.problems import Problem

ID = "kustomize-builds"
SEVERITY = "error"
CONTROLS = ("ST04",)
READS = ("source", "render")

_LEFTOVER = re.compile(r"^\.|^#.*#$|~$|\.(?:swp|swo|orig|rej|bak|tmp|old|save)$|^Thumbs\.db$", re.IGNORECASE)
_COMPONENTS = re.compile(r"(?:components|apps)/|clusters/[^/]+/facts/|environments/[^/]+/versions/")  # all of them are
_ROOTS = re.compile(r"(?:clusters/[^/]+/(?:apps|workload)|environments/[^/]+)/[^/]+")  # what is built, not listed


def check(fleet: Fleet) -> Iterator[Problem]:
    entries = [
        entry
        for file, document in kustomizations.documents(fleet.sources)
        for entry in kustomizations.entries(file, document)
    ]
    there = {*fleet.files, *(parent for path in fleet.files for parent in _parents(path))}
    written = [*_charts(fleet), *_refused(fleet, entries, there), *_twice(entries)]
    missing = {entry.file for entry in entries if entry.path not in there or not _listable(fleet, entry.path)}
    failed = list(_failed(fleet, missing | {problem.path for problem in written}))
    said = {problem.path for problem in failed}
    yield from (*written, *failed)
    yield from (problem for problem in _unlisted(fleet, entries, there) if problem.path not in said)


def _listable(fleet: Fleet, path: str) -> bool:
    return path in fleet.files or bool(kustomizations.of_folder(fleet.sources, path))


def _failed(fleet: Fleet, said: set[str]) -> Iterator[Problem]:
    """Builds that fail or are empty, for a reason that was not said and is not a fault of a file."""
    unlisted = kustomizations.unlisted_objects(fleet.sources)
    faulty = {path for path, source in fleet.sources.items() if source.faults}
    for build in fleet.builds:
        if build.objects or (said | faulty) & (build.reads | kustomizations.reach(fleet.sources, build.folder)):
            continue
        if build.error and build_places.missing_object(build.error) in unlisted:
            continue  # the file of the object is not listed, which is said there
        if not kustomizations.of_folder(fleet.sources, build.folder):
            path, line, message = build.folder, 1, "holds no kustomization.yaml"
            fix = "write it as docs/add-a-cluster.md says, or delete the cluster's folder"
        elif build.error:
            path, line, message, fix = build_errors.explain(fleet.sources, build)
        else:
            path, line = kustomizations.of_folder(fleet.sources, build.folder) or build.folder, 1
            message, fix = "renders nothing", "list the environment and the Components, or delete the folder"
        yield Problem(path, line, ID, "", message, fix, builds=(build.folder,))


def _charts(fleet: Fleet) -> Iterator[Problem]:
    for file, document in kustomizations.documents(fleet.sources):
        for field in ("helmCharts", "helmChartInflationGenerator", "openapi"):
            if document.get(field):
                fix = "write an Argo CD Application for the chart" if field != "openapi" else "delete it"
                yield Problem(file, document.key_lines[field], ID, "", f"{field}: is not built without flags", fix)


def _twice(entries: list[Entry]) -> Iterator[Problem]:
    """The same path twice in one list: it adds its objects again, or runs again."""
    first: dict[tuple[str, str, str], Entry] = {}
    for entry in entries:
        known = first.setdefault((entry.file, entry.field, entry.path), entry)
        if known is not entry and entry.field not in ENTRY_FIELDS:  # a patch may have several targets
            message = f"{entry.written} is listed in line {known.line} already"
            yield Problem(entry.file, entry.line, ID, "", message, "delete one of the two")


def _refused(fleet: Fleet, entries: list[Entry], there: set[str]) -> Iterator[Problem]:
    """Listed files and folders that are remote, outside or missing; what several lists miss is said once."""
    said: set[str] = set()
    for entry in entries:
        if entry.path in said and not entry.remote:
            continue
        if entry.remote:
            message, fix = f"{entry.written} is remote", "vendor it under components/ and list that folder"
        elif entry.path in fleet.files and entry.outside:
            message = f"{entry.written} is outside the folder of this kustomization"
            fix = f"list the folder {folder_of(entry.written)}, or move the file here"
        elif entry.path not in there:
            said.add(entry.path)
            beside = [_name(path) for path in there if folder_of(path) == folder_of(entry.path)]
            fix = f"correct the path{nearest(_name(entry.path), beside)}, or restore it from Git"
            message = f"{entry.written} does not exist"
        elif entry.path not in fleet.files:
            problem = _folder(fleet, entry)
            said.update([entry.path] if problem and problem.path != entry.file else [])
            yield from [problem] if problem else []
            continue
        else:
            continue
        yield Problem(entry.file, entry.line, ID, "", message, fix)


def _folder(fleet: Fleet, entry: Entry) -> Problem | None:
    """What is wrong with a listed folder."""
    file = kustomizations.of_folder(fleet.sources, entry.path)
    if not file:
        names = [_name(path) for path in fleet.files if folder_of(path) == entry.path]
        near = closest("kustomization.yaml", names, 0.8)
        fix = f"rename {near} to kustomization.yaml" if near else "add one, or list a file of the folder"
        return Problem(entry.file, entry.line, ID, "", f"{entry.written} holds no kustomization.yaml", fix)
    documents = fleet.sources[file].documents[:1]
    kinds = [document.text("kind") == "Component" for document in documents]
    if kinds == [True] and entry.field == "resources":
        return Problem(entry.file, entry.line, ID, "", f"{entry.written} is a Component", "list it under components")
    if kinds == [False] and entry.field == "components":
        if _COMPONENTS.match(file):
            line = documents[0].key_lines.get("kind", documents[0].line)
            fix = "write apiVersion: kustomize.config.k8s.io/v1alpha1 and kind: Component"
            return Problem(file, line, ID, "", "is listed under components and is no Component", fix)
        fix = "list it under resources, or make it kind: Component"
        return Problem(entry.file, entry.line, ID, "", f"{entry.written} is no Component", fix)
    return None


def _parents(path: str) -> Iterator[str]:
    while path := folder_of(path):
        yield path


def _unlisted(fleet: Fleet, entries: list[Entry], there: set[str]) -> Iterator[Problem]:
    listed = {entry.path for entry in entries}
    # A misspelt entry leaves its file unlisted: one mistake, said at the entry.
    misspelt = {folder_of(entry.path) for entry in entries if entry.path not in there}
    # One folder is without its kustomization, or a list names the file of another folder.
    misspelt |= {entry.path for entry in entries if not kustomizations.of_folder(fleet.sources, entry.path)}
    # What a list that cannot be read names is not known.
    misspelt |= {folder_of(path) for path, source in fleet.sources.items() if not source.readable}
    outside = {f"{folder_of(entry.file)}/{_name(entry.path)}" for entry in entries if entry.outside}
    for path in fleet.files:
        name = _name(path)
        if path in listed | outside or not path.startswith(tuple(f"{top}/" for top in MANIFEST_FOLDERS)):
            continue
        if _LEFTOVER.search(name):
            yield Problem(path, 1, ID, "", "left over from an editor or a command", "delete the file")
        elif name == "README.md" or path.endswith("/facts/sealed-secrets.pem"):
            continue
        elif kustomizations.is_kustomization(path):
            if folder_of(folder_of(path)) not in misspelt:
                yield from _unlisted_folder(fleet, path, listed)
        elif folder_of(path) not in misspelt:
            yield from _unlisted_file(fleet, path)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _unlisted_folder(fleet: Fleet, path: str, listed: set[str]) -> Iterator[Problem]:
    """A Component is opt-in; any other folder is there to be built."""
    documents = fleet.sources[path].documents if path in fleet.sources else []
    is_component = bool(documents) and documents[0].text("kind") == "Component"
    if is_component or _ROOTS.fullmatch(path) or folder_of(path) in listed:
        return
    if path not in fleet.sources or fleet.sources[path].readable:
        above = kustomizations.of_folder(fleet.sources, folder_of(folder_of(path)))
        if above and fleet.sources[above].documents:
            line = fleet.sources[above].documents[0].key_lines.get("resources", 1)
            message = f"{_name(folder_of(path))} is not listed, so never deployed"
            yield Problem(above, line, ID, "", message, "list it under resources, or delete it")
        else:
            fix = "list it under resources, or delete it"
            yield Problem(path, 1, ID, "", "no kustomization lists this folder", fix)


def _unlisted_file(fleet: Fleet, path: str) -> Iterator[Problem]:
    """Said where the file should be listed: in the nearest kustomization of its folders."""
    around = (kustomizations.of_folder(fleet.sources, folder) for folder in _parents(path))
    file = next(filter(None, around), "")
    if not file:
        yield Problem(path, 1, ID, "", "no kustomization lists this file", "list it, or delete it")
    elif not fleet.sources[file].faults and not (path in fleet.sources and not fleet.sources[path].readable):
        document = fleet.sources[file].documents[0]
        line = next((document.key_lines[f] for f in ("resources", "patches") if f in document.key_lines), 1)
        inside = path.removeprefix(f"{folder_of(file)}/")
        yield Problem(file, line, ID, "", f"{inside} is not listed, so never deployed", "list it, or delete the file")
