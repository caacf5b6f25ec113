"""A Job is no hook that is made anew with every sync, nor replaced.

Why: the template of a Job cannot be changed, so the second version of one is refused and the sync fails. As a hook with
BeforeHookCreation (which is what Argo CD does without a policy) the last run stays to be read until the next one. With
HookSucceeded alone a run that failed is still there, and in the way. A hook type that Argo CD does not know makes an
object that is never applied.

Fails:

    kind: Job
    metadata: {name: pybase-migrate}

Passes:

    metadata:
      annotations:
        argocd.argoproj.io/hook: Sync
        argocd.argoproj.io/hook-delete-policy: BeforeHookCreation

Fix: add the hook annotations, or sync-options Force=true,Replace=true.
Cannot see: Jobs of charts and of CronJobs.
Source: https://argo-cd.readthedocs.io/en/stable/user-guide/resource_hooks/
"""

from collections.abc import Iterator

from gitops import argocd
from gitops.fleet import Fleet
from gitops.layout import closest
from gitops.manifests import Manifest
from gitops.problems import Problem

ID = "job-hook"
SEVERITY = "error"
CONTROLS = ("AR11",)
READS = ("render",)
_REPLACED = {"Replace=true", "Force=true"}
_AGAIN = "BeforeHookCreation"


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.builds:
        for job in build.of_kind("Job") if build.cluster else ():
            yield from _job(fleet, job)


def _job(fleet: Fleet, job: Manifest) -> Iterator[Problem]:
    base = ("metadata", "annotations")
    hooks, policies = argocd.listed(job, argocd.HOOK), argocd.listed(job, argocd.DELETE_POLICY)
    for annotation, held, known in (
        (argocd.HOOK, hooks, argocd.HOOKS),
        (argocd.DELETE_POLICY, policies, argocd.POLICIES),
    ):
        for word in held:
            if word not in known:
                near = closest(word, known) or known[0]
                yield fleet.at(
                    ID, job, (*base, annotation), f"{word} is no {annotation.partition('/')[2]}", f"write {near}"
                )
                return
    if _REPLACED & set(argocd.listed(job, argocd.OPTIONS)) or "Skip" in hooks:
        return
    if not hooks:
        message = "is no hook, and its template cannot be changed: the next version is refused"
        fix = f"add {argocd.HOOK}: Sync and {argocd.DELETE_POLICY}: {_AGAIN}"
        yield fleet.at(ID, job, (*base, argocd.HOOK), message, fix)
    elif policies and _AGAIN not in policies:
        message = f"a run that {'failed' if 'HookFailed' not in policies else 'was stopped'} stays, and is in the way"
        yield fleet.at(ID, job, (*base, argocd.DELETE_POLICY), message, f"write {_AGAIN}")
