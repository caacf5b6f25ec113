"""Steps of a verb that changes a cluster: a dry run prints their texts, the real run prints each and does it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gitops.progress import Say


@dataclass(frozen=True)
class Step:
    """`do` is not run in a dry run."""

    text: str
    do: Callable[[], object]


def lines(texts: Iterable[str]) -> list[str]:
    return [f"step {number}: {text}" for number, text in enumerate(texts, 1)]


def announce(text: str, say: Say) -> None:
    """Print a line for good, in place of the progress that stands there."""
    say("")
    print(text, flush=True)
