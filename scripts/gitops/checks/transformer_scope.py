"""A transformer reaches more than the file that holds it: selectors, network peers, other Components' objects.

Why: `commonLabels` and `labels` with selectors also go into NetworkPolicy peers, so that kube-dns or the edge stops
matching, and into Deployment selectors, which cannot change. In a Component, `namespace`, `labels` and prefixes hit all
objects accumulated so far, other namespaces included. A prefix anywhere renames a SealedSecret but not its template,
and its ciphertext is bound to the name.

Fails:

    kind: Component
    namespace: pybase

Passes:

    kind: Kustomization
    labels:
      - pairs: {team: search}
        includeTemplates: true

Fix: use `labels` without selectors, in the environment or the cluster's folder; `components/namespace` sets namespaces.
Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/labels/
"""

from collections.abc import Iterator

from gitops import kustomizations
from gitops.fleet import Fleet
from gitops.nodes import Node
from gitops.problems import Problem

ID = "transformer-scope"
SEVERITY = "error"
CONTROLS = ("NP09",)
READS = ("source",)

_OUTSIDE = "in the environment or the cluster's folder"


def check(fleet: Fleet) -> Iterator[Problem]:
    for file, document in kustomizations.documents(fleet.sources):
        builds = tuple(build.folder for build in fleet.builds if file in build.reads)
        for line, message, fix in (*_fields(document), *_labels(document)):
            yield Problem(file, line, ID, "", message, fix, builds=builds)
        for entry in kustomizations.entries(file, document):
            source = fleet.sources.get(entry.path) if entry.field == "transformers" else None
            for configuration in source.documents if source else []:
                for line, message, fix in _configured(configuration):
                    yield Problem(entry.path, line, ID, "", message, fix, builds=builds)


def _fields(document: Node) -> Iterator[tuple[int, str, str]]:
    component = document.text("kind") == "Component"
    for field, line in document.key_lines.items():
        match field:
            case "namePrefix" | "nameSuffix":
                yield line, f"{field} renames SealedSecrets, which then cannot be opened", "delete it"
            case "commonLabels":
                yield line, "commonLabels reaches selectors and NetworkPolicy peers", f"use labels: {_OUTSIDE}"
            case "namespace" if component:
                message = "namespace in a Component moves every object accumulated so far"
                yield line, message, "delete it; components/namespace sets it where it is missing"
            case "labels" if component:
                yield line, "labels in a Component reach every object accumulated so far", f"set them {_OUTSIDE}"


def _labels(document: Node) -> Iterator[tuple[int, str, str]]:
    if document.text("kind") == "Component":
        return  # said for the whole field
    for entry in kustomizations.listed(document, "labels"):
        if entry.text("includeSelectors") == "True":
            message = "includeSelectors reaches selectors and NetworkPolicy peers"
            yield entry.key_lines["includeSelectors"], message, "use includeTemplates: true"
        for spec in kustomizations.listed(entry, "fields"):
            yield from _selector_path(spec)


def _configured(document: Node) -> Iterator[tuple[int, str, str]]:
    """A transformer written as a file: the same scope, by other names (Kustomize's builtin plugins)."""
    line = document.key_lines.get("kind", document.line)
    match document.text("kind"):
        case "PrefixTransformer" | "SuffixTransformer" | "PrefixSuffixTransformer":
            yield line, "a prefix renames SealedSecrets, which then cannot be opened", "delete the transformer"
        case "NamespaceTransformer" if document.text("unsetOnly") != "True":
            yield line, "NamespaceTransformer moves objects that name another namespace", "set unsetOnly: true"
        case "LabelTransformer":
            for spec in kustomizations.listed(document, "fieldSpecs"):
                yield from _selector_path(spec)


def _selector_path(spec: Node) -> Iterator[tuple[int, str, str]]:
    path = spec.text("path")
    if "elector" in path:  # spec/selector, podSelector, labelSelector, namespaceSelector
        yield spec.line, f"labels at {path} reach selectors and NetworkPolicy peers", "delete this path"
