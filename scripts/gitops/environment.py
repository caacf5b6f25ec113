"""The environment of a container as the kubelet makes it from env and envFrom, and the Secret keys it needs. Pure.

https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/#envvar-v1-core: later sources of envFrom win over
earlier ones, env wins over envFrom, $(NAME) is expanded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gitops.manifests import Build, Container, Manifest, containers, dig, mapping, sequence
from gitops.nodes import Key

Path = tuple[Key, ...]


@dataclass(frozen=True)
class Variable:
    """One variable: `value` is None where a reader of Git cannot see it; `owner` and `path` are the field behind it."""

    name: str
    value: str | None
    owner: Manifest
    path: Path
    optional: bool = False  # may be missing: its Secret or ConfigMap key is optional


def variables(build: Build, manifest: Manifest, container: Container) -> dict[str, Variable]:
    """The container's variables by name. What refers to nothing is left out, but for keys of Secrets."""
    found = {variable.name: variable for variable in whole(build, manifest, container)}
    for index, entry in enumerate(map(mapping, sequence(container.spec.get("env")))):
        variable = _single(build, manifest, entry, (*container.path, "env", index))
        if variable:
            found[variable.name] = variable
    return found


def whole(build: Build, manifest: Manifest, container: Container) -> Iterator[Variable]:
    """What envFrom brings, also where env goes before it."""
    for index, source in enumerate(map(mapping, sequence(container.spec.get("envFrom")))):
        prefix = str(source.get("prefix") or "")
        for variable in _whole(build, manifest, source, (*container.path, "envFrom", index)):
            yield replace(variable, name=prefix + variable.name)


def _whole(build: Build, manifest: Manifest, source: dict[str, object], path: Path) -> Iterator[Variable]:
    """Every key of a ConfigMap, or of the SealedSecret behind a Secret."""
    config = build.find("ConfigMap", manifest.namespace, str(dig(source, "configMapRef", "name")))
    for key, value in mapping(config.get("data") if config else None).items():
        if config:
            yield Variable(key, _seen(value), config, ("data", key))
    sealed = build.find("SealedSecret", manifest.namespace, str(dig(source, "secretRef", "name")))
    for key in mapping(sealed.get("spec", "encryptedData") if sealed else None):
        yield Variable(key, None, manifest, path)


def _single(build: Build, manifest: Manifest, entry: dict[str, object], path: Path) -> Variable | None:
    name, origin = str(entry.get("name")), mapping(entry.get("valueFrom"))
    if not origin:
        return Variable(name, _seen(entry.get("value", "")), manifest, path)
    if reference := mapping(origin.get("configMapKeyRef")):
        config, key = build.find("ConfigMap", manifest.namespace, str(reference.get("name"))), str(reference.get("key"))
        if config is None or key not in mapping(config.get("data")):
            return None
        return Variable(name, _seen(config.get("data", key)), config, ("data", key))
    return Variable(name, None, manifest, path, dig(origin, "secretKeyRef", "optional") is True)


def _seen(value: object) -> str | None:
    """The text; None for what the kubelet expands or the schema refuses."""
    return value if isinstance(value, str) and "$(" not in value else None


@dataclass(frozen=True)
class SecretUse:
    """A Secret that an object's pods use: one key, or all of it when `key` is ""."""

    manifest: Manifest
    name: str
    key: str
    path: Path
    optional: bool


def secret_uses(build: Build) -> Iterator[SecretUse]:
    """Every use of a Secret by pods, Jobs' too, in env, envFrom and volumes."""
    for manifest in build.with_pods():
        for container in containers(manifest):
            for field, where in (("env", ("valueFrom", "secretKeyRef")), ("envFrom", ("secretRef",))):
                for index, entry in enumerate(sequence(container.spec.get(field))):
                    reference = mapping(dig(entry, *where))
                    if reference:
                        key = str(reference.get("key")) if field == "env" else ""
                        path = (*container.path, field, index, *where)
                        yield SecretUse(manifest, str(reference.get("name")), key, path, _optional(reference))
        base: Path = (*(manifest.pod_path or ()), "spec", "volumes")
        for index, volume in enumerate(map(mapping, sequence(manifest.pod.get("volumes")))):
            yield from _in_volume(manifest, mapping(volume.get("secret")), "secretName", (*base, index, "secret"))
            for at, source in enumerate(sequence(dig(volume, "projected", "sources"))):
                where_projected = (*base, index, "projected", "sources", at, "secret")
                yield from _in_volume(manifest, mapping(mapping(source).get("secret")), "name", where_projected)


def _in_volume(manifest: Manifest, secret: dict[str, object], field: str, path: Path) -> Iterator[SecretUse]:
    name, items = str(secret.get(field)), sequence(secret.get("items"))
    if secret and not items:
        yield SecretUse(manifest, name, "", path, _optional(secret))
    for index, item in enumerate(items):
        yield SecretUse(manifest, name, str(dig(item, "key")), (*path, "items", index, "key"), _optional(secret))


def _optional(reference: dict[str, object]) -> bool:
    return reference.get("optional") is True
