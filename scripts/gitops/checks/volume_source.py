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
from dataclasses import replace

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
DECLARE = "declare the class in policies/storage-classes.yaml"
COMPONENT = "app.kubernetes.io/component"
SHARED = {"ReadWriteMany", "ReadOnlyMany"}


def check(fleet: Fleet) -> Iterator[Problem]:
    unlisted = references.left_out(fleet)
    there = references.names(unlisted)
    claims: list[Problem] = []
    for build in fleet.workloads():
        for manifest in build.with_pods():
            for container in containers(manifest):
                yield from _mounts(fleet, build, manifest, container)
            yield from _downward(fleet, manifest)
        yield from _configs(fleet, build, there)
        claims += _claims(fleet, build, unlisted)
        known = {*there, *volumes.declared_classes(fleet, build)}
        yield from references.missing(fleet, ID, build, list(volumes.classes_in_use(build, ID)), known, DECLARE)
    yield from _one_a_line(claims)


def _one_a_line(problems: list[Problem]) -> Iterator[Problem]:
    """A claim of somebody else is missing in one build and shared in another. Said is where the right one is known."""
    best: dict[tuple[str, int], Problem] = {}
    for problem in problems:
        key = problem.path, problem.line
        best[key] = problem if problem.fix.startswith("write ") else best.get(key, problem)
    yield from (replace(best[problem.path, problem.line], builds=problem.builds) for problem in problems)


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


def _claims(fleet: Fleet, build: Build, unlisted: list[Manifest]) -> Iterator[Problem]:
    uses = list(volumes.claims_in_use(build, ID))
    made = {(CLAIM, u.name) for u in uses for t in volumes.templates(build) if t.makes(u.namespace, u.name)}
    yield from references.missing(fleet, ID, build, uses, {*references.names(unlisted), *made})
    waiting = [*uses, *volumes.claims_in_use(Build("", objects=unlisted), ID)]
    unused = list(_unused(build, waiting))
    strays = [use.manifest for use in uses if not build.find(CLAIM, use.namespace, use.name)]
    for use, owner, modes in _shared(build, uses):
        claim = build.find(CLAIM, use.namespace, use.name)
        if claim and not _related(claim, owner):
            message = f"is {' and '.join(modes)}, and {use.manifest.name} mounts it beside {owner.name}"
            yield fleet.at(ID, claim, ("spec", "accessModes"), message, "write ReadWriteMany")
            continue
        own = next((free.name for free in unused if _related(free, use.manifest)), "")
        strays.append(use.manifest)
        message = f"claim {use.name} is {' and '.join(modes)} and {owner.kind}/{owner.name} mounts it too"
        fix = f"write claimName: {own}" if own else "give it a claim of its own"
        yield fleet.at(ID, use.manifest, use.path, message, fix)
    lost = {use.name for use in uses if not build.find(CLAIM, use.namespace, use.name)}
    for claim in unused:
        if not references.closest(claim.name, lost) and not any(_related(claim, stray) for stray in strays):
            yield fleet.at(ID, claim, ("metadata", "name"), "no pod mounts this claim", "mount it, or delete it")


def _related(claim: Manifest, workload: Manifest) -> bool:
    component = claim.labels.get(COMPONENT)
    return claim.name == workload.name or (component is not None and component == workload.labels.get(COMPONENT))


def _shared(build: Build, uses: list[Use]) -> Iterator[tuple[Use, Manifest, list[str]]]:
    """(use, who else, access modes) of each claim that one workload should have for itself. Its owner is the
    StatefulSet that it is made for, or the workload of its component."""
    for name, namespace in sorted({(use.name, use.namespace) for use in uses}):
        claim = build.find(CLAIM, namespace, name)
        template = next((t for t in volumes.templates(build) if t.makes(namespace, name)), None)
        users = {u.manifest.identity: u for u in uses if (u.name, u.namespace) == (name, namespace)}
        if claim:
            order = sorted(users.values(), key=lambda use: (not _related(claim, use.manifest), use.manifest.identity))
            spec, owner = claim.get("spec"), order[0].manifest
        elif template:
            spec, owner = template.manifest.get(*template.path), template.manifest
        else:
            continue
        modes = list(map(str, sequence(dig(spec, "accessModes"))))
        if not SHARED.intersection(modes):
            others = (use for use in users.values() if use.manifest.identity != owner.identity)
            yield from ((use, owner, modes) for use in others)


def _unused(build: Build, uses: list[Use]) -> Iterator[Manifest]:
    copied = {str(claim.get("spec", "dataSource", "name")) for claim in build.of_kind(CLAIM)}
    mounted = {use.name for use in uses}
    for claim in build.of_kind(CLAIM):
        made = any(template.makes(claim.namespace, claim.name) for template in volumes.templates(build))
        if claim.name not in mounted | copied and not made:
            yield claim
