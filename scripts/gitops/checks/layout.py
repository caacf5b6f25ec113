"""A cluster's name disagrees with what its folder includes, a choice is not made, or a layer reads its neighbour.

Why: the name `<provider>-<environment>-<location>` is what people and commands choose clusters by. A folder that is
named production and includes staging is promoted, reviewed and deleted as what it is not. A versions file is copied
whole by `gitops promote`, so anything else would travel along; an environment that reads another changes with it.
A cluster lists one edge of its provider, and each store once: in the cluster, or its `-external` form. Its domain is
that of no other cluster. A list has things first and changes to them after: a Component that stands before what it
changes does nothing, or half.

Fails:

    # clusters/eks-production-us-east-1/workload/kustomization.yaml
    resources: [../../../environments/staging, sealed]

Passes:

    # clusters/eks-production-us-east-1/workload/kustomization.yaml
    resources: [../../../environments/production, sealed]

Fix: include what the name says, or rename the folder and its `name` fact.
Cannot see: whether the location is where the machines are.
"""

import re
from collections.abc import Iterator

from gitops import facts, flows, kustomizations
from gitops.build_errors import FIELDS
from gitops.fleet import Fleet
from gitops.kustomizations import Entry, folder_of
from gitops.layout import PARTS, Cluster
from gitops.problems import Problem

ID = "layout"
SEVERITY = "error"
CONTROLS: tuple[str, ...] = ()
READS = ("source",)

# What stands behind what in a list: (these, those), docs/fleet.md.
_FOLLOWS = (
    (r"(?!clusters/)", r"clusters/[^/]+/facts$"),
    (r"components/providers/", r"components/stores/"),
    (r"environments/[^/]+/versions$", r"components/(?:stores|workloads)/"),
    (r"components/app-version$", r"environments/[^/]+/versions$"),
    (
        r"components/facts-wiring$",
        r"environments/[^/]+/versions$|components/(?:stores|workloads|providers|app-version)\b|apps/",
    ),
    (r"components/settings$", r"components/workloads/"),
)
_POLICIES = {  # the data that rules compare with, and a field that it has
    flows.FILE: "",
    "inventory.yaml": "applications or environments",
    "peers.yaml": "peers",
    "pod-security.yaml": "writable",
    "secrets.yaml": "secrets",
    "settings.yaml": "settings",
    "storage-classes.yaml": "classes",
}
_VERSIONS_FIELDS = {"apiVersion", "kind", "images"}


def check(fleet: Fleet) -> Iterator[Problem]:
    for cluster in fleet.clusters:
        yield from _leaf(fleet, cluster)
        yield from _name(fleet, cluster)
    yield from _domains(fleet)
    yield from _policies(fleet)
    for environment in fleet.repository.environments:
        yield from _environment(fleet, environment)
        yield from _neighbours(fleet, environment)
        yield from _versions(fleet, environment)


def _leaf(fleet: Fleet, cluster: Cluster) -> Iterator[Problem]:
    folder = fleet.repository.build_folder(cluster.name, "workload")
    file = kustomizations.of_folder(fleet.sources, folder)
    for document in fleet.sources[file].documents[:1] if file else []:
        entries = {entry.path: entry for entry in kustomizations.entries(file, document)}
        others = []
        for parent, wanted in (("components/providers", cluster.provider), ("environments", cluster.environment)):
            for path, entry in entries.items():
                if path.startswith(f"{parent}/") and not f"{path}/".startswith(f"{parent}/{wanted}/"):
                    others.append(parent)
                    message = f"{_after(parent, entry)} is not the {wanted} of the cluster's name"
                    fix = f"include {parent}/{wanted}, or rename the cluster"
                    yield Problem(file, entry.line, ID, "", message, fix, builds=(folder,))
        yield from _order(file, list(entries.values()), (folder,))
        if any(field not in FIELDS for field in document.key_lines):
            continue  # the list may be under a misspelt name, which fails the build
        lost = {folder_of(path) for path in entries if not _there(fleet, path)}
        for choices in _needed(fleet, cluster):
            listed = [path for path in entries if path in choices]
            if not listed and not choices[0].startswith(tuple(others)) and folder_of(choices[0]) not in lost:
                line = document.key_lines.get("components", 1)
                message, fix = f"{choices[0]} is not included", f"list {' or '.join(choices)}"
                yield Problem(file, line, ID, "", message, fix, builds=(folder,))
            for path in listed[1:]:
                message, fix = f"{path} and {listed[0]} are two forms of one thing", "delete one of them"
                yield Problem(file, entries[path].line, ID, "", message, fix, builds=(folder,))


def _there(fleet: Fleet, path: str) -> bool:
    return path in fleet.sources or bool(kustomizations.of_folder(fleet.sources, path))


def _environment(fleet: Fleet, environment: str) -> Iterator[Problem]:
    file = kustomizations.of_folder(fleet.sources, f"environments/{environment}")
    names = [cluster.name for cluster in fleet.clusters if cluster.environment == environment]
    builds = tuple(fleet.repository.build_folder(name, "workload") for name in names)
    for document in fleet.sources[file].documents[:1] if file else []:
        yield from _order(file, list(kustomizations.entries(file, document)), builds)


