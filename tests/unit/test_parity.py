"""What is taken off before two renders are compared, and what a difference looks like."""

from typing import Any

from gitops import parity
from gitops.manifests import Manifest


def config(name: str = "pybase-config", **data: str) -> Manifest:
    metadata = {"name": name, "namespace": "pybase"}
    return Manifest({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})


def pod(labels: dict[str, str] | None = None, annotations: dict[str, str] | None = None, **spec: Any) -> Manifest:
    metadata = {"name": "p", "namespace": "pybase", "labels": {"a": "b"} | (labels or {})}
    if annotations is not None:
        metadata["annotations"] = annotations
    return Manifest({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})


def test_labels_and_annotations_of_the_tools_are_no_difference() -> None:
    labels = {"helm.sh/chart": "pybase-1", "app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/instance": "x"}
    chart = pod(labels, {"checksum/config": "1", "helm.sh/resource-policy": "keep"})
    assert parity.differences([pod(annotations={"argocd.argoproj.io/sync-wave": "1"})], [chart]) == []
    assert parity.differences([pod()], [chart]) == []


def test_other_labels_and_annotations_are_a_difference() -> None:
    assert len(parity.differences([pod()], [pod({"c": "d"})])) == 1
    assert len(parity.differences([pod()], [pod(annotations={"c": "d"})])) == 1


def test_generated_name_is_the_written_one_wherever_it_stands() -> None:
    kustomize = [config("pybase-config-8h6kdfc42m"), pod(volumes=[{"configMap": {"name": "pybase-config-8h6kdfc42m"}}])]
    assert parity.differences(kustomize, [config(), pod(volumes=[{"configMap": {"name": "pybase-config"}}])]) == []


def test_namespaces_and_sealed_secrets_are_not_of_the_chart() -> None:
    namespace = Manifest({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "pybase"}})
    sealed = Manifest({"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": {"name": "s"}})
    assert parity.differences([namespace, sealed], []) == []


def test_order_of_keys_is_no_difference_order_of_entries_is() -> None:
    assert parity.differences([config(a="1", b="2")], [config(b="2", a="1")]) == []
    assert len(parity.differences([pod(x=[1, 2])], [pod(x=[2, 1])])) == 1


def test_null_is_not_the_same_as_nothing() -> None:
    assert len(parity.differences([pod()], [pod(nodeSelector=None)])) == 1


def test_text_and_number_differ() -> None:
    [found] = parity.differences([config(a="1")], [Manifest({**config().data, "data": {"a": 1}})])
    assert "-  a: '1'\n+  a: 1" in found.diff


def test_difference_names_the_object_and_shows_both_sides() -> None:
    [found] = parity.differences([config(a="1")], [config(a="2")])
    assert found.object == "ConfigMap/pybase/pybase-config"
    assert found.diff.splitlines()[:2] == ["--- Kustomize", "+++ chart"]
    assert "-  a: '1'\n+  a: '2'" in found.diff


def test_object_of_one_side_is_shown_whole() -> None:
    [missing] = parity.differences([config(a="1")], [])
    [extra] = parity.differences([], [config(a="1")])
    assert "-kind: ConfigMap" in missing.diff
    assert "+kind: ConfigMap" in extra.diff


def test_object_rendered_twice_is_a_difference() -> None:
    [found] = parity.differences([config()], [config(), config()])
    assert "+---" in found.diff
