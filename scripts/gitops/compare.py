"""Renders both sides of a change: a revision or the working tree, of the clusters or of any kustomization folders."""

import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from gitops import fleet, git, kustomizations, render, revisions
from gitops.comparison import Comparison, Pair
from gitops.difference import differences
from gitops.errors import GitopsError
from gitops.fleet import Fleet
from gitops.layout import MANIFEST_FOLDERS, PARTS, POLICIES, Cluster, Repository, nearest
from gitops.manifests import Build
from gitops.progress import Say, silent
from gitops.source import SourceFile

WORKING_TREE = "working tree"


@dataclass(frozen=True)
class Asked:
    """What to compare. `base` "" is where the default branch was left, `head` "" the working tree; `clusters` all when
    none is named; `builds` are patterns of kustomization folders, instead of clusters."""

    base: str = ""
    head: str = ""
    clusters: tuple[str, ...] = ()
    builds: tuple[str, ...] = ()


def compare(repository: Repository, asked: Asked, say: Say = silent) -> Comparison:
    """Render both sides of what the change reaches. Raises GitopsError when one of them is not to be had."""
    root = repository.root
    head = git.commit(root, asked.head or "HEAD")
    base = git.commit(root, asked.base) if asked.base else revisions.start(root, head)
    changed = git.changed(root, base, head if asked.head else "")
    folders = () if asked.builds else (*MANIFEST_FOLDERS, POLICIES)
    with ExitStack() as stack:

        def at(commit: str) -> Repository:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gitops-"))).resolve()
            revisions.export(root, commit, folder, folders)
            return Repository(folder)

        say("reading both revisions")
        old, new = at(base), at(head) if asked.head else repository
        side = _builds if asked.builds else _clusters
        pairs, before, after, reach = side(old, new, asked, changed, say)
    say(f"comparing {len(pairs)} builds")
    compared = [
        Pair(p.place, p.part, p.environment, p.old, p.new, [] if p.broken else differences(p.old, p.new)) for p in pairs
    ]
    return Comparison(
        base=_named(root, base, asked.base),
        head=_named(root, head, asked.head) if asked.head else WORKING_TREE,
        pairs=compared,
        old=before,
        new=after,
        changed=frozenset(changed),
        unread=tuple(sorted(changed - reach)),
        titles=tuple(revisions.subjects(root, base, head)),
        deletes=frozenset(revisions.trailers(root, base, head, "Deletes")),
        replaces=frozenset(revisions.trailers(root, base, head, "Replaces")),
    )


def _named(root: Path, commit: str, said: str) -> str:
    short = git.run(root, "rev-parse", "--short", commit).strip()
    return short if not said or commit.startswith(said) else f"{said} ({short})"


_Sides = tuple[list[Pair], Fleet, Fleet, set[str]]


def _clusters(old: Repository, new: Repository, asked: Asked, changed: set[str], say: Say) -> _Sides:
    """The builds of clusters, on either side, whose kustomizations list a changed file there."""
    sources = fleet.read(new)
    mine = [path for path in changed if path.startswith(tuple(f"{top}/" for top in (*MANIFEST_FOLDERS, POLICIES)))]
    before = {path: file for path, file in sources.items() if path not in changed}
    before |= fleet.read(old, sorted(path for path in mine if (old.root / path).is_file()))
    sides = [_Side(old, before), _Side(new, sources)]
    every = {name: cluster for side in sides for name, cluster in side.clusters.items()}
    chosen = [f"clusters/{name}/{part}" for name in _chosen(asked.clusters, every) for part in PARTS]
    touched = [folder for folder in chosen if any(side.touched(folder, changed) for side in sides)]
    say(f"rendering {len(touched) * 2} builds")
    known: render.Known = {}
    then, now = (side.fleet(touched, known) for side in sides)
    reach = {path for side in sides for files in side.reach.values() for path in files}
    reach |= {path for build in (*then.builds, *now.builds) for path in build.reads}
    pairs = _paired(then.builds, now.builds, lambda build: build.cluster, every)
    then = replace(then, builds=[*then.builds, *sides[0].fleet(_abandoned(pairs), known).builds])
    return pairs, then, now, reach


