"""The script of the review workflow that comments on a pull request, run where JavaScript runs: in a browser."""

import html
import json
from pathlib import Path
from typing import Any

import yaml

import browser
from support import ROOT


def comment(there: list[dict[str, Any]], folder: Path) -> list[Any]:
    """The calls that the commenting script makes, in a browser; `there` are the comments before."""
    steps = yaml.safe_load((ROOT / ".github/workflows/review.yaml").read_text())["jobs"]["comment"]["steps"]
    script = next(step for step in steps if "script" in step.get("with", {}))["with"]["script"]
    held = json.dumps(there).replace("<", "\\u003c")
    (folder / "page.html").write_text(
        f"""<body><script>
        const calls = [], record = (name) => async (said) => {{ calls.push([name, said]); }};
        const require = () => ({{ readFileSync: () => "THE REVIEW" }}), process = {{ env: {{ PAGE: "https://page" }} }};
        const context = {{ repo: {{ owner: "o", repo: "r" }}, payload: {{ pull_request: {{ number: 7 }} }} }};
        const issues = {{ createComment: record("create"), updateComment: record("update") }};
        const github = {{ rest: {{ issues }}, paginate: async () => {held} }};
        (async () => {{ {script} }})().then(() => document.body.append(`CALLS${{JSON.stringify(calls)}}END`));
        </script>"""
    )
    found: list[Any] = json.loads(
        html.unescape(browser.dom(folder / "page.html")).rpartition("CALLS")[2].partition("END")[0]
    )
    return found


def test_one_comment_is_made_then_renewed(tmp_path: Path) -> None:
    [[made, said]] = comment([], tmp_path)
    assert (made, said["issue_number"]) == ("create", 7)
    assert "THE REVIEW" in said["body"] and "(https://page)" in said["body"]
    bot, person = {"login": "github-actions[bot]"}, {"login": "somebody"}
    there = [{"id": 1, "user": person, "body": said["body"]}, {"id": 2, "user": bot, "body": "other"}]
    assert comment(there, tmp_path)[0][0] == "create"
    [[renewed, again]] = comment([*there, {"id": 3, "user": bot, "body": said["body"]}], tmp_path)
    assert (renewed, again["comment_id"]) == ("update", 3)
