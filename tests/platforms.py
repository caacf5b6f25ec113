"""What the end-to-end tests share: a checkout to change, an instance of its own, and commits past our own checks."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gitops.layout import MANIFEST_FOLDERS
from gitops.local import mirror, platform
from gitops.local.instance import Instance
from support import ROOT

REFRESH = ("annotate", "applications.argoproj.io", "--all", "--namespace=argocd", "--overwrite")


def checkout(folder: Path) -> Path:
    """The manifests of this repository in a repository of their own."""
    for name in (*MANIFEST_FOLDERS, "policies", "schemas"):
        shutil.copytree(ROOT / name, folder / name)
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    return folder


@contextmanager
def instance(folder: Path) -> Iterator[Instance]:
    """The instance `default` with its state in `folder`; it is ended and deleted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder))
        made = Instance.named("default")
        try:
            yield made
        finally:
            platform.down(made, purge=True)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def commit(instance: Instance) -> str:
    """Commit and push what was changed in the mirror's clone, as somebody with another tool would; the commit."""
    work = instance.path("git", "work")
    author = ["-c", "user.name=somebody", "-c", "user.email=somebody@localhost"]
    for command in (
        ["add", "--all"],
        ["commit", "--quiet", "--message=by hand"],
        ["push", "--quiet", "origin", "main"],
    ):
        subprocess.run(["git", "-C", work, *author, *command], check=True)
    refresh(instance)
    return mirror.newest(instance)


def refresh(instance: Instance) -> None:
    """Let Argo CD look at Git now, as it does by itself every few minutes."""
    platform.kubectl(instance).run(*REFRESH, "argocd.argoproj.io/refresh=normal")


@contextmanager
def gone(instance: Instance) -> Iterator[None]:
    """Argo CD's repository leads nowhere; pushes still find the right one."""
    repository, away = instance.path("git", "fleet.git"), instance.path("git", "away.git")
    work = instance.path("git", "work")
    repository.rename(away)
    subprocess.run(["git", "-C", work, "remote", "set-url", "origin", away], check=True)
    try:
        yield
    finally:
        away.rename(repository)
        subprocess.run(["git", "-C", work, "remote", "set-url", "origin", repository], check=True)


def quoted(heading: str) -> list[list[str]]:
    """The lines of the `text` blocks below a heading of docs/troubleshooting.md, single-spaced."""
    page = (ROOT / "docs" / "troubleshooting.md").read_text()
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```text\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert blocks, f"no section {heading}"
    return [[" ".join(line.split()) for line in block.splitlines()] for block in blocks]
