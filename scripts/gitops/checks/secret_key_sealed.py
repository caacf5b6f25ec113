"""A pod needs a Secret, or a key of one, that no SealedSecret of its cluster supplies.

Why: the controller makes exactly the Secrets that are sealed for the cluster. A pod whose Secret or key is missing
stays in CreateContainerConfigError, or its volume never mounts. Read are env, envFrom and volumes of all pods, those of
Jobs too; references with `optional: true` may be missing. A planned cluster may still lack a key, not misspell one.

Fails:

    env: [{name: SECRET_KEY, valueFrom: {secretKeyRef: {name: pybase-api-secret, key: secretkey}}}]

Passes:

    env: [{name: SECRET_KEY, valueFrom: {secretKeyRef: {name: pybase-api-secret, key: secret-key}}}]

Fix: correct the name; for a new key run `gitops secrets stub CLUSTER`, then seal its value.
Cannot see: whether the sealed value can be decrypted, and Secrets that controllers make (certificates).
Source: https://kubernetes.io/docs/concepts/configuration/secret/#optional-secrets
"""

from collections.abc import Iterator
from dataclasses import replace

from gitops.environment import SecretUse, secret_uses
from gitops.fleet import Fleet
from gitops.layout import closest, nearest
from gitops.manifests import Build, Manifest, mapping
from gitops.problems import Problem

ID = "secret-key-sealed"
SEVERITY = "error"
CONTROLS = ("XR08",)
READS = ("render", "source")


def check(fleet: Fleet) -> Iterator[Problem]:
    for build in fleet.workloads():
        sealed = {(m.namespace, m.name): m for m in build.of_kind("SealedSecret")}
        uses = list(secret_uses(build))
        for use in uses:
            problem = None if use.optional else _secret(fleet, build, use, uses, sealed)
            if problem:  # what is misspelt is a mistake at once
                yield replace(problem, pending=fleet.planned(build) and problem.fix == _stub(build))


def _secret(
    fleet: Fleet, build: Build, use: SecretUse, uses: list[SecretUse], sealed: dict[tuple[str, str], Manifest]
) -> Problem | None:
    found = sealed.get((use.manifest.namespace, use.name))
    if found is not None:
        return _key(fleet, build, use, uses, found)
    used = {(other.manifest.namespace, other.name) for other in uses}
    for (namespace, name), secret in sealed.items():
        if name == use.name:
            message = f"sealed for namespace {namespace}, and its pods are in {use.manifest.namespace}"
            fix = f"seal it again for namespace {use.manifest.namespace}"
            return fleet.at(ID, secret, ("metadata", "namespace"), message, fix)
    names = {name for namespace, name in sealed if namespace == use.manifest.namespace}
    unused = {name for name in names if (use.manifest.namespace, name) not in used}
    meant = closest(use.name, unused)
    if meant and sum(other.name == use.name for other in uses) > 1:  # one file against several pods
        message = f"no pod uses Secret {meant}, and {use.name} is not sealed"
        secret = sealed[use.manifest.namespace, meant]
        return fleet.at(ID, secret, ("metadata", "name"), message, f"seal it again under the name {use.name}")
    if guess := nearest(use.name, unused) or nearest(use.name, names, 0.85):
        message = f"Secret {use.name} is not sealed for this cluster{guess}"
        return fleet.at(ID, use.manifest, use.path, message, "correct the name of the Secret")
    path = f"{fleet.repository.sealed_folder(build.cluster)}/kustomization.yaml"
    return Problem(path, 1, ID, "", f"Secret {use.name} is used and not sealed", _stub(build), builds=(build.folder,))


def _key(fleet: Fleet, build: Build, use: SecretUse, uses: list[SecretUse], sealed: Manifest) -> Problem | None:
    keys = mapping(sealed.get("spec", "encryptedData"))
    if not use.key or use.key in keys:
        return None
    used = {other.key for other in uses if other.name == use.name}
    if guess := nearest(use.key, keys.keys() - used) or nearest(use.key, keys, 0.9):
        message = f"key {use.key} of {use.name} is not sealed for this cluster{guess}"
        return fleet.at(ID, use.manifest, use.path, message, "correct the key")
    return fleet.at(ID, sealed, ("spec", "encryptedData"), f"key {use.key} is used and not sealed", _stub(build))


def _stub(build: Build) -> str:
    return f"run `gitops secrets stub {build.cluster}`, then seal the value"
