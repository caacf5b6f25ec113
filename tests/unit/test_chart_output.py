"""Reading what `helm template` prints."""

import pytest

from gitops import chart_output
from gitops.errors import GitopsError

TWO = """---
# Source: pybase/templates/api/service.yaml
apiVersion: v1
kind: Service
metadata:
  name: api
---
# Source: pybase/templates/edge/gateway.yaml
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: pybase
  namespace: edge
"""


def test_objects_have_their_template_and_the_namespace_of_the_release() -> None:
    service, gateway = chart_output.objects(TWO, "pybase")
    assert (service.identity, service.origin) == ("Service/pybase/api", "templates/api/service.yaml")
    assert (gateway.identity, gateway.origin) == ("Gateway/edge/pybase", "templates/edge/gateway.yaml")


def test_cluster_scoped_objects_get_no_namespace() -> None:
    [found] = chart_output.objects("kind: StorageClass\nmetadata:\n  name: a\n", "pybase")
    assert found.get("metadata", "namespace") is None


def test_templates_that_render_nothing_are_no_objects() -> None:
    assert chart_output.objects("---\n# Source: pybase/templates/a.yaml\n\n---\n", "pybase") == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("a: 1\na: 2\n", "line 3 of what it renders: key a is here twice (first in line 2)"),
        ("a: yes\n", "yes is a boolean in YAML 1.1 and text in 1.2"),
        ("a: [\n", "not YAML"),
    ],
)
def test_what_readers_take_differently_is_refused_with_the_template(body: str, said: str) -> None:
    with pytest.raises(GitopsError, match=r"templates/a\.yaml: line") as caught:
        chart_output.objects(f"---\n# Source: pybase/templates/a.yaml\n{body}", "pybase")
    assert said in str(caught.value)
