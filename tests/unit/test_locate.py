"""From a rendered field to the line of the source that sets it."""

from typing import Any

import pytest

from gitops.locate import locate, relative
from gitops.manifests import Manifest
from gitops.nodes import Key
from gitops.source import SourceFile, parse
from gitops.targets import same_path, targets

DEFINED = """kind: NetworkPolicy
metadata:
  name: dns
spec:
  egress:
    - to:
        - podSelector: {matchLabels: {app: one}}
"""
PATCH = """- op: add
  path: /spec/egress/0/to/-
  value: {podSelector: {matchLabels: {app: two}}}
"""
KUSTOMIZATION = """patches:
  - path: added.yaml
    target: {kind: NetworkPolicy}
"""
FILES = {"c/dns.yaml": DEFINED, "c/added.yaml": PATCH, "c/kustomization.yaml": KUSTOMIZATION}
SOURCES = {path: SourceFile(path, text, parse(text)) for path, text in FILES.items()}


def policy() -> Manifest:
    peers: list[dict[str, Any]] = [{"podSelector": {"matchLabels": {"app": name}}} for name in ("one", "two")]
    data = {"kind": "NetworkPolicy", "metadata": {"name": "dns"}, "spec": {"egress": [{"to": peers}]}}
    return Manifest(data, "c/dns.yaml", ("c/kustomization.yaml",))


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("spec", "egress", 0, "to", 0, "podSelector"), ("c/dns.yaml", 7)),
        (("spec", "egress", 0, "to", 1, "podSelector", "matchLabels"), ("c/added.yaml", 1)),
        (("metadata", "name"), ("c/dns.yaml", 3)),
    ],
)
def test_a_field_is_where_it_was_written_last(path: tuple[Key, ...], place: tuple[str, int]) -> None:
    assert locate(SOURCES, policy(), *path) == place


DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: api, labels: {app: pybase}}
spec:
  template:
    spec:
      containers:
        - name: pybase
          image: pybase
          env:
            - {name: A, value: "1"}
            - {name: B, value: "2"}
"""
LAYER = """images:
  - {name: redis, newName: docker.io/library/redis, newTag: "7"}
  - {name: pybase, newName: REGISTRY/pybase, newTag: "1"}
patches:
  - path: replicas.yaml
  - target: {kind: Deployment}
    patch: |
      kind: Deployment
      metadata: {name: any}
      spec:
        paused: false
configMapGenerator:
  - name: settings
    literals: [LEVEL=info, MODE=fast]
    envs: [more.env]
replacements:
  - source: {kind: ConfigMap, name: cluster-facts, fieldPath: data.region}
    targets:
      - select: {kind: Deployment}
        fieldPaths: [metadata.annotations.region]
"""
FACTS = """configMapGenerator:
  - name: cluster-facts
    literals:
      - name=one
      - region=north
"""
REPLICAS = "kind: Deployment\nmetadata: {name: api}\nspec:\n  replicas: 2\n"
LAYERS = {
    "c/api.yaml": DEPLOYMENT,
    "e/kustomization.yaml": LAYER,
    "e/replicas.yaml": REPLICAS,
    "clusters/one/facts/kustomization.yaml": FACTS,
}
LAYERED = {path: SourceFile(path, text, parse(text)) for path, text in LAYERS.items()}
LAYERED["e/more.env"] = SourceFile("e/more.env", "# more\nSIZE=big\n")


def deployment() -> Manifest:
    env = [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]  # the order of a render may differ
    pod = {"containers": [{"name": "pybase", "image": "ghcr.io/pybase/pybase:1", "env": env}]}
    metadata = {"name": "api", "labels": {"app": "pybase"}, "annotations": {"region": "north"}}
    spec = {"replicas": 2, "paused": False, "template": {"spec": pod}}
    data = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}
    return Manifest(data, "c/api.yaml", ("e/kustomization.yaml",), "clusters/one/workload")


POD = ("spec", "template", "spec", "containers", 0)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((*POD, "env", 0, "value"), ("c/api.yaml", 12)),
        ((*POD, "resources"), ("c/api.yaml", 8)),
        ((*POD, "image"), ("e/kustomization.yaml", 3)),
        (("spec", "replicas"), ("e/replicas.yaml", 4)),
        (("spec", "paused"), ("e/kustomization.yaml", 11)),
        (("metadata", "annotations", "region"), ("clusters/one/facts/kustomization.yaml", 5)),
        (("spec", "strategy"), ("c/api.yaml", 4)),
    ],
    ids=["definition", "missing", "image", "patch-file", "patch-inside", "fact", "missing-below-a-parent"],
)
def test_every_layer_is_asked(path: tuple[Key, ...], place: tuple[str, int]) -> None:
    assert locate(LAYERED, deployment(), *path) == place


def test_what_an_added_entry_lacks_is_at_the_entry() -> None:
    patch = """kind: Deployment
