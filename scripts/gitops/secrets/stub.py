"""The files of a cluster's sealed/ with a stub for every key that has none. Pure, but for reading them."""

from collections.abc import Mapping

from gitops import rollout, sealed_files, sealing
from gitops.errors import GitopsError
from gitops.recipes import Recipe
from gitops.sealing import Name
from gitops.secrets.view import View


def texts(view: View, also: list[Recipe], changed: Mapping[Name, str] | None = None) -> dict[str, str]:
    """path -> text of every file of sealed/ that needed keys and those of `also` are in, and of what restarts with
    them, changed or not. `changed`: the Secrets that get new values now, and the time."""
    folder = view.repository.sealed_folder(view.cluster.name)
    wanted = sealing.needed(view.build, view.table)
    for recipe in also:
        keys = wanted.setdefault((recipe.namespace, recipe.secret), [])
        keys += [] if recipe.key in keys else [recipe.key]
    found: dict[str, str] = {}
    for (namespace, secret), keys in wanted.items():
        if "/" in secret:
            raise GitopsError(f"{view.build.folder}: a pod names the Secret {secret!r}, which is no name; correct it")
        recipes = [view.recipe(f"{secret}/{key}") for key in keys]
        stubs = {recipe.key: recipe.text for recipe in recipes}
        path = view.path(recipes[0]) if recipes else f"{folder}/{secret}.yaml"
        text = view.text(path)
        if text is None:
            found[path] = sealed_files.stub(namespace, secret, sealing.component(view.table, secret), stubs)
        else:
            found[path] = sealed_files.with_keys(path, text, stubs)
    listing = f"{folder}/kustomization.yaml"
    names = [path.removeprefix(f"{folder}/") for path in found]
    found[listing] = sealed_files.with_resources(view.text(listing), names)
    return found | _restarts(view, rollout.changed(view.build) | dict(changed or {}))


def _restarts(view: View, changed: Mapping[Name, str]) -> dict[str, str]:
    """The Component that restarts what uses these Secrets, and the cluster's list with it."""
    folder = view.repository.build_folder(view.cluster.name, "workload")
    path, leaf = view.repository.rollout_file(view.cluster.name), f"{folder}/kustomization.yaml"
    entry = path.removeprefix(f"{folder}/").removesuffix("/kustomization.yaml")
    listed = rollout.listed(leaf, view.text(leaf) or "", entry, bool(changed))
    return {leaf: listed} | ({path: rollout.component(view.build, changed)} if changed else {})


def changes(view: View) -> dict[str, str]:
    """path -> new text of every file that lacks something."""
    return {path: text for path, text in texts(view, []).items() if text != view.text(path)}
