"""The embedded platform, started once for all end-to-end tests and taken down after them. `make e2e` runs them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops import tools
from gitops.cluster import Cluster
from gitops.fleet import Fleet
from gitops.local import definitions, platform
from gitops.local.instance import Instance
from gitops.progress import silent
from platforms import checkout
from platforms import instance as instance_in

LOCAL = "bare-metal-development-local"


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory, the_fleet: Fleet) -> Iterator[Instance]:
    """A control plane that knows every custom kind of the fleet; nothing is synced yet."""
    made = Instance("e2e", Path(tmp_path_factory.mktemp("e2e"), "state"))
    local = [build for build in the_fleet.builds if build.cluster == LOCAL]
    platform.up(
        made, tools.build("platform"), local, definitions.needed(the_fleet.repository, the_fleet.builds), silent
    )
    yield made
    platform.down(made, purge=True)


@pytest.fixture(scope="session")
def kubectl(instance: Instance) -> Cluster:
    return platform.kubectl(instance)


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
