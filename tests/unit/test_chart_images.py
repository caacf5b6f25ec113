"""The images of an environment as values of the chart."""

import pytest

from gitops import chart_images
from gitops.errors import GitopsError

VERSIONS = {
    "images": [
        {"name": "pybase", "newName": "FLEET_REGISTRY/pybase", "newTag": "1.2.3"},
        {"name": "redis", "newName": "docker.io/library/redis", "newTag": "7", "digest": "sha256:ab"},
    ]
}


def test_every_image_of_the_values_gets_its_version() -> None:
    defaults = {
        "api": {"image": {"repository": "ghcr.io/x/pybase"}, "port": 1},
        "redis": {"image": {"repository": "redis"}},
    }
    assert chart_images.values(defaults, VERSIONS, "registry.example.com/p") == {
        "api": {"image": {"repository": "registry.example.com/p/pybase", "tag": "1.2.3", "digest": ""}},
        "redis": {"image": {"repository": "docker.io/library/redis", "tag": "7", "digest": "sha256:ab"}},
    }


def test_image_that_falls_back_to_another_is_left_alone() -> None:
    assert chart_images.values({"searchWorker": {"image": {"repository": "", "tag": ""}}}, VERSIONS, "r") == {}


def test_image_the_environment_does_not_list_is_named() -> None:
    with pytest.raises(
        GitopsError, match=r"values.yaml: a.image: environments/production/versions lists no image silo"
    ):
        chart_images.values({"a": {"image": {"repository": "docker.io/pgsty/silo"}}}, VERSIONS, "r")
