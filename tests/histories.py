"""The small fleet as a Git repository, and the changes that tests make there."""

import subprocess
from pathlib import Path

from gitops import git

CLUSTER = "bare-metal-production-fra1"


def repository(tree: Path) -> Path:
    """`tree` as a Git repository with one commit on main."""
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", tree], check=True)
    git.run(tree, "config", "user.name", "test")
    git.run(tree, "config", "user.email", "test@localhost")
    commit(tree, "base")
    return tree


def commit(tree: Path, *said: str) -> str:
    """Commit everything; returns the id. `said` are the paragraphs of the message."""
    git.run(tree, "add", "--all")
    messages = [f"--message={text}" for text in said]
    git.run(tree, "commit", "--quiet", "--allow-empty", "--no-verify", *messages, identity="test")
    return git.run(tree, "rev-parse", "HEAD").strip()


def edit(tree: Path, path: str, old: str, new: str) -> None:
    text = (tree / path).read_text()
    assert old in text
    (tree / path).write_text(text.replace(old, new))


def with_staging(tree: Path) -> Path:
    """`tree` as a Git repository, with a staging like its production."""
    repository(tree)
    staging(tree)
    commit(tree, "staging")
    return tree


def staging(tree: Path) -> None:
    """A second environment with a cluster, like the first."""
    for folder in ("environments/production", f"clusters/{CLUSTER}"):
        new = tree / folder.replace("production", "staging")
        subprocess.run(["cp", "-r", tree / folder, new], check=True)
        for file in new.rglob("*.yaml"):
            file.write_text(file.read_text().replace("production", "staging"))
