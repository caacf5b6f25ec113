"""A Role gives more than the names it needs: `*`, cluster-admin, all Secrets, or a way to get more.

Why: whoever takes over the pod has all that its Role gives. `*` takes in what later versions add; Secrets readable
without resourceNames are every password of the namespace; the verbs bind, escalate and impersonate, and to exec into
other pods, lead to the rights of others.

Fails:

    rules: [{apiGroups: [""], resources: [secrets], verbs: [get, list]}]

Passes:

    rules: [{apiGroups: [""], resources: [secrets], resourceNames: [pybase-api-secret], verbs: [get]}]

Fix: list the verbs, resources and names that are in use.
Cannot see: roles of charts, what an aggregated ClusterRole takes in, and what the roles of Kubernetes itself give.
Source: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
"""

from collections.abc import Iterator

from gitops.accounts import BINDINGS
from gitops.fleet import Fleet
from gitops.manifests import Manifest, mapping, sequence
from gitops.problems import Problem

ID = "rbac-least-privilege"
SEVERITY = "error"
CONTROLS = ("ID04", "ID05", "ID07")
READS = ("render",)

READING = ("get", "list", "watch")
CLIMBING = {  # verb -> what it is for
    "bind": "gives rights that the account itself has not",
    "escalate": "writes rights that the account itself has not",
    "impersonate": "acts as somebody else",
}
ENTERING = {  # resource -> what it is for
    "pods/exec": "runs commands in other pods",
    "pods/attach": "enters other pods",
    "pods/ephemeralcontainers": "adds containers to other pods",
    "nodes/proxy": "runs commands in any pod of the node",
    "serviceaccounts/token": "makes tokens of other accounts",
}


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.builds:
        for role in build.of_kind("Role", "ClusterRole"):
            for index, rule in enumerate(map(mapping, sequence(role.get("rules")))):
                yield from _everything(fleet, role, index, rule) or _too_much(fleet, role, index, rule)
        for binding in build.of_kind(*BINDINGS):
            if binding.get("roleRef", "name") == "cluster-admin":
                fix = "bind a Role with the rules in use"
                yield fleet.at(ID, binding, ("roleRef", "name"), "gives cluster-admin, which may do everything", fix)


def _everything(fleet: Fleet, role: Manifest, index: int, rule: dict[str, object]) -> list[Problem]:
    """One problem of a rule, however many of its lists are open."""
    fields = [name for name in ("apiGroups", "resources", "verbs") if any(map(_open, sequence(rule.get(name))))]
    if not fields:
        return []
    entry = next(at for at, value in enumerate(sequence(rule.get(fields[0]))) if _open(value))
    fix = f"list the {' and '.join(fields)} in use"
    return [fleet.at(ID, role, ("rules", index, fields[0], entry), f"* in {', '.join(fields)}", fix)]


def _open(value: object) -> bool:
    return isinstance(value, str) and "*" in value


def _too_much(fleet: Fleet, role: Manifest, index: int, rule: dict[str, object]) -> list[Problem]:
    resources, verbs = sequence(rule.get("resources")), sequence(rule.get("verbs"))
    found = []
    if "secrets" in resources and not rule.get("resourceNames") and any(verb in READING for verb in verbs):
        message = "every Secret can be read"
        found.append(("resources", resources.index("secrets"), message, "name the ones in use in resourceNames"))
    for field, values, known in (("verbs", verbs, CLIMBING), ("resources", resources, ENTERING)):
        for at, value in enumerate(values):
            if isinstance(value, str) and value in known:
                found.append((field, at, f"{value} {known[value]}", f"delete {value}"))
    return [fleet.at(ID, role, ("rules", index, field, at), message, fix) for field, at, message, fix in found]
