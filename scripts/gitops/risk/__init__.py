"""What may go wrong when a change arrives in a cluster: each function looks at one build at both revisions. Pure."""

from collections.abc import Callable, Iterable, Iterator

from gitops.risk import (
    access,
    applications,
    availability,
    deletion,
    immutable,
    network,
    pods,
    restarts,
    storage,
    versions,
)
from gitops.risk.case import HIGH, LOW, MEDIUM, Case, Flag

__all__ = ["FLAGS", "HIGH", "LOW", "MEDIUM", "Case", "Flag", "flags"]

# Every kind of flag; a test has a change for each.
FLAGS: tuple[Callable[[Case], Iterable[Flag]], ...] = (
    deletion.deletion,
    immutable.immutable_field,
    storage.volume_shrinks,
    storage.volume_class,
    storage.volume_retention,
    storage.volume_replaced,
    storage.protection_lost,
    applications.application_retargeted,
    applications.application_careless,
    network.selector,
    network.policy_opened,
    access.rbac_widened,
    access.project_widened,
    access.secret_scope,
    pods.pod_security_loosened,
    pods.namespace_loosened,
    pods.probe_removed,
    pods.memory_unbounded,
    availability.too_few_replicas,
    availability.disruption_budget,
    availability.autoscaler_removed,
    availability.rollout_outage,
    versions.image_downgrade,
    versions.image_moved,
    versions.environment_skipped,
    versions.without_migration,
    versions.store_upgrade,
    versions.add_on_version,
    restarts.hash_only_restart,
    restarts.outage,
)


def flags(case: Case) -> Iterator[Flag]:
    """Every flag of a build."""
    for check in FLAGS:
        yield from check(case)
