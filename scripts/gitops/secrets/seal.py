"""Seal values for one cluster with its certificate, all files in one step."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gitops import certificates, exchange, kubeseal, sealed_files
from gitops.certificates import Certificate
from gitops.errors import GitopsError
from gitops.recipes import Recipe
from gitops.rollout import CHANGED
from gitops.sealing import SEALED_WITH
from gitops.secrets import stub
from gitops.secrets.view import View


@dataclass(frozen=True)
class Key:
    """The certificate to seal with, the file it belongs in, and whether it has to be written there."""

    certificate: Certificate
    path: str
    new: bool


def key(view: View, fetched: str | None) -> Key:
    """The committed certificate, or one that was `fetched`; GitopsError when nothing may be sealed with it now."""
    path = view.repository.certificate_file(view.cluster.name)
    there = view.text(path)
    text = there if fetched is None else fetched
    if text is None:
        raise GitopsError(f"{path}: is not there; add --fetch-cert with the cluster's --context, or commit it")
    found = certificates.read(text, path)
    if found.end < datetime.datetime.now(datetime.UTC):
        raise GitopsError(f"{path}: expired on {found.end.date()}; add --fetch-cert, which takes the present one")
    return Key(found, path, new=fetched is not None and found.pem != there)


def write(view: View, key: Key, values: Mapping[str, tuple[Recipe, str]]) -> list[str]:
    """Seal and write; the paths that changed. `values`: secret/key -> its recipe and value."""
    recipes = [recipe for recipe, _ in values.values()]
    _one_certificate(view, key, recipes)
    when = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    changed = {(recipe.namespace, recipe.secret): when for recipe in recipes}
    texts = stub.texts(view, recipes, changed)
    recorded = {SEALED_WITH: key.certificate.fingerprint, CHANGED: when}
    for namespace, secret in changed:
        mine = {recipe.key: value for recipe, value in values.values() if recipe.secret == secret}
        path = view.path(view.recipe(f"{secret}/{next(iter(mine))}"))
        data = sealed(namespace, secret, mine, key.certificate.pem)
        texts[path] = sealed_files.with_values(path, texts[path], data, recorded)
    if key.new:
        texts[key.path] = key.certificate.pem
    return commit(view, texts)


def commit(view: View, texts: Mapping[str, str]) -> list[str]:
    """Write what differs, in one step; the paths."""
    old = {path: view.text(path) for path in texts}
    new = {path: text for path, text in texts.items() if text != old[path]}
    if new:
        exchange.write(view.repository, view.cluster.name, {path: old[path] for path in new}, new)
    return list(new)


def sealed(namespace: str, secret: str, values: Mapping[str, str], certificate: str) -> dict[str, str]:
    """Ciphertext by key."""
    metadata = {"name": secret, "namespace": namespace}
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": dict(values)}
    data: dict[str, str] = kubeseal.seal(body, certificate)["spec"]["encryptedData"]
    return data


def _one_certificate(view: View, key: Key, recipes: Iterable[Recipe]) -> None:
    """One certificate is recorded for all values of a file, and one is the cluster's: what stays has to be its."""
    chosen = {(recipe.namespace, recipe.secret, recipe.key) for recipe in recipes}
    for held in view.behind(key.certificate.fingerprint):
        name = held.manifest.namespace, held.manifest.name
        stays = sorted(held.values - {k for *where, k in chosen if tuple(where) == name})
        if stays and (key.new or any(tuple(where) == name for *where, _ in chosen)):
            raise GitopsError(
                f"{held.manifest.origin}: {', '.join(stays)} stays sealed with another certificate; "
                f"run `gitops secrets rotate {view.cluster.name}` first, or seal everything again with --all"
            )
