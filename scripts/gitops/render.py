"""The only caller of the renderer (tools/render): kustomization folders in, objects and read sets out."""

import json
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from gitops import tools
from gitops.errors import GitopsError
from gitops.layout import PARTS, Cluster, Repository
from gitops.manifests import Build, Manifest

Known = dict[str, dict[str, Any]]  # an object as text -> the object
AT_ONCE = 200  # builds whose text is in memory at one time


def cluster_builds(repository: Repository, clusters: Iterable[Cluster]) -> list[Build]:
    """Both builds of every cluster, in order. A build that fails carries its error; it does not raise."""
    return render(repository, [repository.build_folder(c.name, part) for c in clusters for part in PARTS])


def render(repository: Repository, folders: list[str], known: Known | None = None) -> list[Build]:
    """Build the folders (relative to the repository root) as `kustomize build` does, in parallel. Equal objects are
    one and the same in all builds, and in those of an earlier call that was given the same `known`."""
    held: Known = {} if known is None else known
    parts = (folders[start : start + AT_ONCE] for start in range(0, len(folders), AT_ONCE))
    return [build for part in parts for build in _rendered(repository, part, held)]


def _rendered(repository: Repository, folders: list[str], known: Known) -> list[Build]:
    lines = "".join(f"{repository.root / folder}\n" for folder in folders)
    answers = tools.run("render", text=lines).splitlines()
    if len(answers) != len(folders):
        raise GitopsError(f"render answered {len(answers)} of {len(folders)} builds; run ./gitops again to rebuild it")
    return [_build(repository, folder, json.loads(line), known) for folder, line in zip(folders, answers, strict=True)]


def _build(repository: Repository, folder: str, answer: dict[str, Any], known: Known) -> Build:
    parts = PurePosixPath(folder).parts
    cluster, part = (parts[1], parts[2]) if len(parts) == 3 and parts[0] == "clusters" else ("", "")
    reads = (repository.relative(Path(path)) for path in answer["reads"])
    files = frozenset(path for path in reads if path and (repository.root / path).is_file())
    error = answer.get("error", "").replace(f"{repository.root}/", "").replace("\n", " ")
    found = () if error else (known.setdefault(json.dumps(data), data) for data in answer["objects"])
    objects = [Manifest(data, build=folder) for data in found]
    return Build(folder, cluster, part, objects, files, error)
