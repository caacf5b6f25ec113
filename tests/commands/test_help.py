"""Every verb has help with an example."""

import pytest

from gitops import commands
from support import Gitops


@pytest.mark.parametrize("verb", commands.verbs())
def test_help_shows_an_example(verb: str, gitops: Gitops) -> None:
    answer = gitops(verb, "--help")
    assert answer.code == 0
    assert f"example: gitops {verb}" in answer.out


def test_help_lists_every_verb(gitops: Gitops) -> None:
    answer = gitops("--help")
    assert all(f"\n    {verb}" in answer.out for verb in commands.verbs())
