"""Run the rules over a fleet: one mistake is one problem. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from gitops import kustomizations, waivers
from gitops.fleet import Fleet
from gitops.kubeconform import unknown_kind
from gitops.problems import Problem, merged
from gitops.rules import Rule, all_rules

# One mistake, one rule: on the same file, line or build the earlier rule speaks and the later ones are silent.
UNREADABLE = "yaml-readable"
STRICT = "yaml-strict"
BUILDS = "kustomize-builds"
SCHEMA = "schema-valid"
WAIVERS = "waiver-valid"
FACTS = "fact-values"
_NETWORK = ("network-default-deny", "network-peer", "port-declared")
_REFERENCES = (  # look for one object from another, which a missing Component or namespace breaks
    "autoscaler-target",
    "binding-subjects",
    "disruption-budget",
    "env-resolves",
    "headless-service",
    "host-resolves",
    "namespace-pod-security",
    "route-backend",
    "secret-key-sealed",
    "secret-rollout",
    "service-account",
    "service-account-token",
    "service-selects-pods",
    "volume-source",
)
_MATRIX = "network-matrix"
_ARGOCD = (
    "application-settings",
    "application-source",
    "deletion-policy",
    "generate-paths",
    "project-permits",
    "project-scope",
    "prune-guard",
    "single-owner",
    "wave-order",
)
_LOOKING = (*_REFERENCES, *_NETWORK, _MATRIX)  # silent about a build that lacks an unlisted file's objects, or a kind's
YIELDS = {  # a rule is silent about a build of which one of these speaks
    **dict.fromkeys(("image-registry", "image-one-digest", "image-pull-secret"), (FACTS, "layout", "patch-has-effect")),
    **dict.fromkeys(
        ("pod-spread", "replica-count", "rollout-strategy", "quota-fits"),
        ("autoscaler-target", "object-identity", "selector-labels", "transformer-scope", "layout"),
    ),
    BUILDS: ("layout",),  # what a cluster does not include fails a Component far from the list
    **dict.fromkeys(_REFERENCES, ("object-identity", "transformer-scope")),
    "secret-key-sealed": ("object-identity", "sealed-secret-scope", "transformer-scope"),
    "disruption-budget": ("autoscaler-target", "object-identity", "selector-labels", "transformer-scope"),
    "service-selects-pods": ("object-identity", "selector-labels", "transformer-scope"),
    "sealed-secret-scope": ("transformer-scope",),
    SCHEMA: (FACTS,),
    "route-host": (FACTS,),
    **dict.fromkeys(
        _NETWORK, (FACTS, "layout", "object-identity", "patch-has-effect", "selector-labels", "transformer-scope")
    ),
    "app-settings": (FACTS, "layout", "no-placeholders", "patch-has-effect"),
    "db-connection-budget": ("layout", "no-placeholders", "patch-has-effect"),
    "no-placeholders": ("layout",),
    "image-pinned": (FACTS, "layout", "patch-has-effect"),
    _MATRIX: (
        *_NETWORK,
        FACTS,
        "layout",
        "no-placeholders",
        "object-identity",
        "patch-has-effect",
        "selector-labels",
        "transformer-scope",
    ),
    "object-identity": ("layout",),
    "patch-has-effect": ("layout", "transformer-scope"),
    **dict.fromkeys(_ARGOCD, ("layout", "object-identity", "patch-has-effect", "transformer-scope")),
}
LINE_YIELDS = {  # a rule is silent about a line of which one of these speaks
    "autoscaler-target": ("resources-set",),
    "image-one-digest": ("image-pinned", "image-registry"),
    "image-pull-secret": ("image-registry",),
    "image-registry": ("image-pinned",),
    FACTS: (BUILDS, "layout"),
    "route-host": ("layout", "no-placeholders"),
    "placeholder-value": ("app-settings", "credential-in-config", "plain-secret"),
    "credential-in-config": ("app-settings", "plain-secret"),
    "host-resolves": ("app-settings",),
    "db-connection-budget": ("app-settings",),
    "route-backend": (BUILDS,),
    "replicas-owner": ("layout",),
    "object-identity": ("transformer-scope",),
}


def validate(fleet: Fleet, rules: Iterable[Rule] | None = None) -> list[Problem]:
    """All problems of the fleet that no waiver covers, merged over the builds and sorted by path, line and rule."""
    found = [
        replace(problem, severity=rule.severity)
        for rule in (all_rules() if rules is None else rules)
        for problem in rule.check(fleet)
    ]
    problems = merged(_yielding(fleet, found))
    written = list(waivers.read(fleet.sources))
    kept, _ = waivers.apply(written, problems, fleet.today)
    _, used = waivers.apply(written, found, fleet.today)
    whole = (
        fleet.builds
        and fleet.clusters == fleet.repository.clusters
        and not kustomizations.broken(fleet.sources, fleet.builds)
    )
    if rules is not None or not whole:
        return kept  # what is not looked at cannot show that a waiver is needed
    said = {(problem.path, problem.line) for problem in kept if problem.rule == WAIVERS}
    unused = (w for w in written if w not in used and (w.path, w.line) not in said)
    message = "waiver waives nothing on this line or the next"
    return sorted([*kept, *(Problem(w.path, w.line, WAIVERS, "", message, f"remove it ({w.rule})") for w in unused)])


def counts(problem: Problem, fail_on: str) -> bool:
    """Does the problem make the command fail? `fail_on` is "warning" (any) or "error"."""
    return not problem.pending and (problem.severity == "error" or fail_on == "warning")


def _refused_policies(found: Iterable[Problem]) -> set[str]:
    """The builds with a network policy that the schema refuses: what it allows is not known."""
    refused = (problem for problem in found if problem.rule == SCHEMA and problem.object.startswith("NetworkPolicy/"))
    return {build for problem in refused for build in problem.builds}


def _yielding(fleet: Fleet, found: list[Problem]) -> list[Problem]:
    unreadable = {problem.path for problem in found if problem.rule == UNREADABLE}
    strict = {problem.path for problem in found if problem.rule == STRICT}
    reads = {build.folder: build.reads for build in fleet.builds}
    said = {(problem.rule, build) for problem in found for build in problem.builds}
    policies = _refused_policies(found)
    lines = {(problem.rule, problem.path, problem.line) for problem in found}
    broken = kustomizations.broken(fleet.sources, fleet.builds)
    incomplete = kustomizations.incomplete(fleet.sources, fleet.builds)
    incomplete |= {failure.manifest.build for failure in fleet.schema_failures if unknown_kind(failure)}

    def speaks(problem: Problem) -> bool:
        if problem.rule == UNREADABLE:
            return True
        if problem.path in unreadable:
            return False
        if problem.rule == BUILDS and any(
            (unreadable | strict) & reads.get(build, frozenset()) for build in problem.builds
        ):
            return False
        if problem.rule not in (STRICT, BUILDS, "layout") and problem.builds and broken.issuperset(problem.builds):
            return False
        first = {STRICT: (), SCHEMA: (STRICT,)}.get(problem.rule, (STRICT, SCHEMA, *LINE_YIELDS.get(problem.rule, ())))
        if any((rule, problem.path, problem.line) in lines for rule in first):
            return False
        if problem.rule in (*_NETWORK, _MATRIX) and policies.intersection(problem.builds):
            return False
        if problem.rule in _LOOKING and problem.builds and incomplete.issuperset(problem.builds):
            return False
        before = YIELDS.get(problem.rule, ())
        return not any((rule, build) in said for rule in before for build in problem.builds)

    return [problem for problem in found if speaks(problem)]
