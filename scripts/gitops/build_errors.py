"""From what Kustomize says about a failed build to the file, the line and the remedy. Pure.

The texts are those of kustomize/api 0.21 (tools/render/go.mod); one that is not known here is passed on as it is.
"""

import difflib
import re
from collections.abc import Callable, Mapping

from gitops import facts, images, kustomizations
from gitops.layout import closest, nearest
from gitops.manifests import Build
from gitops.source import Node, SourceFile

FIELDS = (
    *kustomizations.FOLDER_FIELDS, *kustomizations.FILE_FIELDS,
    *kustomizations.ENTRY_FIELDS, *kustomizations.GENERATORS,
    "apiVersion", "kind", "metadata", "namespace", "namePrefix", "nameSuffix", "labels", "commonLabels",
    "commonAnnotations", "images", "replicas", "vars", "generatorOptions", "helmCharts", "helmGlobals", "openapi",
    "buildMetadata", "sortOptions",
)  # fmt: skip
_GENERATOR_FIELDS = (
    "name", "behavior", "literals", "files", "envs", "options", "disableNameSuffixHash", "annotations", "immutable",
)  # fmt: skip

_FOLDER = re.compile(r"path '([^']+)'")
_WRAPPING = re.compile(r"^(?:accumulating (?:resources|components): |accumulateDirectory: \"?|accumulation err=')+")
_QUOTED = re.compile(
    r"from '([^']+)'|'([^' ]+)'|\"([^\"]+)\"|`([^`\n]+)`"
    r"|name (\S+) does not match|/([a-z0-9.-]+)\.\[noNs]|Unexpected kind: (\w+)|path: (/\S+?):|literal source ([^,\s]+)"
)
_FIELD = re.compile(r"Kustomization\.([\w.]+) of type (\S+)")  # one that is of another type
_MAX_MESSAGE = 300
_NO_OBJECT = re.compile(r"no matches for Id (\w+)\.\S*?/([a-z0-9.-]+)\.(?:\[noNs]|[a-z0-9-]+)[;:]")
_NO_SOURCE = re.compile(r"nothing selected by (\w+)\.\S*?/([a-z0-9.-]+)\.(?:\[noNs]|[a-z0-9-]+):")
_GENERATED = re.compile(r'merging from generator .*Kind:"(\w+)".* Name:"([^"]+)"')

Sources = Mapping[str, SourceFile]
Explanation = tuple[str, int, str, str]  # path, line, message, fix


def explain(sources: Sources, build: Build) -> Explanation:
    """What is wrong in a build that failed, and where: the innermost kustomization that Kustomize names."""
    file, text = _innermost(sources, build)
    handlers: tuple[Callable[[Sources, Build, str], Explanation | None], ...] = (
        _missing_fact,
        _missing_tag,
        _included_twice,
        _misnamed,
        _missing_component,
    )
    for handler in handlers:
        if known := handler(sources, build, text):
            return known
    path, line = _place(sources, file, text)
    return path or build.folder, line, f"does not build: {_readable(text)}", _fix(sources, text)


def missing_object(error: str) -> tuple[str, str] | None:
    """(kind, name) of the object that a patch did not find."""
    match = _NO_OBJECT.search(error)
    return (match[1], match[2]) if match else None


def _innermost(sources: Sources, build: Build) -> tuple[str, str]:
    """The last kustomization on the way to the fault, and what is said about it."""
    file = kustomizations.of_folder(sources, build.folder)
    whole = text = re.sub(r'\\+"', '"', build.error)
    for match in _FOLDER.finditer(whole):
        if inner := kustomizations.of_folder(sources, match[1]):
            file, text = inner, whole[match.end() :]
    return file, text.lstrip("': ").partition(": must build at directory: ")[0]


def _readable(text: str) -> str:
    if (match := _GENERATED.search(text)) and "does not exist" in text:
        return f"{match[1]} {match[2]}, which a generator merges into, does not exist"
    if match:
        return f"{match[1]} {match[2]}, which a generator makes, is there already"
    message = _WRAPPING.sub("", text).replace(".[noNs]", "").replace(".[noVer].[noGrp]", "").strip("' ")
    if message.count('"') % 2:  # the end of a text that Kustomize quoted whole
        message = message.removesuffix('"')
    return message[:_MAX_MESSAGE]


