"""The repository that an instance's Argo CD reads: the manifests of this checkout, with what only holds locally.

It is a bare repository below the instance's folder. Each push is a commit there and nowhere else; the checkout, its
index and its objects are not touched. Three things differ from the checkout: the fleet's repository and revision are
the mirror's; Applications of charts are left out, since this machine runs their programs itself (and a chart is to be
had from the internet only); stubs of secrets are sealed values.
"""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gitops import git, kustomizations, render
from gitops.errors import GitopsError
from gitops.files import write
from gitops.fleet import read
from gitops.layout import MANIFEST_FOLDERS, Cluster, Repository
from gitops.local.instance import Instance
from gitops.source import SourceFile

BRANCH = "main"
IDENTITY = "gitops local"
PLAIN = ("-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null")  # whatever the person has set up


def url(instance: Instance) -> str:
    return f"file://{instance.path('git', 'fleet.git')}"


def push(
    instance: Instance, repository: Repository, cluster: Cluster, revision: str, secrets: Mapping[str, str]
) -> str:
    """Commit the manifests of `revision`, "" for the working tree; the new commit. `secrets`: path -> text."""
    work = instance.path("git", "work")
    if not work.is_dir():
        git.run(instance.path("git"), "init", "--quiet", "--bare", f"--initial-branch={BRANCH}", "fleet.git")
        git.run(instance.path("git"), "clone", "--quiet", "fleet.git", "work")
    for name in MANIFEST_FOLDERS:
        shutil.rmtree(work / name, ignore_errors=True)
    _export(repository, revision, work)
    localise(Repository(work), cluster, url(instance))
    for path, text in secrets.items():
        write(work / path, text)
    git.run(work, "add", "--all")
    said = f"{revision or 'working tree'} of {repository.root}"
    git.run(work, *PLAIN, "commit", "--quiet", "--allow-empty", f"--message={said}", identity=IDENTITY)
    git.run(work, "push", "--quiet", "origin", f"HEAD:{BRANCH}")
    return git.run(work, "rev-parse", "HEAD").strip()


def newest(instance: Instance) -> str:
    """The commit that Argo CD is to have; "" before the first push."""
    bare = instance.path("git", "fleet.git")
    return git.run(bare, "rev-parse", BRANCH).strip() if bare.is_dir() else ""


def root(instance: Instance, cluster: Cluster) -> list[dict[str, Any]]:
    """What bootstrapping applies once: the cluster's apps build, as the mirror has it."""
    work = Repository(instance.path("git", "work"))
    (build,) = render.render(work, [work.build_folder(cluster.name, "apps")])
    if build.error:
        raise GitopsError(f"{build.folder}: does not build: {build.error}")
    return [manifest.data for manifest in build.objects if manifest.kind == "AppProject" or manifest.name == "root"]


def _export(repository: Repository, revision: str, work: Path) -> None:
    """The manifest folders, as committed in `revision` or as they are, without what Git ignores."""
    if revision:
        archive = work.parent / "export.tar"
        git.run(repository.root, "archive", f"--output={archive}", revision, "--", *MANIFEST_FOLDERS)
        shutil.unpack_archive(archive, work, "tar", filter="data")
        archive.unlink()
        return
    listed = git.run(
        repository.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *MANIFEST_FOLDERS
    )
    for name in filter(None, listed.split("\0")):
        if (repository.root / name).is_file():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(repository.root / name, work / name)


def localise(work: Repository, cluster: Cluster, address: str) -> None:
    """Change what only holds locally, by line, in a copy of the manifests."""
    facts = work.root / work.fleet_facts_file()
    text = "".join(_fact(line, address) for line in facts.read_text().splitlines(keepends=True))
    write(facts, text)
    sources = read(work)
    file = kustomizations.of_folder(sources, work.build_folder(cluster.name, "apps"))
    remote = set(_charts(sources))
    entries = kustomizations.entries(file, sources[file].documents[0])
    lines = {entry.line for entry in entries if any(f"{entry.path}/".startswith(f"{folder}/") for folder in remote)}
    kept = [line for number, line in enumerate(sources[file].text.splitlines(keepends=True), 1) if number not in lines]
    write(work.root / file, "".join(kept))


def _fact(line: str, address: str) -> str:
    for key, value in (("repository", address), ("revision", f"refs/heads/{BRANCH}")):
        head, mark, _ = line.partition(f"- {key}=")
        if mark and not head.strip():
            return f"{head}{mark}{value}\n"
    return line


def _charts(sources: Mapping[str, SourceFile]) -> Iterable[str]:
    """The folders of apps/ whose Application is not a path of this repository."""
    for path, source in sources.items():
        parts = path.split("/")
        for document in source.documents if parts[0] == "apps" and len(parts) == 3 else []:
            if (
                document.text("kind") == "Application"
                and document.text("spec", "source", "repoURL") != "FLEET_REPOSITORY"
            ):
                yield f"apps/{parts[1]}"
