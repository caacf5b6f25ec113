"""One mistake is one problem: merged over builds and over the objects that one patch reaches."""

from dataclasses import replace

from gitops.manifests import Manifest
from gitops.problems import Problem, merged

ONE = Problem("a.yaml", 1, "rule", "Deployment/n/b", "wrong", "mend", builds=("clusters/one/workload",))
TWO = replace(ONE, object="Deployment/n/a", builds=("clusters/two/workload",), pending=True)


def test_same_fault_in_two_builds_and_objects_is_one_that_counts() -> None:
    assert merged([ONE, TWO]) == [replace(ONE, object="Deployment/n/a", builds=(*ONE.builds, *TWO.builds))]
    assert merged([ONE, TWO])[0].clusters == ("one", "two")


def test_another_message_is_another_problem_and_pending_stays_pending() -> None:
    other = replace(TWO, message="also wrong")
    assert merged([ONE, other]) == [other, ONE]


def test_a_generated_object_is_named_without_its_hash() -> None:
    data = {"kind": "ConfigMap", "metadata": {"name": "settings-25644fgb69", "namespace": "n"}}
    assert Manifest(data, "components/settings/kustomization.yaml").written == "ConfigMap/n/settings"
    assert Manifest(data, "components/settings/configmap.yaml").written == "ConfigMap/n/settings-25644fgb69"
