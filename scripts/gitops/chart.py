"""The chart of this repository, rendered as its users and its tests do."""

import json
from dataclasses import replace
from typing import Any

from gitops import chart_images, facts, helm, kubeconform, source
from gitops.cluster import Object
from gitops.errors import GitopsError
from gitops.layout import Repository
from gitops.manifests import Build, Manifest, mapping
from gitops.source import SourceFile

PRODUCTION = "production"  # the environment whose images the examples are compared with


def example(repository: Repository, scenario: str, version: int = 4) -> list[Manifest]:
    """The objects of the chart with an example's values and production's images, on the oldest Kubernetes."""
    file = repository.example_file(scenario)
    if not (repository.root / file).is_file():
        raise GitopsError(f"{file}: no such file; write the values of {scenario} there")
    return render(repository, file, images(repository), version)


def render(
    repository: Repository, file: str, values: Object, version: int = 4, kube_version: str = kubeconform.VERSIONS[0]
) -> list[Manifest]:
    """The objects of the chart with the values of a file and others that win over them."""
    folder, files = repository.root / repository.chart_folder(), [repository.root / file]
    return helm.template(folder, values, files=files, version=version, kube_version=kube_version)


def builds(repository: Repository) -> list[Build]:
    """What each example renders, as a user installs it; one that fails carries helm's message, and the first one that
    of a chart that is not clean: linting takes longer than all else."""
    found = [_build(repository, file) for file in repository.examples]
    try:
        files = [repository.root / file for file in repository.examples[:1]]
        helm.lint(repository.root / repository.chart_folder(), {}, files=files)
    except GitopsError as error:
        found[:1] = [replace(build, error=build.error or str(error)) for build in found[:1]]
    return found


def _build(repository: Repository, file: str) -> Build:
    try:
        objects = render(repository, file, {})
    except GitopsError as error:
        return Build(file, error=str(error).replace(f"{repository.root}/", ""))
    folder = repository.chart_folder()
    return Build(file, objects=[Manifest(m.data, f"{folder}/{m.origin}", build=file) for m in objects])


def images(repository: Repository) -> Object:
    """Values that give every image of the chart its production version."""
    fleet_facts = _read(repository, repository.fleet_facts_file())
    versions = _plain(_read(repository, repository.versions_file(PRODUCTION)))
    return chart_images.values(defaults(repository), versions, facts.read(fleet_facts).get("registry", ""))


def defaults(repository: Repository) -> Object:
    """values.yaml."""
    return _plain(_read(repository, f"{repository.chart_folder()}/values.yaml"))


def schema(repository: Repository) -> Object:
    """values.schema.json; raises GitopsError when it is not JSON."""
    try:
        return mapping(json.loads(text(repository, "values.schema.json")))
    except ValueError as error:
        raise GitopsError(f"{repository.chart_folder()}/values.schema.json: not JSON: {error}") from error


def text(repository: Repository, name: str) -> str:
    """A file of the chart; raises GitopsError when it cannot be read."""
    path = f"{repository.chart_folder()}/{name}"
    try:
        return (repository.root / path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GitopsError(f"{path}: cannot be read: {getattr(error, 'strerror', error)}") from error


def _read(repository: Repository, path: str) -> SourceFile:
    return source.read(repository.root / path, path, repository.root)


def _plain(file: SourceFile) -> dict[str, Any]:
    return mapping(file.documents[0].plain()) if file.documents else {}
