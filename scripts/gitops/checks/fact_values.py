"""A fact is empty, is not what its name says, or is copied nowhere.

Why: a fact is copied into manifests as it is. A range without a mask, a domain in capitals or an e-mail without its @
builds, and is refused by the cluster, by a certificate authority, or by nobody. A fact that nothing copies is a
misspelt one, as a rule.
Checked: `*-cidr` and `address-range`, `domain`, `base-domain`, `smtp-host`, `*-url`, `s3-bucket`, `registry`,
`repository`, `acme-email`. REPLACE_WITH_... may stand anywhere while the cluster is planned.

Fails:

    literals: [api-server-cidr=10.12.64.1/20]

Passes:

    literals: [api-server-cidr=10.12.64.0/20]

Fix: write the value in the named form, or delete the fact.
Cannot see: whether the range or the domain is the cluster's own.
"""

from collections.abc import Iterator

from gitops import facts
from gitops.fleet import Fleet
from gitops.layout import PARTS, nearest
from gitops.problems import Problem

ID = "fact-values"
SEVERITY = "error"
CONTROLS: tuple[str, ...] = ()
READS = ("source",)


def check(fleet: Fleet) -> Iterator[Problem]:
    copied = {key for source in fleet.sources.values() for key in facts.COPIED.findall(source.text)}
    for cluster in fleet.clusters:
        builds = tuple(fleet.repository.build_folder(cluster.name, part) for part in PARTS)
        yield from _file(fleet, fleet.repository.facts_file(cluster.name), builds, copied)
    yield from _file(fleet, fleet.repository.fleet_facts_file(), tuple(build.folder for build in fleet.builds), None)


def _file(fleet: Fleet, file: str, builds: tuple[str, ...], copied: set[str] | None) -> Iterator[Problem]:
    held = facts.literals(fleet.sources[file]) if file in fleet.sources else []
    there = {key for key, _, _ in held}
    for key, value, line in held:
        if wrong := facts.refusal(key, value):
            message, fix = f'the fact {key} is "{value}": {wrong[0]}', f"write {wrong[1]}"
            yield Problem(file, line, ID, "", message, fix, builds=builds)
        elif copied and key not in copied:
            fix = f"delete it{nearest(key, copied - there, 0.8)}"
            yield Problem(file, line, ID, "", f"nothing copies the fact {key}", fix, builds=builds)
