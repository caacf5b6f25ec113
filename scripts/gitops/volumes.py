"""Volumes of pods: the claims they use, the files they hold, and the classes a cluster has. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gitops.fleet import Fleet
from gitops.manifests import Build, Manifest, dig, mapping, sequence
from gitops.references import Path, Use, keys

POLICY = "storage-classes.yaml"
CLAIM = "PersistentVolumeClaim"


@dataclass(frozen=True)
class Template:
    """A claim that is made for a pod: of a StatefulSet (one for each replica) or of an ephemeral volume."""

    manifest: Manifest
    name: str
    path: Path  # of its spec

    def makes(self, namespace: str, claim: str) -> bool:
        """Is that the name of one of its claims?"""
        pattern = rf"{re.escape(self.name)}-{re.escape(self.manifest.name)}-\d+"
        return namespace == self.manifest.namespace and bool(re.fullmatch(pattern, claim))


def templates(build: Build) -> Iterator[Template]:
    """The claim templates of StatefulSets."""
    for manifest in build.of_kind("StatefulSet"):
        for index, template in enumerate(sequence(manifest.get("spec", "volumeClaimTemplates"))):
            name = str(dig(template, "metadata", "name") or "")
            yield Template(manifest, name, ("spec", "volumeClaimTemplates", index, "spec"))


def volumes(manifest: Manifest) -> Iterator[tuple[str, dict[str, object], Path]]:
    """(name, volume, path) of the volumes of the object's pods."""
    for index, volume in enumerate(map(mapping, sequence(manifest.pod.get("volumes")))):
        yield str(volume.get("name") or ""), volume, (*(manifest.pod_path or ()), "spec", "volumes", index)


def claims_in_use(build: Build, rule: str) -> Iterator[Use]:
    """Every use of a claim by a pod."""
    for manifest in build.with_pods():
        for _, volume, path in volumes(manifest):
            name = dig(volume, "persistentVolumeClaim", "claimName")
            if isinstance(name, str):
                where = (*path, "persistentVolumeClaim", "claimName")
                yield Use(rule, manifest, CLAIM, manifest.namespace, name, where)


def classes_in_use(build: Build, rule: str) -> Iterator[Use]:
    """Every StorageClass that a claim names; "" asks for none, no field for the default, CLUSTER_* is not wired yet."""
    places: list[tuple[Manifest, Path]] = [(claim, ("spec",)) for claim in build.of_kind(CLAIM)]
    places += [(template.manifest, template.path) for template in templates(build)]
    for manifest in build.with_pods():
        found = ((*path, "ephemeral", "volumeClaimTemplate", "spec") for _, _, path in volumes(manifest))
        places += [(manifest, path) for path in found]
    for manifest, path in places:
        name = manifest.get(*path, "storageClassName")
        if isinstance(name, str) and not name.startswith("CLUSTER_"):
            yield Use(rule, manifest, "StorageClass", "", name, (*path, "storageClassName"))


def declared_classes(fleet: Fleet, build: Build) -> set[tuple[str, str]]:
    """The classes of policies/storage-classes.yaml that the build's platform has without us."""
    cluster = fleet.cluster(build)
    entries = map(mapping, sequence(fleet.table(POLICY).get("classes")))
    here = (e for e in entries if cluster is None or e.get("provider") in (None, cluster.provider))
    return {("StorageClass", str(entry.get("name"))) for entry in here}


def files(build: Build, manifest: Manifest, volume: dict[str, object]) -> set[str] | None:
    """The files in a volume as paths, None when they cannot be known."""
    if "projected" in volume:
        found = [_files(build, manifest, mapping(s)) for s in sequence(dig(volume, "projected", "sources"))]
        known = [held for held in found if held is not None]
        return {path for held in known for path in held} if len(known) == len(found) else None
    return _files(build, manifest, volume)


def _files(build: Build, manifest: Manifest, source: dict[str, object]) -> set[str] | None:
    for field in ("configMap", "secret", "downwardAPI"):
        if items := sequence(dig(source, field, "items")):
            return {str(dig(item, "path")).strip("/") for item in items}
    if isinstance(source.get("serviceAccountToken"), dict):
        return {str(dig(source, "serviceAccountToken", "path")).strip("/")}
    config = build.find("ConfigMap", manifest.namespace, str(dig(source, "configMap", "name")))
    if config:
        return keys(config, "data", "binaryData")
    secret = mapping(source.get("secret"))
    sealed = build.find("SealedSecret", manifest.namespace, str(secret.get("secretName", secret.get("name"))))
    if sealed:
        held = (sealed.get("spec", "encryptedData"), sealed.get("spec", "template", "data"))
        return {str(key) for entry in held for key in mapping(entry)}
    return None
