"""A checkout whose files end their lines with CRLF, while Git keeps LF: every verb takes it for what Git keeps."""

from pathlib import Path

import pytest

from gitops import git
from histories import commit
from promotions import PRODUCTION, PROMOTE, ahead, at
from support import Gitops

SERVICE = "components/workloads/api/service.yaml"


@pytest.fixture(params=["autocrlf", "gitattributes"])
def checkout(request: pytest.FixtureRequest, base: Path, tmp_path: Path) -> Path:
    """A clone as Windows makes one, by the person's setting or by the repository's."""
    ahead(base)
    if request.param == "gitattributes":
        (base / ".gitattributes").write_text("* text=auto eol=crlf\n")
        commit(base, "line ends")
    setting = "true" if request.param == "autocrlf" else "false"
    git.run(tmp_path, "clone", "--quiet", f"--config=core.autocrlf={setting}", str(base), "crlf")
    assert b"\r\n" in (tmp_path / "crlf" / SERVICE).read_bytes()
    return tmp_path / "crlf"


def test_validate_finds_what_it_finds_with_lf(checkout: Path, gitops: Gitops) -> None:
    there, here = (
        gitops("validate", "--format", "json", folder=folder) for folder in (checkout, checkout.parent / "fleet")
    )
    assert (there.code, there.out) == (here.code, here.out), there.out


def test_diff_and_promote(checkout: Path, gitops: Gitops) -> None:
    assert "no cluster changes" in gitops("diff", folder=checkout).out
    answer = gitops(*PROMOTE, "--commit", "--yes", folder=checkout)
    assert answer.code == 0, answer.err
    assert git.run(checkout, "status", "--porcelain") == ""
    text = (checkout / PRODUCTION).read_bytes()
    assert b"newTag: 1.1.0  # slow to start\r\n" in text and text.count(b"\n") == text.count(b"\r\n")
    assert "\r" not in at(checkout, "HEAD") and git.run(checkout, "show", "--stat", "--format=").count("|") == 1


def test_stubs_are_no_change(checkout: Path, gitops: Gitops) -> None:
    answer = gitops("secrets", "stub", "bare-metal-production-fra1", folder=checkout)
    assert answer.code == 0, answer.err
    assert git.run(checkout, "diff", "--name-only") == ""


def test_crlf_that_is_committed_is_a_finding(base: Path, gitops: Gitops) -> None:
    ahead(base)
    (base / SERVICE).write_bytes((base / SERVICE).read_bytes().replace(b"\n", b"\r\n"))
    commit(base, "crlf")
    answer = gitops("validate", folder=base)
    assert answer.code == 1 and f"{SERVICE}:1:" in answer.out and "yaml-strict" in answer.out
