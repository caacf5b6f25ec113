"""The only caller of kubeconform: every distinct object once, strict, against each supported Kubernetes version."""

import hashlib
import json
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gitops import schema_fields, tools
from gitops.errors import GitopsError
from gitops.layout import Repository
from gitops.manifests import Build, Manifest

VERSIONS = ("1.34", "1.37")  # the oldest and the newest Kubernetes a cluster may run
NO_SCHEMA = "could not find schema"

# One cause in the message of a refusal; the list beside it leaves out the causes inside list entries (kubeconform 0.7).
_CAUSE = re.compile(r"- at '((?:[^'\\]|\\.)*)': (.*?)(?=\s+- at '|$)", re.DOTALL)
_SUMMARY = re.compile(r"validation failed|'(?:allOf|anyOf|oneOf)' failed.*")


@dataclass(frozen=True)
class Failure:
    """What the schema of one version refuses in an object. `pointer` is a JSON pointer into it, "" for the whole.

    `known` are the words that would have been right: the fields at that place, the API versions of the kind, or the
    kinds themselves."""

    manifest: Manifest
    version: str
    pointer: str
    message: str
    known: tuple[str, ...] = ()


def unknown_kind(failure: Failure) -> bool:
    """Is the kind itself refused? What others look for by its right name is then not missing."""
    return failure.pointer == "/kind" or failure.message.startswith(NO_SCHEMA)


def validate(repository: Repository, builds: Iterable[Build]) -> list[Failure]:
    """Failures of every object of every build; objects that are equal are validated once."""
    holders: dict[str, list[Manifest]] = {}
    bodies: dict[str, bytes] = {}
    for build in builds:
        for manifest in build.objects:
            body = json.dumps(manifest.data, sort_keys=True, default=str).encode()
            key = hashlib.sha256(body).hexdigest()
            bodies[key] = body
            holders.setdefault(key, []).append(manifest)
    if not bodies:
        return []
    failures: list[Failure] = []
    with tempfile.TemporaryDirectory(prefix="gitops-", dir=_memory()) as folder:
        for key, body in bodies.items():
            Path(folder, f"{key}.json").write_bytes(body)
        for version in VERSIONS:
            for key, pointer, message in _run(repository, folder, version):
                known = _known(_folders(repository, version), holders[key][0], pointer, message)
                failures += [Failure(manifest, version, pointer, message, known) for manifest in holders[key]]
    return failures


def _memory() -> str | None:
    """A folder in memory where there is one."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _folders(repository: Repository, version: str) -> tuple[Path, Path, Path]:
    """The schemas of Kubernetes, those derived from CRDs, and those written by hand."""
    derived = tools.schemas()
    return derived / "k8s" / f"v{version}", derived / "crds", repository.root / "schemas"


def _run(repository: Repository, folder: str, version: str) -> Iterable[tuple[str, str, str]]:
    """(file stem, JSON pointer, message) of every refusal."""
    built_in, *custom = _folders(repository, version)
    locations = [
        f"{built_in}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json",
        *(f"{place}/{{{{.Group}}}}/{{{{.ResourceKind}}}}_{{{{.ResourceAPIVersion}}}}.json" for place in custom),
    ]
    arguments = [argument for location in locations for argument in ("-schema-location", location)]
    answer = tools.run("kubeconform", "-strict", "-output", "json", *arguments, folder, accept=(0, 1))
    try:
        resources = json.loads(answer).get("resources") or []
    except ValueError as error:
        raise GitopsError(f"kubeconform: {answer.strip()[:200]}; run ./gitops again to set it up") from error
    for resource in resources:
        message = str(resource.get("msg", ""))
        if "file name too long" in message:  # of a kind that is none
            message = NO_SCHEMA
        causes = [cause for cause in _CAUSE.findall(message) if not _SUMMARY.fullmatch(cause[1].strip())]
        for pointer, cause in causes or [("", message)]:
            yield Path(resource["filename"]).stem, pointer, cause.strip()


def _known(folders: tuple[Path, Path, Path], manifest: Manifest, pointer: str, message: str) -> tuple[str, ...]:
    if message.startswith(NO_SCHEMA):
        return tuple(schema_fields.served(folders, manifest.kind) or schema_fields.kinds(folders))
    file = schema_fields.file_of(folders, manifest)
    return tuple(schema_fields.fields(file, steps(pointer))) if file else ()


def steps(pointer: str) -> list[str]:
    """The steps of a JSON pointer (RFC 6901)."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
