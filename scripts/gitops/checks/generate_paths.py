"""An Application does not render again for a file that its build reads, does so for more, or may leave hooks out.

Why: Argo CD takes a commit that touches none of the paths in manifest-generate-paths for one without changes. Read is
the set of files that the renderer opened. Wider than apps/, components/, the cluster's environment and its own folder
means rendering for the changes of others. Where the build has hooks there must be no annotation at all: after an
outage of the repository Argo CD takes a commit for one without changes, repairs the difference, and leaves the hooks,
which are the migration, out (argo-cd#27792, docs/troubleshooting.md). So `pybase` has none, unlike the general advice;
the root, whose build has no pods, has one.

Fails:

    argocd.argoproj.io/manifest-generate-paths: .

Passes:

    argocd.argoproj.io/manifest-generate-paths: .;../facts;/apps;/components/facts-wiring;/components/fleet-facts

Fix: replace it by the printed value, or delete it where there are hooks.
Cannot see: charts, and files that a build does not read yet.
Source: https://argo-cd.readthedocs.io/en/stable/operator-manual/high_availability/#manifest-paths-annotation
"""

import posixpath
from collections.abc import Iterator
from fnmatch import fnmatchcase

from gitops import argocd
from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest
from gitops.problems import Problem

ID = "generate-paths"
SEVERITY = "error"
CONTROLS: tuple[str, ...] = ()
READS = ("source", "fleet")
_FIELD = ("metadata", "annotations", argocd.GENERATE_PATHS)


def check(fleet: Fleet) -> Iterator[Problem]:
    for _, application in argocd.applications(fleet):
        for build in argocd.synced(fleet, application):
            fault = _fault(fleet, application, build)
            if fault:
                yield fleet.at(ID, application, _FIELD, *fault)


def _fault(fleet: Fleet, application: Manifest, build: Build) -> tuple[str, str] | None:
    text = str(application.annotations.get(argocd.GENERATE_PATHS) or "")
    written = [entry.strip() for entry in text.split(";") if entry.strip()]
    if not written:
        if any(build.with_pods()):
            return None  # has hooks, or may get some
        return "renders again for every commit of the repository", f"add {argocd.GENERATE_PATHS}: {_value(build)}"
    if argocd.has_hooks(build):
        return "with this annotation Argo CD may leave the hooks of the build out", "delete the annotation"
    paths = {posixpath.normpath(posixpath.join("/", build.folder, entry)): entry for entry in written}
    uncovered = {_top(build, file) for file in build.reads if not any(_covers(path, f"/{file}") for path in paths)}
    if uncovered:
        message = f"does not cover {min(uncovered)}, which the build reads"
        return message, f"write {_value(build)}"
    wide = [entry for path, entry in paths.items() if not _narrow(fleet, build, path)]
    if wide:
        return f"{wide[0]} covers more than the build can read", f"write {_value(build)}"
    return None


def _covers(path: str, file: str) -> bool:
    return file == path or file.startswith(f"{path.rstrip('/')}/") or fnmatchcase(file, path)


def _narrow(fleet: Fleet, build: Build, path: str) -> bool:
    own = ("/apps", "/components", f"/clusters/{build.cluster}", f"/environments/{fleet.environment(build)}")
    return any(path == folder or path.startswith(f"{folder}/") for folder in own)


def _top(build: Build, file: str) -> str:
    """The entry that would cover a file: `.`, a folder beside it, apps/, or one folder of another top."""
    steps = file.split("/")
    if file.startswith(f"{build.folder}/"):
        return "."
    if file.startswith(f"clusters/{build.cluster}/"):
        return f"../{steps[2]}"
    return "/apps" if steps[0] == "apps" else f"/{'/'.join(steps[:2])}"


def _value(build: Build) -> str:
    return ";".join(sorted({_top(build, file) for file in build.reads}))
