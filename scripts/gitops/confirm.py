"""Questions before a change. Without a terminal nothing is asked, and an option has to say yes."""

import sys

from gitops.errors import GitopsError


def typed(word: str, question: str, given: bool) -> bool:
    """Did the person type this word? `given`: an option said yes already."""
    if given:
        return True
    if not sys.stdin.isatty():
        raise GitopsError("no terminal to ask on; add --yes to do it, or --dry-run to see it only")
    print(f"{question}: type {word} to go on: ", end="", flush=True)
    return sys.stdin.readline().strip() == word
