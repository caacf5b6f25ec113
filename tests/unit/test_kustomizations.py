"""What kustomizations list, without building them."""

import pytest

from gitops import kustomizations
from gitops.source import SourceFile, parse

FILES = {
    "clusters/a/kustomization.yaml": "resources: [../../layers/e, secret.yaml]\ncomponents: [../../components/x]\n",
    "layers/e/kustomization.yaml": "patches: [{path: api.yaml}, {patch: 'a: b'}]\nreplacements: [{path: r.yaml}]\n",
    "components/x/kustomization.yaml": "configMapGenerator: [{name: c, files: [a.py, key=b.py], envs: [c.env]}]\n",
    "components/y/kustomization.yaml": "resources: [lonely.yaml]\n",
    "clusters/a/secret.yaml": "kind: Secret\nmetadata: {name: s}\n",
    "environments/orphan.yaml": "kind: Job\nmetadata: {name: j}\n",
}
SOURCES = {path: SourceFile(path, text, parse(text)) for path, text in FILES.items()}


def test_a_build_reaches_all_that_is_listed_on_the_way() -> None:
    assert kustomizations.reach(SOURCES, "clusters/a") == {
        "clusters/a/kustomization.yaml",
        "clusters/a/secret.yaml",
        "layers/e/kustomization.yaml",
        "layers/e/api.yaml",
        "layers/e/r.yaml",
        "components/x/kustomization.yaml",
        "components/x/a.py",
        "components/x/b.py",
        "components/x/c.env",
    }


def test_a_circle_ends() -> None:
    circle = {"a/kustomization.yaml": SourceFile("a/kustomization.yaml", "", parse("resources: [../a]"))}
    assert kustomizations.reach(circle, "a") == {"a/kustomization.yaml"}


def test_files_that_nothing_lists() -> None:
    assert kustomizations.unlisted_objects(SOURCES) == {("Job", "j")}


@pytest.mark.parametrize(
    "written",
    ["https://example.org/x.yaml", "github.com/a/b", "git@github.com:a/b", "git::ssh://x", "example.org/a/b?ref=v1"],
)
def test_remote_paths(written: str) -> None:
    (entry,) = kustomizations.entries("a/kustomization.yaml", parse(f"resources: ['{written}']")[0])
    assert entry.remote


@pytest.mark.parametrize(("written", "outside"), [("../b", True), ("b.yaml", False), ("./c/d.yaml", False)])
def test_paths_outside_of_the_folder(written: str, outside: bool) -> None:
    (entry,) = kustomizations.entries("a/kustomization.yaml", parse(f"resources: [{written}]")[0])
    assert (entry.remote, entry.outside) == (False, outside)


@pytest.mark.parametrize(
    "text", ["resources: x", "resources: [{a: b}, 5, null]", "patches: [5]", "[]", "configMapGenerator: {}"]
)
def test_other_shapes_list_nothing(text: str) -> None:
    assert list(kustomizations.entries("a/kustomization.yaml", parse(text)[0])) == []
