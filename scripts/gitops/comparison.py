"""Two revisions side by side: the builds that a change can reach, at both, and what its commits say of it. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from gitops import kustomizations, validation
from gitops.difference import Difference
from gitops.fleet import Fleet
from gitops.manifests import Build
from gitops.rules import rule

_FIRST = (validation.UNREADABLE, validation.BUILDS)  # the rules that say why a build fails


@dataclass(frozen=True)
class Pair:
    """A build at both revisions, None where it is not there. `place` is its cluster, else its folder."""

    place: str
    part: str
    environment: str
    old: Build | None
    new: Build | None
    objects: list[Difference] = field(default_factory=list)

    @property
    def folder(self) -> str:
        either = self.new or self.old
        return either.folder if either else ""

    @property
    def broken(self) -> bool:
        """Is there a side that does not build?"""
        return any(build and build.error for build in (self.old, self.new))


@dataclass(frozen=True)
class Comparison:
    """`base` and `head` in words; `pairs` of the builds that the change reaches; `changed` files, of those `unread`
    the ones that no build reads; `titles` of its commits, newest first; objects that its trailers say go or are
    replaced."""

    base: str
    head: str
    pairs: list[Pair]
    old: Fleet
    new: Fleet
    changed: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    deletes: frozenset[str] = frozenset()
    replaces: frozenset[str] = frozenset()


def broken(comparison: Comparison, *, before: bool = True) -> Iterator[str]:
    """A sentence for each mistake for which builds cannot be compared, as the validator says it; `before`: those of
    the base too."""
    yield from _broken(comparison.new, [pair.new for pair in comparison.pairs], "does not build")
    if before:
        mended = [pair.old for pair in comparison.pairs if not (pair.new and pair.new.error)]
        yield from _broken(comparison.old, mended, "did not build before")


def _broken(fleet: Fleet, builds: Iterable[Build | None], when: str) -> Iterator[str]:
    failed = [build for build in builds if build and build.error]
    known = {path for build in failed for path in kustomizations.reach(fleet.sources, build.folder)} if failed else ()
    problems = validation.validate(replace(fleet, builds=failed), [rule(name) for name in _FIRST]) if known else []
    said = [problem for problem in problems if problem.builds or problem.path in known]
    for found in said:
        yield f"{when}: {found.path}:{found.line}: {found.message}; {found.fix}"
    if not said:
        yield from (f"{when}: {build.folder}: {build.error}" for build in failed)
