"""A mount, volume or claim refers to something that is not there, or a claim has one user too many or none.

Why: a pod whose ConfigMap, key or claim is missing never starts, and one whose claim has no class that exists waits for
ever. A subPath that is no key of its ConfigMap becomes an empty folder, in silence. A ReadWriteOnce claim of two
workloads keeps their pods on one node, or one of them Pending. A claim that nobody mounts is paid for. StorageClasses
are those that the build renders and those of policies/storage-classes.yaml. `optional: true` may be missing.

Fails:

    volumeMounts: [{name: dat, mountPath: /data}]
    volumes: [{name: data, persistentVolumeClaim: {claimName: pybase-redis}}]

Passes:

    volumeMounts: [{name: data, mountPath: /data}]
    volumes: [{name: data, persistentVolumeClaim: {claimName: pybase-redis}}]

Fix: add the source, or correct the name; give each workload its own claim.
Cannot see: objects that controllers make. Keys of Secrets are the business of secret-key-sealed.
Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
"""

from collections.abc import Iterator

from gitops import references, volumes
from gitops.fleet import Fleet
from gitops.layout import nearest
from gitops.manifests import Build, Container, Manifest, containers, dig, sequence
from gitops.problems import Problem
from gitops.references import Names, Use
from gitops.volumes import CLAIM

ID = "volume-source"
SEVERITY = "error"
CONTROLS = ("XR09", "XR13")
READS = ("render", "data")
DECLARE = "or declare the class in policies/storage-classes.yaml"
SHARED = {"ReadWriteMany", "ReadOnlyMany"}


def check(fleet: Fleet) -> Iterator[Problem]:
    unlisted = references.left_out(fleet)
    there = references.names(unlisted)
    for build in fleet.workloads():
        for manifest in build.with_pods():
            for container in containers(manifest):
                yield from _mounts(fleet, build, manifest, container)
            yield from _downward(fleet, manifest)
        yield from _configs(fleet, build, there)
        uses = list(volumes.claims_in_use(build, ID))
        made = {(CLAIM, u.name) for u in uses for t in volumes.templates(build) if t.makes(u.namespace, u.name)}
        yield from references.missing(fleet, ID, build, uses, {*there, *made})
        yield from _shared(fleet, build, uses)
        waiting = [*uses, *volumes.claims_in_use(Build("", objects=unlisted), ID)]
        yield from _unused(fleet, build, waiting)
        yield from _classes(fleet, build, there)


def _mounts(fleet: Fleet, build: Build, manifest: Manifest, container: Container) -> Iterator[Problem]:
    held = {name: volume for name, volume, _ in volumes.volumes(manifest)}
    made = {template.name for template in volumes.templates(build) if template.manifest is manifest}
    for field in ("volumeMounts", "volumeDevices"):
        for index, mount in enumerate(sequence(container.spec.get(field))):
            name, sub = dig(mount, "name"), dig(mount, "subPath")
            path = (*container.path, field, index)
            if isinstance(name, str) and name not in {*held, *made}:
                guess = nearest(name, {*held, *made})
                fix = f"correct the name{guess}" if guess else "add the volume, or delete the mount"
                yield fleet.at(ID, manifest, (*path, "name"), f"the pod has no volume {name}", fix)
            files = volumes.files(build, manifest, held.get(str(name), {}))
            if isinstance(sub, str) and files and not any(f"{f}/".startswith(f"{sub.strip('/')}/") for f in files):
                message, fix = f"subPath {sub} is no file of volume {name}", f"name one{nearest(sub, files, 0)}"
                yield fleet.at(ID, manifest, (*path, "subPath"), message, fix)