def _place(sources: Sources, file: str, text: str) -> tuple[str, int]:
    """The line of the kustomization, or of a file it lists, that holds a word that Kustomize quotes."""
    if not file or not sources[file].documents:
        return file, 1
    if match := _FIELD.search(text):
        return file, _deepest(sources[file].documents[0], match[1].split("."))
    if "apiVersion for" in text:
        return file, sources[file].documents[0].key_lines.get("apiVersion", 1)
    listed = [entry.path for entry in kustomizations.entries(file, sources[file].documents[0]) if not entry.remote]
    if patch := _patch(sources, listed, missing_object(text)):
        return patch
    for match in _QUOTED.finditer(text):
        word = re.compile(rf"(?<![\w-]){re.escape(next(filter(None, match.groups())))}(?![\w-])")
        for path in (file, *listed):
            for number, line in enumerate(sources[path].text.splitlines() if path in sources else [], 1):
                if word.search(line):
                    return path, number
    return file, 1


def _patch(sources: Sources, listed: list[str], lost: tuple[str, str] | None) -> tuple[str, int] | None:
    """The name in the patch that looks for an object."""
    for path in listed if lost else ():
        for document in sources[path].documents if path in sources else []:
            if (document.text("kind"), document.text("metadata", "name")) == lost and document.get("metadata", "name"):
                metadata = document.get("metadata")
                return path, metadata.key_lines["name"] if metadata else document.line
    return None


def _deepest(node: Node, path: list[str]) -> int:
    """The line of the last written step of a path."""
    line = node.line
    for step in path:
        line = node.key_lines.get(step, line)
        held = node.get(int(step) if step.isdigit() else step)
        if held is None:
            break
        node, line = held, held.line if step.isdigit() else line
    return line


def _missing_fact(sources: Sources, build: Build, text: str) -> Explanation | None:
    """A replacement copies a fact that the cluster does not have; a misspelt one is the wiring's mistake."""
    match = re.search(r"fieldPath `data\.([\w-]+)` is missing", text)
    file = f"clusters/{build.cluster}/facts/kustomization.yaml"
    if "/fleet-facts" in text:
        file = "components/fleet-facts/kustomization.yaml"
    if not match or file not in sources:
        return None
    key = match[1]
    placeholder = f"CLUSTER_{key.upper().replace('-', '_')}"
    known = {fact for path in sources if kustomizations.is_kustomization(path) for fact in facts.read(sources[path])}
    used = key in known or any(placeholder in source.text for source in sources.values())
    if not used and difflib.get_close_matches(key, known, n=1, cutoff=0.8):
        return None
    own = facts.read(sources[file])
    line = facts.line_of(sources[file], next(iter(difflib.get_close_matches(key, own, n=1, cutoff=0.8)), ""))
    return file, line, f"the fact {key} is missing, so it does not build", f"write {key}=..."


def _missing_tag(sources: Sources, build: Build, text: str) -> Explanation | None:
    """A replacement looks for the tag of an image that has none (components/app-version)."""
    match = re.search(r"index \d+ is out of bounds for value (\S+?)\"?$", text)
    if not match:
        return None
    entries = [
        (file, entry)
        for file in sorted(kustomizations.reach(sources, build.folder))
        if file in sources and kustomizations.is_kustomization(file)
        for document in sources[file].documents[:1]
        for entry in kustomizations.listed(document, "images")
    ]
    written = {
        name for source in sources.values() for document in source.documents for name in images.written(document)
    }
    for file, entry in entries:
        if match[1] in (entry.text("newName"), entry.text("name")):
            return file, entry.line, f"image {match[1]} has no tag, so it does not build", "add newTag"
    for file, entry in entries:
        if entry.text("name") not in written and match[1] in written:
            message = f"{entry.text('name')} is no image, and {match[1]} has no tag, so it does not build"
            return file, entry.line, message, f"name it {match[1]}"
    leaf = kustomizations.of_folder(sources, build.folder)
    if match[1] not in written or not leaf:
        return None
    line = sources[leaf].documents[0].key_lines.get("components", 1)
    return leaf, line, f"image {match[1]} has no tag, so it does not build", "list the environment's versions first"


def _included_twice(sources: Sources, build: Build, text: str) -> Explanation | None:
    """Two entries of the build's own list bring the same Component, one of them on its way."""
    leaf = kustomizations.of_folder(sources, build.folder)
    if not leaf or not ("already registered id" in text or (_GENERATED.search(text) and "exists" in text)):
        return None
    file, _ = _innermost(sources, build)
    bringing = [e for e in _entries(sources, leaf) if file in kustomizations.reach(sources, e.path)]
    if len(bringing) < 2:
        return None
    own = next((entry for entry in bringing if entry.path == kustomizations.folder_of(file)), bringing[-1])
    other = next(entry for entry in bringing if entry is not own)
    message = f"{own.written} is in {other.written} already, so it does not build"
    return leaf, own.line, message, "delete this entry"


