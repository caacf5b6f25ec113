"""A review in its forms: nothing of a manifest is taken for markup, nothing is too long, no secret is shown."""

import json
import re
from typing import Any

import pytest

from gitops.difference import CHANGED
from gitops.fields import ABSENT, Change
from gitops.review import data, markdown, text
from gitops.review.hunks import Hunk
from gitops.risk import HIGH, LOW, Flag
from reviews import evil, hunk, review


def bare(comment: str) -> str:
    """What of a comment is read as Markdown: without fenced blocks and code spans."""
    without = re.sub(r"^(`{3,})diff\n.*?^\1$", "", comment, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)", "", without)


def test_no_word_of_a_manifest_is_markup_in_a_comment() -> None:
    read = bare(markdown.markdown(evil()))
    assert "<img" not in read and "](https://" not in read and "@everyone" not in read and "https://evil" not in read
    assert set(re.findall(r"<(\w+)", read)) <= {"details", "summary", "i"}


@pytest.mark.parametrize("shown", [text.text, markdown.markdown])
def test_what_does_not_show_is_written_out(shown: Any) -> None:
    said = shown(evil())
    assert "\x1b" not in said and "\u202e" not in said and "\\x1b[31m" in said


def test_a_comment_has_its_limit_and_the_essentials_first() -> None:
    risks = tuple((Flag(HIGH, "deletion", f"Deployment/n/{n}", "\U0001f600" * 100), ("p1",)) for n in range(500))
    hunks = tuple(hunk(f"{n}\n" * 5000, name=f"ConfigMap/n/c{n}") for n in range(300))
    said = markdown.markdown(review(faults=("one", "two"), risks=risks, hunks=hunks))
    assert len(said.encode("utf-16-le")) // 2 <= markdown.LIMIT
    assert said.index("Does not pass") < said.index("**Risks**") < said.index("**Changes**")
    assert "and 460 more" in said and said.endswith("The page has all of it._") and "blocks left out" in said


def test_one_long_line_does_not_push_out_the_others() -> None:
    flags = tuple((Flag(HIGH, "deletion", f"{n}{'x' * 9000}", "y" * 9000), ("p1",)) for n in range(60))
    long = hunk("z" * 100_000, name="ConfigMap/n/long")
    said = markdown.markdown(
        review(risks=flags, faults=("f" * 9000,) * 9, hunks=(long, hunk("new", name="ConfigMap/n/last")))
    )
    assert "**Risks**" in said and "ConfigMap/n/last" in said and "left out" not in said
    assert markdown.units(said) <= markdown.LIMIT


def test_a_short_comment_is_whole() -> None:
    said = markdown.markdown(review(hunks=(hunk("new"),), risks=((Flag(LOW, "outage", "x", "y"), ("p1", "p2")),)))
    assert (
        "left out" not in said and "```diff\n  data.key:\n- old\n+ new\n```" in said and "`all 2 of production`" in said
    )


def test_the_same_fields_with_a_value_of_each_cluster_are_shown_twice() -> None:
    hunks = tuple(hunk(f"host-{n}", f"c{n}") for n in range(1000))
    said = text.text(review(hunks=hunks))
    assert said.count("~ ConfigMap/n/c") == 2 and "and in 998 other ways [c2, c3, c4, c5, c6, c7, 992 more]" in said


def test_data_leaves_out_what_is_not_there() -> None:
    change = Change(("spec", "x"), ABSENT, None)
    found = data.data(review(hunks=(Hunk(CHANGED, ("a",), ("p1",), (change,)),), faults=("f",)))
    assert found["hunks"][0]["changes"] == [{"path": "spec.x", "new": None}]
    assert found["passes"] is False and json.loads(json.dumps(found)) == found


def test_colours_are_asked_for() -> None:
    assert "\033[" not in text.text(review(faults=("f",))) and "\033[31m" in text.text(review(faults=("f",)), True)
