"""A cluster's sealed values under its newest certificate, and what new values mean for its workloads."""

from collections.abc import Callable, Iterable, Iterator

from gitops import rollout, sealed_files
from gitops.cluster import Object
from gitops.manifests import mapping
from gitops.recipes import Recipe
from gitops.sealing import SEALED_WITH
from gitops.secrets.seal import Key
from gitops.secrets.view import View


def re_encrypted(view: View, key: Key, re_encrypt: Callable[[Object], Object]) -> dict[str, str]:
    """path -> text of every file whose values the controller puts under the key of the certificate, and of that."""
    texts = {key.path: key.certificate.pem} if key.new else {}
    for held in view.behind(key.certificate.fingerprint):
        path = held.manifest.origin
        spec = mapping(held.manifest.data.get("spec"))
        sealed = {**held.manifest.data, "spec": {**spec, "encryptedData": {k: held.data[k] for k in held.values}}}
        data = re_encrypt(sealed)["spec"]["encryptedData"]
        recorded = {SEALED_WITH: key.certificate.fingerprint}
        texts[path] = sealed_files.with_values(path, view.text(path) or "", data, recorded)
    return texts


def plan(view: View, recipes: Iterable[Recipe]) -> Iterator[str]:
    """What new values of these keys mean, a line each: what is made or asked for, what restarts, what people do."""
    chosen = list(recipes)
    yield from (f"new value: {recipe.name}: {recipe.text}" for recipe in chosen)
    secrets = dict.fromkeys((recipe.namespace, recipe.secret) for recipe in chosen)
    users = dict.fromkeys(user.identity for name in secrets for user in rollout.users(view.build, name))
    yield from (f"restarts: {identity}" for identity in users)
    yield from (f"by hand: {text}" for text in dict.fromkeys(part.then for r in chosen for part in r.parts) if text)