def _misnamed(sources: Sources, build: Build, text: str) -> Explanation | None:
    """A ConfigMap that others of the build know by another name: its generator is misspelt, or they are."""
    match = _NO_SOURCE.search(text) or (_GENERATED.search(text) if "does not exist" in text else None)
    lost = (match[1], match[2]) if match else missing_object(text)
    if not lost or lost[0] != "ConfigMap":
        return None
    made = {
        entry.text("name"): (file, entry.line)
        for file in sorted(kustomizations.reach(sources, build.folder))
        if file in sources and kustomizations.is_kustomization(file)
        for document in sources[file].documents[:1]
        for entry in kustomizations.listed(document, "configMapGenerator")
        if entry.text("behavior") in ("", "create")
    }
    name = closest(lost[1], made, 0.8)
    if not name or name == lost[1]:
        return None
    if _mentions(sources, lost[1]) > _mentions(sources, name):
        file, line = made[name]
        return file, line, f"ConfigMap {name} is {lost[1]} elsewhere, so it does not build", f"name it {lost[1]}"
    path, line = _place(sources, _innermost(sources, build)[0], f"'{lost[1]}'")
    return path, line, f"there is no ConfigMap {lost[1]}, so it does not build", f"name it {name}"


def _mentions(sources: Sources, name: str) -> int:
    word = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
    return sum(bool(word.search(source.text)) for source in sources.values())


def _entries(sources: Sources, file: str) -> list[kustomizations.Entry]:
    return [e for document in sources[file].documents[:1] for e in kustomizations.entries(file, document)]


def _missing_component(sources: Sources, build: Build, text: str) -> Explanation | None:
    """The build's own list has a Component that patches an object, and the one that brings it not, or only later."""
    lost = missing_object(text)
    leaf = kustomizations.of_folder(sources, build.folder)
    bringing = {
        file
        for file, document in kustomizations.documents(sources)
        for entry in kustomizations.entries(file, document)
        if entry.field == "resources" and entry.path in sources
        for held in sources[entry.path].documents
        if (held.text("kind"), held.text("metadata", "name")) == lost
    }
    patching, _ = _innermost(sources, build)
    if not leaf or not bringing or patching == leaf:
        return None
    entries = _entries(sources, leaf)
    reach = [kustomizations.reach(sources, entry.path) for entry in entries]
    at = next((index for index, files in enumerate(reach) if patching in files), None)
    if at is None or any(bringing & files for files in reach[: at + 1]):
        return None
    message = f"{kustomizations.folder_of(patching)} changes {lost[0]} {lost[1]}" if lost else ""
    fix = f"list {kustomizations.folder_of(min(bringing))} before it, or delete the entry"
    return leaf, entries[at].line, f"{message}, which is not there yet, so it does not build", fix


def _fix(sources: Sources, text: str) -> str:
    if lost := missing_object(text):
        names = kustomizations.names(sources, [lost[0]])
        known = "" if lost[1] in names else nearest(lost[1], names)
        return f"name an object that is there{known}, or list the Component that adds it first"
    if match := re.search(r"resource with name (\S+) does not match", text):
        known = nearest(match[1], kustomizations.names(sources, ["Deployment", "StatefulSet"]))
        return f"name a Deployment or StatefulSet that is there{known}"
    if match := re.search(r'unknown field "(\w+)"', text):
        return f"delete the field{nearest(match[1], (*FIELDS, *_GENERATOR_FIELDS))}"
    if match := re.search(r"fieldPath `data\.([\w-]+)` is missing", text):
        return (
            f"correct the fieldPath{nearest(match[1], {key for path in sources for key in facts.read(sources[path])})}"
        )
    for words, fix in (
        ("cannot unmarshal number", "quote the value"),
        ("of type []", "write a list"),
        ("of type string", "write plain text; a literal is key=value"),
        ("of type types.Patch", "write path: FILE"),
        ("already registered id", "delete one of the two"),
        ("illegally repeats the key", "delete one of the two"),
        ("can not use behavior", "list the Component once, or write behavior: merge"),
        ("invalid literal source", "write key=value"),
        ("missing Resource metadata", "write apiVersion, kind and metadata.name"),
        ("Unexpected kind", "write add, remove, replace, move, copy or test"),
        ("missing path", "write a path that every selected object has"),
        ("Unable to remove nonexistent key", "write a path that every selected object has"),
        ("must specify a target for JSON patch", "write target: with kind and name"),
        ("nothing selected by", "name an object that is there, or list the Component that brings it first"),
        ("kustomization.yaml is empty", "list what belongs to the folder, or delete it"),
        ("unable to find field", "write a fieldPath that every selected object has"),
        ("Failed to read kustomization file", "Component goes with v1alpha1, Kustomization with v1beta1"),
        ("merging from generator", "list the Component that generates it first"),
        ("out of bounds for value", "list what completes the value first"),
    ):
        if words in text:
            return fix
    return "correct the named line; `kubectl kustomize` of the cluster's folder says the same"
