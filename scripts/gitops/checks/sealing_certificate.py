"""A value is not sealed with the certificate of its cluster, or that certificate is too old to seal with.

Why: only the controller whose key the certificate belongs to can open a value. Copied from another cluster, or sealed
before the cluster was built anew, it stays closed and its pods do not start. `gitops secrets seal` records beside the
ciphertext, in the annotation `pybase.dev/sealed-with`, with which certificate it was made. The controller renews its
key every 30 days; older keys still open what they sealed, but one that is in use for ever cannot be retired. How old a
certificate may be is `certificate_days` of policies/secrets.yaml.

Fails:

    metadata: {annotations: {pybase.dev/sealed-with: <fingerprint of another cluster's certificate>}}

Passes:

    metadata: {annotations: {pybase.dev/sealed-with: <fingerprint of facts/sealed-secrets.pem>}}

Fix: `gitops secrets rotate CLUSTER --context CONTEXT`, or seal the values again.
Cannot see: whether the cluster still has the key. Planned clusters have no certificate yet.
Source: https://github.com/bitnami/sealed-secrets#secret-rotation
"""

import base64
import datetime
from collections.abc import Iterator

from gitops import certificates, recipes
from gitops.certificates import Certificate
from gitops.errors import GitopsError
from gitops.fleet import Fleet
from gitops.layout import Cluster
from gitops.manifests import Build
from gitops.problems import Problem
from gitops.sealing import SEALED_WITH, Sealed, sealed

ID = "sealing-certificate"
SEVERITY = "error"
CONTROLS = ("SE05", "SE06")
READS = ("source",)


def check(fleet: Fleet) -> Iterator[Problem]:
    for cluster in fleet.clusters:
        path = fleet.repository.certificate_file(cluster.name)
        source = fleet.sources.get(path)
        if source is None or "PRIVATE KEY" in source.text:  # planned; credential-in-config
            continue
        builds = [build for build in fleet.workloads() if build.cluster == cluster.name]
        try:
            found = certificates.read(source.text, path)
        except GitopsError as error:
            message, _, fix = str(error).removeprefix(f"{path}: ").partition("; ")
            yield Problem(path, 1, ID, "", message, fix, builds=tuple(build.folder for build in builds))
            continue
        if wrong := _age(fleet, found):
            yield Problem(path, 1, ID, "", wrong, _renew(cluster), builds=tuple(build.folder for build in builds))
        for build in builds:
            for secret in sealed(build).values():
                yield from _secret(fleet, build, secret, found)


def _age(fleet: Fleet, found: Certificate) -> str:
    if found.end.date() < fleet.today:
        return f"the certificate expired on {found.end.date()}"
    if found.start.date() > fleet.today + datetime.timedelta(days=1):  # time zones
        return f"the certificate is not valid before {found.start.date()}"
    days, age = fleet.table(recipes.POLICY).get("certificate_days"), (fleet.today - found.start.date()).days
    return f"the certificate is {age} days old, more than {days}" if isinstance(days, int) and age > days else ""


def _secret(fleet: Fleet, build: Build, secret: Sealed, found: Certificate) -> Iterator[Problem]:
    again = f"run `gitops secrets rotate {build.cluster}`, or `gitops secrets seal {build.cluster} --all`"
    for key in sorted(secret.values):
        if not _ciphertext(str(secret.data[key]), found.bits // 8):
            path = ("spec", "encryptedData", key)
            message = f"key {key} holds no value that is sealed with a key of {found.bits} bits"
            yield fleet.at(ID, secret.manifest, path, message, "if it is a secret in plain text replace it; seal it")
            return
    if secret.values and secret.fingerprint != found.fingerprint:
        recorded = secret.manifest.annotations.get(SEALED_WITH)
        message = "sealed with another certificate than the cluster's" if recorded else f"has no {SEALED_WITH}"
        path = ("metadata", "annotations", SEALED_WITH)
        yield fleet.at(ID, secret.manifest, path if recorded else path[:1], message, again)


def _ciphertext(text: str, size: int) -> bool:
    """Two bytes with the length of the encrypted session key, that key, and AES-GCM with a tag of 16 bytes
    (pkg/crypto/crypto.go of sealed-secrets)."""
    try:
        body = base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return int.from_bytes(body[:2]) == size and len(body) >= 2 + size + 16


def _renew(cluster: Cluster) -> str:
    return f"run `gitops secrets rotate {cluster.name}` with its --context"