def _order(file: str, entries: list[Entry], builds: tuple[str, ...]) -> Iterator[Problem]:
    """Things first, then changes to them. Of what stands in a wrong place, the one with most others to pass is moved;
    `components/namespace` is object-identity's."""
    left = [entry for entry in entries if entry.field == "components"]
    while True:
        wrong = [[other for other in left if _disordered(left, entry, other)] for entry in left]
        at = max(range(len(left)), key=lambda index: len(wrong[index]), default=0)
        if not left or not wrong[at]:
            return
        entry, others = left[at], wrong[at]
        before = left.index(others[0]) < at
        message = f"{entry.written} is listed {'after' if before else 'before'} {others[0].written}"
        fix = f"list it {'before' if before else 'after'} {(others[0] if before else others[-1]).written}"
        yield Problem(file, entry.line, ID, "", message, fix, builds=builds)
        left.remove(entry)


def _disordered(entries: list[Entry], one: Entry, other: Entry) -> bool:
    """Does one of the two have to follow the other, and stand before it?"""
    first, second = sorted((one, other), key=entries.index)
    return any(
        re.match(follower, first.path) and re.match(leader, second.path) and not re.match(follower, second.path)
        for follower, leader in _FOLLOWS
    )


def _needed(fleet: Fleet, cluster: Cluster) -> Iterator[list[str]]:
    """What every cluster includes, one of each list: facts, provider, a way in, stores, environment and versions."""
    yield [folder_of(fleet.repository.facts_file(cluster.name))]
    provider = f"components/providers/{cluster.provider}"
    yield [provider]
    edges = [f"{provider}/{edge}" for edge in ("gateway", "ingress")]
    if there := [edge for edge in edges if kustomizations.of_folder(fleet.sources, edge)]:
        yield there
    stores = kustomizations.below(fleet.sources, "components/stores")
    yield from ([store, f"{store}-external"] for store in stores if f"{store}-external" in stores)
    yield [f"environments/{cluster.environment}"]
    yield [folder_of(fleet.repository.versions_file(cluster.environment))]


def _after(parent: str, entry: Entry) -> str:
    return entry.path.removeprefix(f"{parent}/").split("/")[0]


def _name(fleet: Fleet, cluster: Cluster) -> Iterator[Problem]:
    """The fact that repeats the folder's name; without it the build fails."""
    file = fleet.repository.facts_file(cluster.name)
    held = facts.read(fleet.sources[file]).get("name", cluster.name) if file in fleet.sources else cluster.name
    if held != cluster.name:
        line = facts.line_of(fleet.sources[file], "name")
        builds = tuple(fleet.repository.build_folder(cluster.name, part) for part in PARTS)
        yield Problem(file, line, ID, "", f"the fact name is {held}", f"write name={cluster.name}", builds=builds)


def _domains(fleet: Fleet) -> Iterator[Problem]:
    """A domain belongs to one cluster: two would take each other's names. Each developer has a localhost."""
    first: dict[str, str] = {}
    for cluster in fleet.repository.clusters:
        file = fleet.repository.facts_file(cluster.name)
        domain = facts.read(fleet.sources[file]).get("domain") if file in fleet.sources else None
        if domain and domain != "localhost" and first.setdefault(domain, cluster.name) != cluster.name:
            builds = tuple(fleet.repository.build_folder(cluster.name, part) for part in PARTS)
            message = f"the domain {domain} is that of {first[domain]} too"
            line = facts.line_of(fleet.sources[file], "domain")
            yield Problem(file, line, ID, "", message, "give each cluster a domain of its own", builds=builds)


def _policies(fleet: Fleet) -> Iterator[Problem]:
    """Without them rules would pass in silence."""
    for name, field in _POLICIES.items():
        path, policy = fleet.repository.policy_file(name), fleet.policy(name)
        builds = tuple(build.folder for build in fleet.builds)
        if path not in fleet.sources:
            yield Problem(
                path, 1, ID, "", "is not there, so nothing is compared with it", "restore it from Git", builds=builds
            )
        elif field and fleet.sources[path].readable and not any(policy and policy.get(n) for n in field.split(" or ")):
            message = f"has no field {field}, so nothing is compared with it"
            yield Problem(path, 1, ID, "", message, f"write {field}:", builds=builds)
        elif not field and not any(flows.parse(fleet.sources[path].text)):
            yield Problem(path, 1, ID, "", "lists no connection", "restore it from Git", builds=builds)


def _neighbours(fleet: Fleet, environment: str) -> Iterator[Problem]:
    own = f"environments/{environment}"
    for file, document in kustomizations.documents(fleet.sources):
        if not file.startswith(f"{own}/"):
            continue
        for entry in kustomizations.entries(file, document):
            if entry.path.startswith("environments/") and not f"{entry.path}/".startswith(f"{own}/"):
                message = f"{environment} reads {entry.path}, so a change there changes both"
                builds = tuple(build.folder for build in fleet.builds if file in build.reads)
                yield Problem(file, entry.line, ID, "", message, "move what they share into a Component", builds=builds)


def _versions(fleet: Fleet, environment: str) -> Iterator[Problem]:
    file = fleet.repository.versions_file(environment)
    for document in fleet.sources[file].documents[:1] if file in fleet.sources else []:
        for field, line in document.key_lines.items():
            if field not in _VERSIONS_FIELDS:
                message = f"{field} in a versions file would be promoted with the images"
                fix = f"move it to {folder_of(folder_of(file))}/kustomization.yaml"
                yield Problem(file, line, ID, "", message, fix)
