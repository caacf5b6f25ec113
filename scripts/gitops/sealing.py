"""The SealedSecrets that a build needs and has: which keys, which of them are sealed, and with what. Pure.

A key that is not sealed yet has the value STUB; `gitops validate` counts it as missing once the cluster is live. Beside
the ciphertext, in annotations, stands with which certificate it was made.
"""

from dataclasses import dataclass
from typing import Any

from gitops.environment import secret_uses
from gitops.manifests import Build, Manifest, mapping
from gitops.recipes import Table, keys

STUB = "STUB"
SEALED_WITH = "pybase.dev/sealed-with"  # the fingerprint of the certificate, as certificates.Certificate has it
Name = tuple[str, str]  # namespace and name of a Secret


@dataclass(frozen=True)
class Sealed:
    """A SealedSecret of a build; `data` are its keys with what they hold."""

    manifest: Manifest

    @property
    def data(self) -> dict[str, Any]:
        return mapping(self.manifest.get("spec", "encryptedData"))

    @property
    def values(self) -> set[str]:
        """The keys that are sealed."""
        return {key for key, value in self.data.items() if isinstance(value, str) and not is_stub(value)}

    @property
    def fingerprint(self) -> str:
        """What is recorded, "" for nothing."""
        return str(self.manifest.annotations.get(SEALED_WITH) or "")


def is_stub(value: Any) -> bool:
    return not value or value == STUB


def sealed(build: Build) -> dict[Name, Sealed]:
    return {(manifest.namespace, manifest.name): Sealed(manifest) for manifest in build.of_kind("SealedSecret")}


def needed(build: Build, table: Table) -> dict[Name, list[str]]:
    """(namespace, Secret) -> the keys its pods cannot do without, in the order of the table, then of use."""
    found: dict[Name, list[str]] = {}
    for use in secret_uses(build):
        held = found.setdefault((use.manifest.namespace, use.name), []) if not use.optional else []
        held += [key for key in ([use.key] if use.key else keys(table, use.name)) if key not in held]
    order = list(mapping(table.get("secrets")))
    for (_, name), held in found.items():
        listed = list(keys(table, name))
        held.sort(key=lambda key: listed.index(key) if key in listed else len(listed))
    return dict(sorted(found.items(), key=lambda item: order.index(item[0][1]) if item[0][1] in order else len(order)))


def unused(build: Build) -> list[tuple[str, str]]:
    """(path, "Secret name" or "key") of what is sealed and no pod refers to, optional references included."""
    uses = list(secret_uses(build))
    found = []
    for (namespace, name), secret in sealed(build).items():
        mine = [use for use in uses if (use.manifest.namespace, use.name) == (namespace, name)]
        if not mine:
            found.append((secret.manifest.origin, f"Secret {name}"))
        elif all(use.key for use in mine):
            named = {use.key for use in mine}
            found += [(secret.manifest.origin, f"key {key}") for key in secret.data if key not in named]
    return found


def component(table: Table, secret: str) -> str:
    """The label app.kubernetes.io/component of a SealedSecret."""
    known = mapping(mapping(table.get("secrets")).get(secret))
    return str(known.get("component") or secret.removeprefix("pybase-").removesuffix("-secret"))
