"""What differs between two renders: pairing, merge keys, order, hashes, secrets, and hunks said once."""

from typing import Any

import pytest

from gitops.difference import ADDED, CHANGED, DELETED, HIDDEN, Difference, differences
from gitops.fields import ABSENT, Change, compare
from gitops.manifests import Build, Manifest
from gitops.review.hunks import hunks
from gitops.review.places import said


def where(old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    return [(change.where, change.old, change.new) for change in compare(old, new)]


def build(*objects: dict[str, Any]) -> Build:
    return Build("clusters/c/workload", "c", "workload", [Manifest(data) for data in objects])


def thing(kind: str, name: str, **fields: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "n"}, **fields}


def test_an_item_is_found_by_its_name_wherever_it_is() -> None:
    old = {"containers": [{"name": "a", "image": "x:1"}, {"name": "b", "image": "y:1"}]}
    new = {"containers": [{"name": "b", "image": "y:1"}, {"name": "a", "image": "x:2"}]}
    assert where(old, new) == [("containers[a].image", "x:1", "x:2")]


@pytest.mark.parametrize(
    ("field", "items"),
    [
        ("volumeMounts", [{"mountPath": "/a", "name": "v"}, {"mountPath": "/b", "name": "v"}]),
        ("ports", [{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 53, "protocol": "TCP"}]),
        ("envFrom", [{"configMapRef": {"name": "a"}}, {"secretRef": {"name": "b"}}]),
        ("topologySpreadConstraints", [{"topologyKey": "a", "maxSkew": 1}, {"topologyKey": "b", "maxSkew": 2}]),
        ("subjects", [{"kind": "User", "name": "a"}, {"kind": "Group", "name": "a"}]),
        ("volumeClaimTemplates", [{"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}]),
        ("finalizers", ["a", "b"]),
        ("from", [{"ipBlock": {"cidr": "10.0.0.0/8"}}, {"podSelector": {}}]),
    ],
)
def test_the_order_of_a_list_is_no_difference(field: str, items: list[Any]) -> None:
    assert where({field: items}, {field: items[::-1]}) == []


def test_the_order_is_one_where_it_may_mean_something() -> None:
    for field in ("args", "valueFiles"):
        assert where({field: ["a", "b"]}, {field: ["b", "a"]}) == [(field, ["a", "b"], ["b", "a"])]
    rules: list[Any] = [{"matches": [1]}, {"matches": [2]}]
    assert where({"spec": {"rules": rules}}, {"spec": {"rules": rules[::-1]}}) == [("spec.rules", rules, rules[::-1])]
    assert where({"rules": rules}, {"rules": rules[::-1]}) == []
    first, second = {"name": "a"}, {"name": "b"}
    found = where({"initContainers": [first, second]}, {"initContainers": [second, first]})
    assert found == [("initContainers[order]", ["a", "b"], ["b", "a"])]


def test_items_without_a_name_are_compared_in_order_when_as_many() -> None:
    same = {"to": [{"podSelector": {}}], "ports": [{"port": 1}]}
    old, new = {"ports": [{"port": 53}]}, {"ports": [{"port": 54}]}
    assert where({"egress": [same, old]}, {"egress": [new, same]}) == [
        ("egress[1].ports[53]", {"port": 53}, ABSENT),
        ("egress[1].ports[54]", ABSENT, {"port": 54}),
    ]
    assert where({"verbs": ["get"]}, {"verbs": ["get", "list"]}) == [("verbs[]", ABSENT, "list")]


def test_the_same_item_twice_is_counted() -> None:
    assert where({"hosts": ["a", "a"]}, {"hosts": ["a"]}) == [("hosts[]", "a", ABSENT)]
    names = {"env": [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]}
    assert where(names, names) == []


def test_types_are_values() -> None:
    assert where({"a": 1, "b": "1", "c": None}, {"a": True, "b": 1, "c": None}) == [("a", 1, True), ("b", "1", 1)]
    assert where({"a": None}, {}) == [("a", None, ABSENT)]


def test_a_key_with_dots_is_quoted() -> None:
    assert where({"annotations": {"a.b/c": "1"}}, {"annotations": {"a.b/c": "2"}})[0][0] == 'annotations["a.b/c"]'


def test_another_version_is_the_same_object_and_another_group_is_not() -> None:
    old = thing("Ingress", "i", apiVersion="networking.k8s.io/v1beta1")
    moved = differences(build(old), build({**old, "apiVersion": "networking.k8s.io/v1"}))
    assert [(d.status, d.changes[0].where) for d in moved] == [(CHANGED, "apiVersion")]
    other = differences(build(old), build({**old, "apiVersion": "extensions/v1"}))
    assert [d.status for d in other] == [ADDED, DELETED]


def test_a_new_hash_is_a_restart_and_no_change_of_fields() -> None:
    def at(hashed: str, value: str) -> Build:
        pods = {"spec": {"envFrom": [{"configMapRef": {"name": f"settings-{hashed}"}}]}}
        return build(
            thing("ConfigMap", f"settings-{hashed}", data={"A": value}),
            thing("Deployment", "d", spec={"template": pods}),
        )

    found = differences(at("7mtk49hb2d", "1"), at("9bcdfghkmt", "2"))
    assert [(d.identity, [c.where for c in d.changes], d.rehashed) for d in found] == [
        ("ConfigMap/n/settings", ["data.A"], ()),
        ("Deployment/n/d", [], ("settings",)),
    ]


def test_a_new_hash_in_an_object_without_pods_is_a_change_of_its_own() -> None:
    """A Role that names a ConfigMap: nothing restarts, so no other line says it; alike whatever the hashes are."""

    def at(hashed: str) -> Build:
        names = [{"resourceNames": [f"settings-{hashed}"]}]
        return build(thing("ConfigMap", f"settings-{hashed}"), thing("Role", "r", rules=names))

    (found,) = [d for d in differences(at("7mtk49hb2d"), at("9bcdfghkmt")) if d.identity == "Role/n/r"]
    assert [(c.where, c.old, c.new) for c in found.changes] == [
        ("rules[0].resourceNames[]", "settings (old hash)", ABSENT),
        ("rules[0].resourceNames[]", ABSENT, "settings (new hash)"),
    ]


def test_hashes_of_two_objects_of_one_name_are_not_guessed() -> None:
    both = build(thing("ConfigMap", "s-7mtk49hb2d"), thing("ConfigMap", "s-2222222222"))
    found = differences(both, build(thing("ConfigMap", "s-9bcdfghkmt")))
    assert [d.status for d in found] == [ADDED, DELETED, DELETED]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("SealedSecret", {"spec": {"encryptedData": {"password": "AgC4nary"}}}),
        ("SealedSecret", {"spec": {"template": {"data": {"a": "AgC4nary"}}}}),
        ("Secret", {"stringData": {"a": "C4nary"}}),
    ],
)
def test_secret_values_are_compared_and_never_held(kind: str, fields: dict[str, Any]) -> None:
    other = eval(repr(fields).replace("C4nary", "C4nary2"))
    for old, new in ((fields, other), (fields, None), (None, fields)):
        found = differences(*(build(*([thing(kind, "s", **held)] if held else [])) for held in (old, new)))
        assert len(found) == 1 and HIDDEN in repr(found[0].changes) and "C4nary" not in repr(found[0].changes)
    assert differences(build(thing(kind, "s", **fields)), build(thing(kind, "s", **fields))) == []


def test_what_changes_alike_is_one_hunk_with_its_objects_and_places() -> None:
    image, host = Change(("image",), "1", "2"), Change(("host",), "a", "b")
    found = [
        ("c1", Difference("Deployment/n/a", Manifest({}), Manifest({}), (image,))),
        ("c2", Difference("Deployment/n/a", Manifest({}), Manifest({}), (image, host))),
        ("c1", Difference("Deployment/n/b", Manifest({}), Manifest({}), (image,))),
        ("c2", Difference("Deployment/n/b", Manifest({}), Manifest({}), (image,))),
    ]
    assert [(h.objects, h.places, h.changes) for h in hunks(found)] == [
        (("Deployment/n/a", "Deployment/n/b"), ("c1", "c2"), (image,)),
        (("Deployment/n/a",), ("c2",), (host,)),
    ]


def test_places_in_few_words() -> None:
    fleet = {"production": ("p1", "p2"), "staging": ("s1",)}
    assert said(("p1", "p2"), fleet) == "all 2 of production"
    assert said(("p1", "p2", "s1"), fleet) == "all 2 of production, s1"
    assert said(tuple(f"x{n}" for n in range(9)), fleet, 3) == "x0, x1, x2, 6 more"
