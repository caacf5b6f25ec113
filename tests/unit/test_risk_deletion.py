"""What falls with an object that is deleted, said in words; of objects that this repository does not have."""

from typing import Any

import pytest

from gitops.comparison import Comparison, Pair
from gitops.difference import differences
from gitops.fleet import Fleet
from gitops.layout import Repository
from gitops.manifests import Build, Manifest
from gitops.risk import HIGH, Case, Flag
from gitops.risk.deletion import deletion
from support import ROOT


def thing(kind: str, name: str, **fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "n"}, **fields}


def flags(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[Flag]:
    before, after = (Build("b", objects=[Manifest(data) for data in side]) for side in (old, new))
    sides = Fleet(Repository(ROOT), [], [], {}, [])
    pair = Pair("b", "", "", before, after, differences(before, after))
    return list(deletion(Case(pair, Comparison("a", "b", [pair], sides, sides))))


KEPT, LOST = thing("StorageClass", "kept", reclaimPolicy="Retain"), thing("StorageClass", "lost")
CRD = thing("CustomResourceDefinition", "x.y", spec={"names": {"kind": "X"}})
TEMPLATE = {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}
GONE = {**TEMPLATE, "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}}


def claim(name: str) -> dict[str, Any]:
    return thing("PersistentVolumeClaim", "c", spec={"storageClassName": name})


@pytest.mark.parametrize(
    ("gone", "beside", "words"),
    [
        (claim("kept"), [KEPT], "its volume stays, unbound (class kept: Retain)"),
        (claim("lost"), [LOST], "its volume and data go too (class lost: Delete)"),
        (claim("other"), [], "unless class other retains them"),
        (CRD, [thing("X", "one"), thing("X", "two")], "with every X of the cluster (2 objects (2 X) of this build)"),
        (thing("StatefulSet", "s", spec=TEMPLATE), [], "its volume claims (data) stay, with their data"),
        (thing("StatefulSet", "s", spec=GONE), [], "its volume claims (data) and their data go too"),
        (thing("StatefulSet", "s", spec={}), [], "it has no volume claims of its own"),
        (thing("Secret", "s"), [], "its values go; no pod refers to it any more"),
        (thing("Application", "a", spec={"source": {"path": "x"}}), [], "what it deployed stays, unmanaged"),
        (thing("PersistentVolume", "v"), [], "found again only by hand"),
    ],
)
def test_what_falls_with_it(gone: dict[str, Any], beside: list[dict[str, Any]], words: str) -> None:
    [flag] = flags([gone, *beside], beside)
    assert flag.level == HIGH and flag.subject == Manifest(gone).identity and words in flag.message


def test_another_name_is_a_deletion_too() -> None:
    [flag] = flags([claim("kept"), KEPT], [{**claim("kept"), "metadata": {"name": "d", "namespace": "n"}}, KEPT])
    assert flag.message.startswith("is replaced by d, under another name: ")


def test_what_holds_nothing_goes_without_a_word() -> None:
    assert flags([thing("Service", "s"), thing("ConfigMap", "c")], []) == []
