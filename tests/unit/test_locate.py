"""From a rendered field to the line of the source that sets it."""

from typing import Any

import pytest

from gitops.locate import locate
from gitops.manifests import Manifest
from gitops.source import Key, SourceFile, parse

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
