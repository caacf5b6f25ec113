"""The only caller of the renderer (tools/render): kustomization folders in, objects and read sets out."""

import json
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from gitops import tools
from gitops.errors import GitopsError
from gitops.layout import PARTS, Cluster, Repository
from gitops.manifests import Build, Manifest


def cluster_builds(repository: Repository, clusters: Iterable[Cluster]) -> list[Build]:
    """Both builds of every cluster, in order. A build that fails carries its error; it does not raise."""
    return render(repository, [repository.build_folder(c.name, part) for c in clusters for part in PARTS])


def render(repository: Repository, folders: list[str]) -> list[Build]:
    """Build the folders (relative to the repository root) as `kustomize build` does, in parallel."""
    if not folders:
        return []
    lines = "".join(f"{repository.root / folder}\n" for folder in folders)
    answers = tools.run("render", text=lines).splitlines()
    if len(answers) != len(folders):
        raise GitopsError(f"render answered {len(answers)} of {len(folders)} builds; run ./gitops again to rebuild it")
    return [_build(repository, folder, json.loads(line)) for folder, line in zip(folders, answers, strict=True)]


def _build(repository: Repository, folder: str, answer: dict[str, Any]) -> Build:
    parts = PurePosixPath(folder).parts
    cluster, part = (parts[1], parts[2]) if len(parts) == 3 and parts[0] == "clusters" else ("", "")
    reads = (repository.relative(Path(path)) for path in answer["reads"])
    files = frozenset(path for path in reads if path and (repository.root / path).is_file())
    error = answer.get("error", "").replace(f"{repository.root}/", "").replace("\n", " ")
    objects = [] if error else [Manifest(data, build=folder) for data in answer["objects"]]
    return Build(folder, cluster, part, objects, files, error)
