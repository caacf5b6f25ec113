"""Two revisions side by side: the builds that a change can reach, at both, and what its commits say of it. Pure."""

from dataclasses import dataclass, field

from gitops.difference import Difference
from gitops.fleet import Fleet
from gitops.manifests import Build


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
    def broken(self) -> str:
        """Why the two cannot be compared, "" when they can."""
        for build, when in ((self.new, "does not build"), (self.old, "did not build before")):
            if build and build.error:
                return f"{build.folder}: {when}: {build.error}"
        return ""


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
