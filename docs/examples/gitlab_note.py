"""Post comment.md as a note of the merge request, or renew the one that is there. Reads NOTES and REVIEW_TOKEN."""

import json
import os
import urllib.request
from pathlib import Path
from typing import Any

MARKER = "<!-- gitops diff -->"


def ask(method: str, address: str, body: str = "") -> Any:
    """GitLab's answer to one request."""
    headers = {"PRIVATE-TOKEN": os.environ["REVIEW_TOKEN"], "Content-Type": "application/json"}
    data = json.dumps({"body": body}).encode() if body else None
    with urllib.request.urlopen(urllib.request.Request(address, data, headers, method=method)) as answer:
        return json.load(answer)


def own(notes: str) -> int:
    """The id of the note that is there, 0 without one."""
    page = 1
    while found := ask("GET", f"{notes}?per_page=100&page={page}"):
        for note in found:
            if note["body"].startswith(MARKER):
                return int(note["id"])
        page += 1
    return 0


def main() -> None:
    notes = os.environ["NOTES"]
    body = f"{MARKER}\n{Path('comment.md').read_text(encoding='utf-8')}"
    if known := own(notes):
        ask("PUT", f"{notes}/{known}", body)
    else:
        ask("POST", notes, body)


if __name__ == "__main__":
    main()
