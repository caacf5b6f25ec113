"""A cluster's name disagrees with what its folder includes, or a layer reads its neighbour.

Why: the name `<provider>-<environment>-<location>` is what people and commands choose clusters by. A folder that is
named production and includes staging is promoted, reviewed and deleted as what it is not. A versions file is copied
whole by `gitops promote`, so anything else would travel along; an environment that reads another changes with it.

Fails:

    # clusters/eks-production-us-east-1/workload/kustomization.yaml
    resources: [../../../environments/staging, sealed]

Passes:

    # clusters/eks-production-us-east-1/workload/kustomization.yaml
    resources: [../../../environments/production, sealed]

Fix: include what the name says, or rename the folder and its `name` fact.
Cannot see: whether the location is where the machines are.
"""

from collections.abc import Iterator

from gitops import facts, kustomizations
from gitops.fleet import Fleet
from gitops.kustomizations import Entry, folder_of
from gitops.layout import PARTS, Cluster
from gitops.problems import Problem

ID = "layout"
SEVERITY = "error"
CONTROLS: tuple[str, ...] = ()
READS = ("source",)

_VERSIONS_FIELDS = {"apiVersion", "kind", "images"}


def check(fleet: Fleet) -> Iterator[Problem]:
    for cluster in fleet.clusters:
        yield from _leaf(fleet, cluster)
        yield from _name(fleet, cluster)
    for environment in fleet.repository.environments:
        yield from _neighbours(fleet, environment)
        yield from _versions(fleet, environment)


def _leaf(fleet: Fleet, cluster: Cluster) -> Iterator[Problem]:
    file = kustomizations.of_folder(fleet.sources, fleet.repository.build_folder(cluster.name, "workload"))
    documents = fleet.sources[file].documents if file else []
    for document in documents[:1]:
        entries = list(kustomizations.entries(file, document))
        for parent, wanted in (("components/providers", cluster.provider), ("environments", cluster.environment)):
            below = [entry for entry in entries if entry.path.startswith(f"{parent}/")]
            builds = (fleet.repository.build_folder(cluster.name, "workload"),)
            for entry in below:
                if not f"{entry.path}/".startswith(f"{parent}/{wanted}/"):
                    message = f"{_after(parent, entry)} is not the {wanted} of the cluster's name"
                    fix = f"include {parent}/{wanted}, or rename the cluster"
                    yield Problem(file, entry.line, ID, "", message, fix, builds=builds)
            if not below:
                message, fix = f"nothing of {parent} is included", f"include {parent}/{wanted}"
                yield Problem(file, 1, ID, "", message, fix, builds=builds)


def _after(parent: str, entry: Entry) -> str:
    return entry.path.removeprefix(f"{parent}/").split("/")[0]


def _name(fleet: Fleet, cluster: Cluster) -> Iterator[Problem]:
    file = fleet.repository.facts_file(cluster.name)
    source = fleet.sources.get(file)
    name = facts.read(source).get("name") if source else None
    if source and name and name != cluster.name:  # a missing one fails the build
        message = f"the fact name is {name}"
        builds = tuple(fleet.repository.build_folder(cluster.name, part) for part in PARTS)
        yield Problem(file, facts.line_of(source, "name"), ID, "", message, f"write name={cluster.name}", builds=builds)


def _neighbours(fleet: Fleet, environment: str) -> Iterator[Problem]:
    own = f"environments/{environment}"
    for file, document in kustomizations.documents(fleet.sources):
        if not file.startswith(f"{own}/"):
            continue
        for entry in kustomizations.entries(file, document):
            if entry.path.startswith("environments/") and not f"{entry.path}/".startswith(f"{own}/"):
                message = f"{environment} reads {entry.path}, so a change there changes both"
                yield Problem(file, entry.line, ID, "", message, "move what they share into a Component")


def _versions(fleet: Fleet, environment: str) -> Iterator[Problem]:
    file = fleet.repository.versions_file(environment)
    for document in fleet.sources[file].documents[:1] if file in fleet.sources else []:
        for field, line in document.key_lines.items():
            if field not in _VERSIONS_FIELDS:
                message = f"{field} in a versions file would be promoted with the images"
                fix = f"move it to {folder_of(folder_of(file))}/kustomization.yaml"
                yield Problem(file, line, ID, "", message, fix)
