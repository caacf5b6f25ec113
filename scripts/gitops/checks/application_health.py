"""Applications have waves, and Argo CD has no health check that makes the root wait for them.

Why: an Application has no health of its own (since Argo CD 1.8), so without a check in `argocd-cm` the root starts all
waves in the same second. A check that passes on `status.health` alone does not wait after an update: the child still
shows the health of its old spec. The check has to compare `status.sync.comparedTo` with the spec first.

Fails:

    resource.customizations.health.argoproj.io_Application: |
      return {status = obj.status.health.status}

Passes:

    resource.customizations.health.argoproj.io_Application: |
      local compared = obj.status.sync.comparedTo
      if not same(obj.spec.source, compared.source) then return {status = "Progressing"} end
      return {status = obj.status.health.status}

Fix: add the check to configs.cm of apps/argocd, as it is in apps/argocd/application.yaml.
Cannot see: whether the Lua is right, only that it reads these fields; tests/rendered/test_argocd_health.py runs it. An
Argo CD that is not installed by an Application of the chart argo-cd. Waves gate the specs of children only: one that
follows the branch of the root changes its content without waiting.
Source: https://github.com/argoproj/argo-cd/pull/29649
"""

import re
from collections.abc import Iterator

from gitops import argocd
from gitops.fleet import Fleet
from gitops.manifests import mapping
from gitops.problems import Problem

ID = "application-health"
SEVERITY = "error"
CONTROLS: tuple[str, ...] = ()
READS = ("fleet",)
_KEY = "resource.customizations.health.argoproj.io_Application"
_COMMENT = re.compile(r"--(?:\[\[.*?\]\]|[^\n]*)", re.DOTALL)


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.builds:
        children = [child for child in build.of_kind("Application") if not argocd.is_root(child)]
        if len({argocd.wave(child) for child in children}) < 2:
            continue
        for application in children:
            for source in argocd.sources(application):
                if source.text("chart") != "argo-cd":
                    continue
                path = (*source.path, "helm", "valuesObject", "configs", "cm")
                code = _COMMENT.sub("", str(mapping(application.get(*path)).get(_KEY) or ""))
                if not code.strip():
                    yield fleet.at(
                        ID, application, path, "no health check of Applications: waves do not wait", f"add {_KEY}"
                    )
                elif "comparedTo" not in code or "spec" not in code:
                    message = "the health check does not compare comparedTo with the spec: an update does not wait"
                    fix = "return Progressing while status.sync.comparedTo differs from spec"
                    yield fleet.at(ID, application, (*path, _KEY), message, fix)
                elif "health" not in code:
                    message = "the health check does not read status.health"
                    yield fleet.at(ID, application, (*path, _KEY), message, "return status.health of the Application")
