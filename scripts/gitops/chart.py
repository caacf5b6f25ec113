"""The chart of this repository, rendered as its users and its tests do."""

from gitops import chart_images, facts, fleet, helm, kubeconform
from gitops.cluster import Object
from gitops.errors import GitopsError
from gitops.layout import Repository
from gitops.manifests import Manifest, mapping

PRODUCTION = "production"  # the environment whose images the examples are compared with


def example(repository: Repository, scenario: str, version: int = 4) -> list[Manifest]:
    """The objects of the chart with an example's values and production's images, on the oldest Kubernetes."""
    folder, file = repository.root / repository.chart_folder(), repository.root / repository.example_file(scenario)
    if not file.is_file():
        raise GitopsError(f"{repository.example_file(scenario)}: no such file; write the values of {scenario} there")
    kube_version = kubeconform.VERSIONS[0]
    return helm.template(folder, images(repository), files=[file], version=version, kube_version=kube_version)


def images(repository: Repository) -> Object:
    """Values that give every image of the chart its production version."""
    defaults, versions = f"{repository.chart_folder()}/values.yaml", repository.versions_file(PRODUCTION)
    fleet_facts = repository.fleet_facts_file()
    sources = fleet.read(repository, [defaults, versions, fleet_facts])
    registry = facts.read(sources[fleet_facts]).get("registry", "")
    first = {path: file.documents[0].plain() if file.documents else {} for path, file in sources.items()}
    return chart_images.values(mapping(first[defaults]), mapping(first[versions]), registry)
