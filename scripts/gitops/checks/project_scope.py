"""A project permits more than its Applications use: `*`, an entry with `!`, or the namespace of Argo CD.

Why: a project is what stops an Application, or whoever may write one, at its border. `*` has no border, and an entry
with `!` permits everything it does not name. Who may put Applications into the namespace `argocd` may make one with
any project, so only the project of the root, which owns them, allows it.

Fails:

    destinations: [{server: https://kubernetes.default.svc, namespace: "*"}]

Passes:

    destinations: [{server: https://kubernetes.default.svc, namespace: pybase}]

Fix: list the values in use.
Cannot see: projects made in the cluster. `default` is one; delete its permissions there.
Source: https://argo-cd.readthedocs.io/en/stable/user-guide/projects/
"""

from collections.abc import Iterator

from gitops import argocd
from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest, mapping, sequence, strings
from gitops.problems import Problem

ID = "project-scope"
SEVERITY = "error"
CONTROLS = ("AR02",)
READS = ("source", "render")
_LISTS = ("sourceRepos", "destinations", "clusterResourceWhitelist")


def check(fleet: Fleet) -> Iterator[Problem]:
    for build, project in argocd.projects(fleet):
        for field in _LISTS:
            for path, text in strings(project.get("spec", field), "spec", field):
                if "*" in text or text.startswith("!"):
                    what = "permits everything else" if text.startswith("!") else "permits what nobody has listed"
                    yield fleet.at(ID, project, path, f"{text} in {field} {what}", "list the values in use")
        yield from _own(fleet, build, project)


def _own(fleet: Fleet, build: Build, project: Manifest) -> Iterator[Problem]:
    """The namespace of the Applications, outside the project of the root."""
    roots = [application for application in build.of_kind("Application") if argocd.is_root(application)]
    if any(str(root.get("spec", "project")) == project.name for root in roots):
        return
    for at, entry in enumerate(map(mapping, sequence(project.get("spec", "destinations")))):
        if any(str(entry.get("namespace")) == root.namespace for root in roots):
            path = ("spec", "destinations", at, "namespace")
            message = f"allows namespace {entry.get('namespace')}, where Applications of any project can be made"
            yield fleet.at(ID, project, path, message, "delete the entry; only the project of the root has it")
