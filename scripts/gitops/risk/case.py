"""What the functions of this package look at, and what they say. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from gitops.comparison import Comparison, Pair
from gitops.difference import Difference
from gitops.manifests import Build, Manifest

HIGH, MEDIUM, LOW = "high", "medium", "low"
Connection = tuple[str, str, str]  # source, target, port


@dataclass(frozen=True)
class Flag:
    """`id` is the kind of risk, `object` Kind/namespace/name, `message` a sentence: what happens, and what to do.
    `subject` is what a trailer must name when the change is to be declared, "" when it need not."""

    level: str
    id: str
    object: str
    message: str
    subject: str = ""


@dataclass(frozen=True)
class Case:
    """A build at both revisions; `gained` are the connections that become possible."""

    pair: Pair
    comparison: Comparison
    gained: frozenset[Connection] = frozenset()

    @property
    def old(self) -> Build:
        return self.pair.old or Build("")

    @property
    def new(self) -> Build:
        return self.pair.new or Build("")

    def changed(self, *kinds: str) -> Iterator[tuple[Difference, Manifest, Manifest]]:
        """The objects of these kinds (all when none is named) that are on both sides and differ."""
        for found in self.pair.objects:
            if found.old and found.new and (not kinds or found.new.kind in kinds):
                yield found, found.old, found.new

    def gone(self, *kinds: str) -> Iterator[Manifest]:
        """The objects of these kinds that are deleted."""
        for found in self.pair.objects:
            if found.old and not found.new and (not kinds or found.old.kind in kinds):
                yield found.old

    def come(self, *kinds: str) -> Iterator[Manifest]:
        """The objects of these kinds that are added."""
        for found in self.pair.objects:
            if found.new and not found.old and (not kinds or found.new.kind in kinds):
                yield found.new
