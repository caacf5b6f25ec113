"""The images of an environment as values of the chart. Pure."""

from typing import Any

from gitops import facts
from gitops.errors import GitopsError
from gitops.manifests import mapping, sequence


def values(defaults: dict[str, Any], versions: dict[str, Any], registry: str) -> dict[str, Any]:
    """Repository, tag and digest of every image of the chart, in the shape of its values.

    `defaults` is values.yaml, `versions` the environment's versions file, `registry` the fleet's, for PyBase's own
    images. An image of the chart is a mapping with a `repository`, and known by the last word of that. Raises
    GitopsError for one that the environment does not list.
    """
    listed = (mapping(entry) for entry in sequence(versions.get("images")))
    known = {_last(entry.get("newName")): entry for entry in listed}
    return _below(defaults, {name: _image(entry, registry) for name, entry in known.items()}, "")


def _below(values: dict[str, Any], known: dict[str, dict[str, str]], path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict) and value.get("repository"):
            name = _last(value["repository"])
            if name not in known:
                raise GitopsError(f"values.yaml: {path}{key}: environments/production/versions lists no image {name}")
            found[key] = known[name]
        elif isinstance(value, dict) and (below := _below(value, known, f"{path}{key}.")):
            found[key] = below
    return found


def _image(entry: dict[str, Any], registry: str) -> dict[str, str]:
    name = facts.PLACEHOLDER.sub(registry, str(entry.get("newName", "")))
    return {"repository": name, "tag": str(entry.get("newTag", "")), "digest": str(entry.get("digest", ""))}


def _last(name: Any) -> str:
    return str(name).rpartition("/")[2]
