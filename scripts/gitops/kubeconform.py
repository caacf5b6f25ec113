"""The only caller of kubeconform: every distinct object once, strict, against each supported Kubernetes version."""

import hashlib
import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gitops import tools
from gitops.errors import GitopsError
from gitops.layout import Repository
from gitops.manifests import Build, Manifest

VERSIONS = ("1.34", "1.37")  # the oldest and the newest Kubernetes a cluster may run


@dataclass(frozen=True)
class Failure:
    """What the schema of one version refuses in an object. `pointer` is a JSON pointer into it, "" for the whole."""

    manifest: Manifest
    version: str
    pointer: str
    message: str


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
                failures += [Failure(manifest, version, pointer, message) for manifest in holders[key]]
    return failures


def _memory() -> str | None:
    """A folder in memory where there is one."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _run(repository: Repository, folder: str, version: str) -> Iterable[tuple[str, str, str]]:
    """(file stem, JSON pointer, message) of every refusal."""
    derived = tools.schemas()
    locations = [
        f"{derived}/k8s/v{version}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json",
        f"{derived}/crds/{{{{.Group}}}}/{{{{.ResourceKind}}}}_{{{{.ResourceAPIVersion}}}}.json",
        f"{repository.root}/schemas/{{{{.Group}}}}/{{{{.ResourceKind}}}}_{{{{.ResourceAPIVersion}}}}.json",
    ]
    arguments = [argument for location in locations for argument in ("-schema-location", location)]
    answer = tools.run("kubeconform", "-strict", "-output", "json", *arguments, folder, accept=(0, 1))
    try:
        resources = json.loads(answer).get("resources") or []
    except ValueError as error:
        raise GitopsError(f"kubeconform: {answer.strip()[:200]}; run ./gitops again to set it up") from error
    for resource in resources:
        stem = Path(resource["filename"]).stem
        details = resource.get("validationErrors") or [{"path": "", "msg": resource.get("msg", "")}]
        for detail in details:
            yield stem, detail.get("path", ""), detail.get("msg", "")
