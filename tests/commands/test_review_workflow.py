"""The review of a pull request: the workflow's own scripts, run here, and what its jobs may do."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitops import git
from support import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yaml"))
SERVICE = "components/workloads/api/service.yaml"


def workflow() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/review.yaml").read_text())
    return loaded


def step(job: str, name: str) -> dict[str, Any]:
    found = next(
        s for s in workflow()["jobs"][job]["steps"] if name in (s.get("name"), s.get("uses", "").split("@")[0])
    )
    return dict(found)


def run(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """As a runner does: bash -e, with its environment."""
    known = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(Path.home()), **environment}
    return subprocess.run(
        ["bash", "-e", "-c", script], cwd=folder, env=known, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_leave_no_token(path: Path) -> None:
    for job in yaml.safe_load(path.read_text())["jobs"].values():
        for each in job["steps"]:
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", each.get("uses", f"a@{'0' * 40}"))
            assert "checkout" not in each.get("uses", "") or each["with"]["persist-credentials"] is False
            assert "${{" not in each.get("run", "") + str(each.get("with", {}).get("script", ""))


def test_who_renders_may_only_read_and_who_writes_has_no_code() -> None:
    jobs = workflow()["jobs"]
    assert workflow()["permissions"] == {}
    assert {name: job["permissions"] for name, job in jobs.items()} == {
        "diff": {"contents": "read"},
        "comment": {"pull-requests": "write"},
    }
    assert (
        "ref" not in step("diff", "actions/checkout")["with"]
        and "repository" not in step("diff", "actions/checkout")["with"]
    )
    assert [each["uses"].split("@")[0] for each in jobs["comment"]["steps"]] == [
        "actions/download-artifact",
        "actions/github-script",
    ]


@pytest.fixture
def runner(base: Path, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A checkout of the base branch, whose origin has a pull request of a fork: number 7, with a harmful tool."""
    tool = base / "gitops"
    tool.write_text(f'#!/bin/sh\nexec {ROOT}/gitops "$@"\n')
    tool.chmod(0o755)
    git.run(base, "init", "--quiet", "--initial-branch=main")
    git.run(base, "add", "--all")
    git.run(base, "commit", "--quiet", "--message=base", identity="test")
    git.run(tmp_path, "clone", "--quiet", f"file://{base}", "runner")
    (base / SERVICE).write_text((base / SERVICE).read_text().replace("port: 8000", "port: 8080"))
    tool.write_text("#!/bin/sh\ntouch harmful\n")
    git.run(base, "commit", "--quiet", "--all", "--message=api: another port", identity="somebody")
    commit = git.run(base, "rev-parse", "HEAD").strip()
    git.run(base, "update-ref", "refs/pull/7/head", commit)
    git.run(base, "reset", "--quiet", "--hard", "HEAD~1")
    yield tmp_path / "runner", commit


def test_a_pull_request_of_a_fork(runner: tuple[Path, str]) -> None:
    folder, commit = runner
    fetched = run(step("diff", "fetch the commit")["run"], folder, NUMBER="7", TOKEN="secret-token")
    assert (fetched.returncode, fetched.stdout + fetched.stderr) == (0, "")
    evil = 'x"; touch harmful; $(touch harmful) `touch harmful`'
    done = run(step("diff", "diff")["run"], folder, COMMIT=commit, TITLE=evil)
    assert done.returncode == 0, done.stderr
    assert "~ Service/pybase/pybase-api" in done.stdout
    assert "Service/pybase/pybase-api" in (folder / "review/comment.md").read_text()
    assert "Service/pybase/pybase-api" in (folder / "review/review.html").read_text()
    assert not (folder / "harmful").exists() and "secret-token" not in (folder / ".git/config").read_text()


class GitLab(BaseHTTPRequestHandler):
    """One merge request with its notes."""

    notes: list[dict[str, Any]]

    def answer(self, value: object) -> None:
        assert self.headers["PRIVATE-TOKEN"] == "secret"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    def do_GET(self) -> None:
        self.answer(self.notes if self.path.endswith("page=1") else [])

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.notes.append({"id": 5, **said})
        self.answer({})

    def do_PUT(self) -> None:
        assert self.path.endswith("/notes/5")
        self.notes[-1] |= json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer({})

    def log_message(self, *said: object) -> None:
        pass


def test_one_note_on_gitlab(tmp_path: Path) -> None:
    GitLab.notes = [{"id": 1, "body": "hello"}]
    server = HTTPServer(("127.0.0.1", 0), GitLab)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    script = f"python {ROOT}/docs/examples/gitlab_note.py"
    for text in ("first", "second"):
        (tmp_path / "comment.md").write_text(text)
        done = run(script, tmp_path, NOTES=f"http://127.0.0.1:{server.server_port}/notes", REVIEW_TOKEN="secret")
        assert done.returncode == 0, done.stderr
    server.shutdown()
    assert [note["body"].splitlines()[-1] for note in GitLab.notes] == ["hello", "second"]
