"""A workload runs as `default`, as another workload's ServiceAccount, or as one that is missing.

Why: what one workload may do should not come with another one's name. `default` is everybody's: a Role bound to it is
bound to every pod that forgot to name an account. A pod whose account is missing is never made.

Fails:

    spec: {serviceAccountName: default, containers: [{name: pybase}]}

Passes:

    spec: {serviceAccountName: pybase-api, containers: [{name: pybase}]}

Fix: add `serviceaccount.yaml` beside the workload and name it.
Cannot see: pods of charts.
Source: https://kubernetes.io/docs/concepts/security/service-accounts/
"""

from collections.abc import Iterator

from gitops import accounts, references
from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest
from gitops.problems import Problem
from gitops.references import Names

ID = "service-account"
SEVERITY = "error"
CONTROLS = ("ID01", "ID03")
READS = ("render",)


def check(fleet: Fleet) -> Iterator[Problem]:
    there = references.names(references.left_out(fleet))
    for build in fleet.workloads():
        subjects = accounts.subject_uses(build, "binding-subjects")
        uses = [*accounts.workload_uses(build, ID), *subjects]
        yield from references.missing(fleet, ID, build, uses, there)
        for manifest in build.with_pods():
            yield from _of_another(fleet, build, manifest, there)


def _of_another(fleet: Fleet, build: Build, manifest: Manifest, there: Names) -> Iterator[Problem]:
    name, path = accounts.of_pods(manifest)
    whose = accounts.owner(build, manifest.namespace, name)
    if name == accounts.DEFAULT:
        message = "runs as the ServiceAccount default, which every pod shares"
    elif build.find(accounts.KIND, manifest.namespace, name) and whose and whose.identity != manifest.identity:
        message = f"runs as {name}, the ServiceAccount of {whose.kind}/{whose.name}"
    else:
        return
    mine = accounts.own(build, manifest)
    mine = mine or (manifest.name if (accounts.KIND, manifest.name) in there else "")
    fix = f"write serviceAccountName: {mine}" if mine else "add serviceaccount.yaml beside it and name it"
    yield fleet.at(ID, manifest, path, message, fix)
