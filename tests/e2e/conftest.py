"""What the end-to-end tests run on. `make e2e` runs them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops.cluster import Cluster
from gitops.local import platform
from gitops.local.instance import Instance
from platforms import checkout
from platforms import instance as instance_in


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of its own, to change freely."""
    return checkout(Path(tmp_path_factory.mktemp("fleet")))


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """The instance that `gitops local` means without --name, for the tests of one file."""
    with instance_in(Path(tmp_path_factory.mktemp("state"))) as made:
        yield made


@pytest.fixture
def cluster(state: Instance) -> Cluster:
    return platform.kubectl(state)
