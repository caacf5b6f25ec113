"""What keeps a change from passing until its commits say that it is meant. Pure.

Declared by: `fleet:` at the start of a commit's subject (or of the title), for several environments at once; the
trailers `Deletes: Kind/namespace/name` and `Replaces: Kind/namespace/name`. `Deletes: clusters/NAME` stands for all
that a removed cluster had.
"""

from collections.abc import Iterable, Iterator, Mapping

from gitops.comparison import Comparison, broken
from gitops.review.places import Places
from gitops.risk import Flag

WIDE = "fleet:"


def faults(
    comparison: Comparison, risks: Iterable[tuple[Flag, Places]], changed: Mapping[str, Places]
) -> Iterator[str]:
    """A sentence for each reason; `changed`: environment -> its places whose render changes."""
    yield from broken(comparison, before=False)
    if len(changed) > 1 and not any(title.startswith(WIDE) for title in comparison.titles):
        several = ", ".join(f"{name} ({len(places)})" for name, places in sorted(changed.items()))
        yield (
            f"alters {len(changed)} environments: {several}; split the change, or begin a commit's subject "
            f"with `{WIDE}` if it is meant"
        )
    removed = {cluster.name for cluster in comparison.old.clusters} - {c.name for c in comparison.new.clusters}
    for name in sorted(removed):
        if f"clusters/{name}" not in comparison.deletes:
            yield f"removes cluster {name} and all it has; add the trailer `Deletes: clusters/{name}` if it is meant"
    for flag, places in risks:
        if flag.id == "deletion" and flag.subject and not set(places) <= removed:
            yield from _undeclared("Deletes", "deletes", flag, comparison.deletes)
        elif flag.id == "immutable-field" and flag.subject:
            yield from _undeclared("Replaces", "replaces", flag, comparison.replaces)


def _undeclared(trailer: str, what: str, flag: Flag, declared: Iterable[str]) -> Iterator[str]:
    if flag.subject not in declared:
        yield f"{what} {flag.subject}; add the trailer `{trailer}: {flag.subject}` to the commit if it is meant"