metadata: {name: api}
spec:
  template:
    spec:
      initContainers:
        - name: wait
"""
    sources = LAYERED | {"e/replicas.yaml": SourceFile("e/replicas.yaml", patch, parse(patch))}
    manifest = deployment()
    manifest.data["spec"]["template"]["spec"]["initContainers"] = [{"name": "wait"}]
    path = ("spec", "template", "spec", "initContainers", 0, "securityContext", "privileged")
    assert locate(sources, manifest, *path) == ("e/replicas.yaml", 7)


@pytest.mark.parametrize(
    ("key", "place"),
    [("MODE", ("e/kustomization.yaml", 14)), ("SIZE", ("e/more.env", 2)), ("OTHER", ("e/kustomization.yaml", 13))],
)
def test_a_datum_is_a_literal_or_a_line_of_an_env_file(key: str, place: tuple[str, int]) -> None:
    data = {"kind": "ConfigMap", "metadata": {"name": "settings-0123456789"}, "data": {key: "x"}}
    manifest = Manifest(data, "e/kustomization.yaml", ("e/kustomization.yaml",))
    assert locate(LAYERED, manifest, "data", key) == place


def test_an_object_of_no_known_file_is_at_its_build() -> None:
    assert locate({}, Manifest({"kind": "Job"}, build="clusters/one/workload"), "spec") == ("clusters/one/workload", 1)


@pytest.mark.parametrize(
    ("written", "path", "same"),
    [
        ("spec.rules.*.host", ("spec", "rules", 0, "host"), True),
        ("spec.containers.[name=x].image", ("spec", "containers", 2, "image"), True),
        ("metadata.annotations.example\\.org/x", ("metadata", "annotations", "example.org/x"), True),
        ("spec.rules", ("spec", "rules", 0), False),
        ("spec.host", ("spec", "hosts"), False),
    ],
)
def test_field_paths_of_replacements(written: str, path: tuple[Key, ...], same: bool) -> None:
    assert same_path(written, path) is same


@pytest.mark.parametrize(
    ("target", "selected"),
    [
        ("{kind: Deployment}", True),
        ("{kind: Deployment, name: ap.*}", True),
        ("{kind: Deployment, name: ap}", False),
        ("{group: apps, version: v1}", True),
        ("{labelSelector: app=pybase}", True),
        ("{labelSelector: 'app!=pybase'}", False),
        ("{labelSelector: other}", False),
        ("{annotationSelector: '!other'}", True),
    ],
)
def test_targets_select_as_kustomize_does(target: str, selected: bool) -> None:
    assert targets(parse(target)[0], deployment()) is selected


@pytest.mark.parametrize(
    ("file", "written", "path"),
    [("a/b/k.yaml", "../c", "a/c"), ("a/k.yaml", "./x.yaml", "a/x.yaml"), ("a/b/k.yaml", "../../d/", "d")],
)
def test_paths_are_relative_to_the_file_that_writes_them(file: str, written: str, path: str) -> None:
    assert relative(file, written) == path
