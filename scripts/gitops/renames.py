"""References whose target is not there: said where they are written, or once where the target was renamed. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gitops.fleet import Fleet
from gitops.manifests import Manifest
from gitops.nodes import Key
from gitops.problems import Problem


@dataclass(frozen=True)
class Target:
    """A field that gives something its name or number, as references mean it."""

    manifest: Manifest
    path: tuple[Key, ...]
    value: str


@dataclass(frozen=True)
class Broken:
    """A reference to `wanted`, which is not there; `instead` is what was probably meant."""

    manifest: Manifest
    path: tuple[Key, ...]
    wanted: str
    message: str
    fix: str
    instead: Target | None = None
    sure: bool = False  # that one was renamed, though nothing else refers to it by the old name


def problems(fleet: Fleet, rule: str, broken: Iterable[Broken], used: Iterable[Target]) -> Iterator[Problem]:
    """Each broken reference; but when several agree on a name, and what is nearest to it is what nothing refers to,
    then that one was renamed, and is said instead."""
    found, kept = list(broken), {_key(target) for target in used}
    groups: dict[object, list[Broken]] = {}
    for reference in found:
        alone = reference.instead is None or _key(reference.instead) in kept
        key: object = (
            id(reference) if alone or reference.instead is None else (reference.wanted, _key(reference.instead))
        )
        groups.setdefault(key, []).append(reference)
    for group in groups.values():
        first = group[0]
        target = first.instead
        if target and first.sure and _key(target) not in kept:
            message = f"{target.value} is called {first.wanted} where it is used"
            yield fleet.at(rule, target.manifest, target.path, message, f"write {first.wanted}")
        elif target and len(group) > 1:
            users = sorted({f"{reference.manifest.kind}/{reference.manifest.name}" for reference in group})
            message = f"{target.value} is {first.wanted} for {', '.join(users)}"
            yield fleet.at(rule, target.manifest, target.path, message, f"write {first.wanted}")
        else:
            for reference in group:
                yield fleet.at(rule, reference.manifest, reference.path, reference.message, reference.fix)


def _key(target: Target) -> tuple[str, tuple[Key, ...]]:
    return target.manifest.identity, target.path
