"""A RoleBinding or ClusterRoleBinding names a role or subject that is not there, or one of another namespace.

Why: the API server takes a binding to nothing without a word: the workload is refused at run time, and whoever makes
an object of that name later gets the rights. Known without being rendered: the roles and groups of Kubernetes itself
(cluster-admin, admin, edit, view, system:*). Users and other groups are outside.

Fails:

    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: pybase-workers}

Passes:

    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: pybase-worker}

Fix: name the existing role, subject and namespace.
Cannot see: roles and accounts that charts make.
Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding
"""

from collections.abc import Iterator

from gitops import accounts, references
from gitops.fleet import Fleet
from gitops.layout import nearest
from gitops.manifests import Build, Manifest
from gitops.problems import Problem
from gitops.references import Use

ID = "binding-subjects"
SEVERITY = "error"
CONTROLS = ("ID10",)
READS = ("render",)

SUBJECTS = (accounts.KIND, "User", "Group")
ROLES = ("Role", "ClusterRole")
BUILT_IN = ("cluster-admin", "admin", "edit", "view")  # beside system:*


def check(fleet: Fleet) -> Iterator[Problem]:
    there = references.names(references.left_out(fleet)) | {("ClusterRole", name) for name in BUILT_IN}
    for build in fleet.builds:
        uses = [use for m in build.of_kind(*accounts.BINDINGS) for use in _role(m)]
        for kind in ROLES:
            roles = [use for use in uses if use.kind == kind]
            yield from references.missing(fleet, ID, build, roles, there)
        named = [*accounts.workload_uses(build, "service-account"), *accounts.subject_uses(build, ID)]
        yield from references.missing(fleet, ID, build, named, there)
        for binding in build.of_kind(*accounts.BINDINGS):
            yield from _kinds(fleet, binding)
        for binding, index, subject in accounts.subjects(build):
            yield from _subject(fleet, build, binding, index, subject)


def _role(binding: Manifest) -> Iterator[Use]:
    kind, name = binding.get("roleRef", "kind"), str(binding.get("roleRef", "name") or "")
    if kind == "ClusterRole" and not name.startswith("system:"):
        yield Use(ID, binding, kind, "", name, ("roleRef", "name"))
    elif kind == "Role" and binding.kind == "RoleBinding":
        yield Use(ID, binding, kind, binding.namespace, name, ("roleRef", "name"))


def _kinds(fleet: Fleet, binding: Manifest) -> Iterator[Problem]:
    kind = binding.get("roleRef", "kind")
    fits = ROLES if binding.kind == "RoleBinding" else ROLES[1:]
    if isinstance(kind, str) and kind not in fits:
        message = f"{binding.kind} cannot give a {kind}"
        yield fleet.at(ID, binding, ("roleRef", "kind"), message, f"correct the kind{nearest(kind, fits, 0)}")


def _subject(
    fleet: Fleet, build: Build, binding: Manifest, index: int, subject: dict[str, object]
) -> Iterator[Problem]:
    kind, namespace = subject.get("kind"), subject.get("namespace")
    if isinstance(kind, str) and kind not in SUBJECTS:
        fix = f"correct the kind{nearest(kind, SUBJECTS, 0)}"
        yield fleet.at(ID, binding, ("subjects", index, "kind"), f"{kind} is no kind of subject", fix)
    if kind != accounts.KIND:
        return
    known = accounts.namespaces(build, binding)
    path = ("subjects", index, "namespace")
    home = [m.namespace for m in build.of_kind(accounts.KIND) if m.name == subject.get("name")]
    right = min([space for space in home if space in known] or known, default="")
    if namespace is None:
        yield fleet.at(ID, binding, path, "a ServiceAccount without a namespace", f"write namespace: {right}")
    elif isinstance(namespace, str) and namespace not in known:
        message = f"namespace {namespace} of {subject.get('name')} is not the one of the build"
        yield fleet.at(ID, binding, path, message, f"write namespace: {right}")