def _downward(fleet: Fleet, manifest: Manifest) -> Iterator[Problem]:
    """Containers that a downwardAPI volume names."""
    names = [container.name for container in containers(manifest)]
    for _, volume, path in volumes.volumes(manifest):
        for index, item in enumerate(sequence(dig(volume, "downwardAPI", "items"))):
            name = dig(item, "resourceFieldRef", "containerName")
            if isinstance(name, str) and name not in names:
                where = (*path, "downwardAPI", "items", index, "resourceFieldRef", "containerName")
                fix = f"correct the name{nearest(name, names, 0)}"
                yield fleet.at(ID, manifest, where, f"the pod has no container {name}", fix)


def _configs(fleet: Fleet, build: Build, there: Names) -> Iterator[Problem]:
    uses = list(references.in_volumes(build, ID))
    yield from references.missing(fleet, ID, build, [*references.in_env(build, "env-resolves"), *uses], there)
    for use in uses:
        config = build.find("ConfigMap", use.namespace, use.name)
        held = references.keys(config, "data", "binaryData") if config else set()
        if config and use.key and not use.optional and use.key not in held:
            message = f"key {use.key} is not in ConfigMap {references.plain(config)}"
            guess = nearest(use.key, held)
            fix = f"correct the key{guess}" if guess else "add it there, or correct the key"
            yield fleet.at(ID, use.manifest, use.key_path, message, fix)


def _shared(fleet: Fleet, build: Build, uses: list[Use]) -> Iterator[Problem]:
    """The workload that the claim was made for keeps it: its StatefulSet, or the one of the same component."""
    for name, namespace in sorted({(use.name, use.namespace) for use in uses}):
        claim = build.find(CLAIM, namespace, name)
        template = next((t for t in volumes.templates(build) if t.makes(namespace, name)), None)
        if claim is None and template is None:
            continue
        spec = claim.get("spec") if claim else template and template.manifest.get(*template.path)
        users = {u.manifest.identity: u for u in uses if (u.name, u.namespace) == (name, namespace)}
        modes = list(map(str, sequence(dig(spec, "accessModes"))))
        if SHARED.intersection(modes):
            continue
        owner = template.manifest if template else _owner(claim, [use.manifest for use in users.values()])
        for use in users.values():
            if use.manifest.identity != owner.identity:
                message = f"claim {name} is {' and '.join(modes)} and {owner.kind}/{owner.name} mounts it too"
                fix = "give it a claim of its own, or make the claim ReadWriteMany"
                yield fleet.at(ID, use.manifest, use.path, message, fix)


def _owner(claim: Manifest | None, users: list[Manifest]) -> Manifest:
    component = claim.labels.get("app.kubernetes.io/component") if claim else None
    order = sorted(users, key=lambda m: (m.labels.get("app.kubernetes.io/component") != component, m.identity))
    return order[0]


def _unused(fleet: Fleet, build: Build, uses: list[Use]) -> Iterator[Problem]:
    for claim in build.of_kind(CLAIM):
        mounted = any(use.name == claim.name for use in uses)
        copied = any(other.get("spec", "dataSource", "name") == claim.name for other in build.of_kind(CLAIM))
        made = any(template.makes(claim.namespace, claim.name) for template in volumes.templates(build))
        lost = {use.name for use in uses if not build.find(CLAIM, use.namespace, use.name)}
        if not (mounted or copied or made or nearest(claim.name, lost)):  # a misspelt use was said
            yield fleet.at(ID, claim, ("metadata", "name"), "no pod mounts this claim", "mount it, or delete it")


def _classes(fleet: Fleet, build: Build, there: Names) -> Iterator[Problem]:
    rendered = {manifest.name for manifest in build.of_kind("StorageClass")}
    rendered |= {name for kind, name in there if kind == "StorageClass"}
    known = rendered | volumes.declared_classes(fleet, build)
    for manifest, path, name in volumes.classes_in_use(build):
        if name not in known and not name.startswith("CLUSTER_"):  # no-placeholders
            message = f"StorageClass {name} is neither rendered nor declared for the platform"
            guess = nearest(name, rendered) or nearest(name, known)
            fix = f"correct the name{guess}" if guess else f"name {min(known, default='one')}, {DECLARE}"
            yield fleet.at(ID, manifest, path, message, fix)