class _Side:
    """The clusters of a revision, and the files that each of their builds lists."""

    def __init__(self, repository: Repository, sources: dict[str, SourceFile]) -> None:
        self.repository, self.sources, self.files = repository, sources, list(fleet.every_file(repository))
        self.clusters = {cluster.name: cluster for cluster in repository.clusters}
        folders = (repository.build_folder(name, part) for name in self.clusters for part in PARTS)
        self.reach = {folder: kustomizations.reach(sources, folder) for folder in folders}
        every = {path for files in self.reach.values() for path in files}
        links = {path: (repository.root / path).resolve() for path in every if (repository.root / path).is_symlink()}
        self.links = {path: repository.relative(target) or path for path, target in links.items()}

    def touched(self, folder: str, changed: set[str]) -> bool:
        """Is the build there, and does it list one of the files, through a link too, or hold it?"""
        reach = self.reach.get(folder)
        if reach is None:
            return False
        targets = (self.links[path] for path in reach & self.links.keys())
        return bool(changed & reach) or any(_below(top, changed) for top in (folder, *targets))

    def fleet(self, folders: Iterable[str], known: render.Known) -> Fleet:
        """Those of the builds that are there."""
        here = [folder for folder in folders if folder in self.reach]
        built = fleet.builds(self.repository, here, self.sources, known)
        return Fleet(self.repository, list(self.clusters.values()), self.files, self.sources, built)


def _abandoned(pairs: list[Pair]) -> list[str]:
    """The folders of Applications that go, if not rendered anyway: what they deployed goes with them."""
    folders = {pair.folder for pair in pairs}
    found: dict[str, None] = {}
    for pair in pairs:
        kept = {app.name for app in pair.new.of_kind("Application")} if pair.new else set()
        for app in pair.old.of_kind("Application") if pair.old else ():
            path = str(app.get("spec", "source", "path"))
            if app.name not in kept and path not in folders:
                found[path] = None
    return list(found)


def _builds(old: Repository, new: Repository, asked: Asked, changed: set[str], say: Say) -> _Sides:
    """The kustomization folders that match, when the new one reads a changed file, or is on one side only."""
    here, there = _matching(new.root, asked.builds), _matching(old.root, asked.builds)
    if not here and not there:
        raise GitopsError(f"--builds {' '.join(asked.builds)}: no kustomization folder matches; see `git ls-files`")
    say(f"rendering {len(here)} builds")
    known: render.Known = {}
    after = render.render(new, here, known)
    touched = {build.folder for build in after if build.reads & changed or build.folder not in there}
    touched |= {build.folder for build in after if build.error and _below(build.folder, changed)}
    wanted = [folder for folder in there if folder in touched or folder not in here]
    say(f"rendering {len(wanted)} builds of the base")
    before = render.render(old, wanted, known)
    after = [build for build in after if build.folder in touched]
    reach = {path for build in (*before, *after) for path in build.reads}
    pairs = _paired(before, after, lambda build: build.folder, {})
    return pairs, Fleet(old, [], [], {}, before), Fleet(new, [], [], {}, after), reach


def _below(folder: str, changed: set[str]) -> bool:
    return folder in changed or any(path.startswith(f"{folder}/") for path in changed)


def _matching(root: Path, patterns: Iterable[str]) -> list[str]:
    """The folders of kustomizations below `root` that match one of the patterns, as shells understand them."""
    try:
        found = {path for pattern in patterns for path in root.glob(pattern.rstrip("/")) if path.is_dir()}
        named = (path for path in found if any((path / name).is_file() for name in kustomizations.FILE_NAMES))
        return sorted(path.relative_to(root).as_posix() for path in named)
    except (ValueError, NotImplementedError) as error:
        raise GitopsError(f"--builds: {error}; write a pattern below the repository, as clusters/*/apps") from error


def _chosen(names: Iterable[str], known: dict[str, Cluster]) -> list[str]:
    """The named clusters of either side, all when none is named."""
    wanted = [name.rstrip("/").removeprefix("clusters/") for name in names]
    for name in wanted:
        if name not in known:
            raise GitopsError(f"{name}: no such cluster on either side{nearest(name, known)}")
    return wanted or sorted(known)


def _paired(old: list[Build], new: list[Build], place: Callable[[Build], str], known: dict[str, Cluster]) -> list[Pair]:
    before, after = {build.folder: build for build in old}, {build.folder: build for build in new}
    pairs = []
    for folder in sorted({*before, *after}):
        either = after.get(folder) or before[folder]
        environment = known[either.cluster].environment if either.cluster in known else ""
        pairs.append(Pair(place(either), either.part, environment, before.get(folder), after.get(folder)))
    return pairs
