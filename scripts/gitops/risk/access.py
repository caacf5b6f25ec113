"""Rights: RBAC, projects of Argo CD, and who may open a sealed secret."""

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

from gitops.difference import written
from gitops.dump import inline
from gitops.manifests import Manifest, mapping, sequence
from gitops.risk.case import HIGH, MEDIUM, Case, Flag

_ROLES, _BINDINGS = ("Role", "ClusterRole"), ("RoleBinding", "ClusterRoleBinding")
_STRONG = frozenset({"*", "secrets", "escalate", "bind", "impersonate", "pods/exec", "serviceaccounts/token"})
_SCOPES = ("strict", "namespace-wide", "cluster-wide")  # ever fewer bounds
SHOWN = 4


class Right(NamedTuple):
    """One verb on one resource; `name` "" is every object of it."""

    group: str
    resource: str
    name: str
    verb: str

    def __str__(self) -> str:
        return f"{self.verb} {self.resource or '*'}{f' {self.name}' if self.name else ''}"


def rbac_widened(case: Case) -> Iterator[Flag]:
    """New rights of a role, and new holders of one."""
    touched = any(found.either.kind in (*_ROLES, *_BINDINGS) for found in case.pair.objects)
    for new in case.new.of_kind(*_ROLES) if touched else ():
        old = case.old.find(new.kind, new.namespace, new.name)
        before = _rights(old) if old else []
        fresh = [right for right in _rights(new) if not any(_covers(known, right) for known in before)]
        if fresh and case.pair.old:
            yield _rights_flag(new, fresh)
    for new in case.new.of_kind(*_BINDINGS) if touched else ():
        old = case.old.find(new.kind, new.namespace, new.name)
        role = new.get("roleRef", "name")
        moved = old is not None and old.get("roleRef") != new.get("roleRef")
        held = _subjects(old) if old and not moved else set()
        if (added := sorted(_subjects(new) - held)) and case.pair.old:
            level = HIGH if role == "cluster-admin" else MEDIUM
            yield Flag(level, "rbac-widened", new.identity, f"{', '.join(added)} gets the rights of {role}")


def _rights_flag(role: Manifest, fresh: list[Right]) -> Flag:
    level = HIGH if any({right.resource, right.verb, right.group} & _STRONG for right in fresh) else MEDIUM
    more = f" and {len(fresh) - SHOWN} more" if len(fresh) > SHOWN else ""
    said = f"{', '.join(map(str, fresh[:SHOWN]))}{more}"
    return Flag(level, "rbac-widened", role.identity, f"grants more than before: {said}")


def _rights(role: Manifest | None) -> list[Right]:
    found = []
    for rule in map(mapping, sequence(role.get("rules") if role else None)):
        groups, resources = sequence(rule.get("apiGroups")), sequence(rule.get("resources"))
        names = [written(str(name)) for name in sequence(rule.get("resourceNames"))] or [""]
        paths = sequence(rule.get("nonResourceURLs"))
        for cells in product(groups, resources, names, sequence(rule.get("verbs"))):
            found.append(Right(*map(str, cells)))
        found += [Right("", str(path), "", str(verb)) for path in paths for verb in sequence(rule.get("verbs"))]
    return found


def _covers(known: Right, right: Right) -> bool:
    return (
        known.group in ("*", right.group)
        and known.resource in ("*", right.resource)
        and known.name in ("", right.name)
        and known.verb in ("*", right.verb)
    )


def _subjects(binding: Manifest | None) -> set[str]:
    subjects = map(mapping, sequence(binding.get("subjects") if binding else None))
    return {"/".join(str(s[key]) for key in ("kind", "namespace", "name") if s.get(key)) for s in subjects}


def project_widened(case: Case) -> Iterator[Flag]:
    """More sources, destinations or kinds for the Applications of a project."""
    fields = ("sourceRepos", "destinations", "clusterResourceWhitelist", "namespaceResourceWhitelist")
    for found, old, new in case.changed("AppProject"):
        for field in fields:
            before = [repr(entry) for entry in sequence(old.get("spec", field))]
            fresh = [entry for entry in sequence(new.get("spec", field)) if repr(entry) not in before]
            if fresh:
                level = HIGH if _anything(fresh) else MEDIUM
                said = f"{', '.join(map(inline, fresh[:SHOWN]))}{' ...' if len(fresh) > SHOWN else ''}"
                yield Flag(level, "project-widened", found.identity, f"its Applications may also use {field}: {said}")


def _anything(entries: list[Any]) -> bool:
    return any(entry == "*" or "*" in mapping(entry).values() for entry in entries)


def secret_scope(case: Case) -> Iterator[Flag]:
    """https://github.com/bitnami/sealed-secrets#scopes"""
    for found, old, new in case.changed("SealedSecret"):
        was, now = _scope(old), _scope(new)
        if _SCOPES.index(now) > _SCOPES.index(was):
            where = "anywhere in the cluster" if now == "cluster-wide" else "under any name in its namespace"
            text = f"scope goes from {was} to {now}: who may create a SealedSecret can open it {where}"
            yield Flag(HIGH, "secret-scope", found.identity, text)


def _scope(sealed: Manifest) -> str:
    said = (
        scope for scope in reversed(_SCOPES) if sealed.annotations.get(f"sealedsecrets.bitnami.com/{scope}") == "true"
    )
    return next(said, _SCOPES[0])
