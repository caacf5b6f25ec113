"""What a cluster runs, and the images by environment, as rendered. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from gitops import images
from gitops.layout import Cluster, Repository
from gitops.manifests import Build, containers

Builds = Mapping[tuple[str, str], Build]  # (cluster, part) -> build


def by_part(builds: Iterable[Build]) -> dict[tuple[str, str], Build]:
    return {(build.cluster, build.part): build for build in builds}


def cluster(found: Cluster, builds: Builds, facts: Mapping[str, str]) -> dict[str, Any]:
    """One row of the fleet; "-" for what is not known."""
    apps, workload = builds[found.name, "apps"], builds[found.name, "workload"]
    versions = (manifest.get("data", "APP_VERSION") for manifest in workload.of_kind("ConfigMap"))
    return {
        "name": found.name,
        "provider": found.provider,
        "environment": found.environment,
        "state": found.state,
        "domain": facts.get("domain", "-"),
        "version": next((version for version in versions if version), "-"),
        "objects": len(apps.objects) + len(workload.objects),
        "applications": sorted(manifest.name for manifest in apps.of_kind("Application")),
        "error": apps.error or workload.error,
    }


def references(repository: Repository, builds: Builds) -> dict[str, dict[str, list[str]]]:
    """environment -> last part of the repository -> the references with tag and digest, each once."""
    found: dict[str, dict[str, list[str]]] = {environment: {} for environment in repository.environments}
    for each in repository.clusters:
        for manifest in builds[each.name, "workload"].with_pods():
            for container in containers(manifest):
                reference = str(container.spec.get("image", ""))
                name = images.repository(reference).rpartition("/")[2]
                known = found[each.environment].setdefault(name, [])
                if reference not in known:
                    known.append(reference)
    return found


def tags(found: Mapping[str, Mapping[str, Iterable[str]]]) -> dict[str, dict[str, str]]:
    """The same with the tags only; several, where clusters differ."""
    return {
        environment: {name: ", ".join(dict.fromkeys(map(images.tag, several))) for name, several in held.items()}
        for environment, held in found.items()
    }
