"""A small fleet whose staging is one release ahead of production, as the tests of promotions need it."""

from pathlib import Path

from gitops import git
from histories import commit, edit, repository, staging

STAGING, PRODUCTION = (f"environments/{name}/versions/kustomization.yaml" for name in ("staging", "production"))
PROMOTE = ("promote", "staging", "production")


def ahead(base: Path) -> Path:
    """`base` as a Git repository; production's file has a comment of its own."""
    repository(base)
    staging(base)
    edit(base, STAGING, "newTag: 1.0.0", "newTag: 1.1.0")
    edit(base, STAGING, "sha256:4f8e", "sha256:5a5a")
    edit(base, PRODUCTION, "newTag: 1.0.0", "newTag: 1.0.0  # slow to start")
    commit(base, "pybase 1.1.0 in staging")
    return base


def at(tree: Path, revision: str, path: str = PRODUCTION) -> str:
    return git.run(tree, "show", f"{revision}:{path}")


def state(tree: Path) -> tuple[str, str, str]:
    """Everything of a checkout that a person would miss."""
    texts = "".join(path.read_text() for path in sorted(tree.glob("*/*/versions/*.yaml")))
    return git.run(tree, "status", "--porcelain"), git.run(tree, "rev-parse", "HEAD"), texts
