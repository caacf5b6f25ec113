"""The report of an instance: the tree, what is not well, and no word of the cluster taken for HTML."""

import re
from typing import Any

from gitops.local import report
from gitops.local.applications import Application, Resource

COMMIT = "0123456789abcdef"
EVIL = '<script>alert("x")</script>&'


def app(
    name: str, *resources: Resource, sync: str = "Synced", wave: int = 0, said: tuple[str, ...] = ()
) -> Application:
    return Application(name, sync, "Healthy", COMMIT, "Succeeded", wave, said, resources)


def child(name: str) -> Resource:
    return Resource("Application", "argocd", name, "Synced", "Healthy", "")


def page(*applications: Application, **changed: Any) -> str:
    parts = {"etcd": "well", "kwok": "not running"}
    known: dict[str, Any] = {"instance": "i", "cluster": "c", "commit": COMMIT, "when": "now", "nodes": []}
    return report.page(report.View(**{**known, "parts": parts, **changed}, applications=applications), "body {}")


def texts(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.partition("<body>")[2]))


def test_children_are_below_the_application_that_has_them() -> None:
    html = page(app("root", child("root"), child("b"), child("a")), app("a", wave=-5), app("b"), app("stray"))
    tree = html.partition("<h2>Applications</h2>")[2].partition("<h2>")[0]
    names = re.findall(r"<ul>|</ul>|<b>(?:root|a|b|stray)</b><span", tree)
    assert [re.sub(r"<b>|</b><span", "", name) for name in names] == [
        "root",
        "<ul>",
        "a",
        "b",
        "</ul>",
        "stray",
        "</ul>",
    ]
    assert "wave -5, at 01234567" in texts(html)


def test_applications_that_have_each_other_do_not_hang() -> None:
    assert "Applications" in page(app("a", child("b")), app("b", child("a")))


def test_what_is_not_well_is_open_and_says_why() -> None:
    refused = Resource("Job", "n", "j", "OutOfSync", "Degraded", "no room", 10)
    html = page(app("fine"), app("ill", refused, sync="OutOfSync", said=("one failed",)))
    assert html.count("<details") == 2 and html.count('<details class="card" open>') == 1
    assert "one failed" in html and "no room" in html and "wave 10" in html
    assert "Applications well 1 of 2" in texts(html) and "parts well 1 of 2" in texts(html)


def test_every_word_is_escaped_and_nothing_is_fetched() -> None:
    evil = Resource(EVIL, EVIL, EVIL, EVIL, EVIL, EVIL)
    nodes = [report.Node(EVIL, False, EVIL, {"cpu": EVIL}, 0)]
    html = page(
        Application(EVIL, EVIL, EVIL, EVIL, EVIL, 0, (EVIL,), (evil, child("other"))),
        instance=EVIL, cluster=EVIL, commit=EVIL, when=EVIL, parts={EVIL: EVIL}, nodes=nodes, trouble=EVIL,
    )  # fmt: skip
    assert "<script" not in html and html.count("&lt;script&gt;") > 15
    assert re.search(r"https?:|\bsrc=|\bhref=|@import|url\(", html) is None


def test_nodes_are_counted_with_their_pods() -> None:
    ready = {"type": "Ready", "status": "True"}
    item = {
        "metadata": {"name": "n1", "labels": {"topology.kubernetes.io/zone": "z"}},
        "status": {"conditions": [ready], "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}},
    }
    found = report.nodes([item, {"metadata": {"name": "n2"}}], [{"spec": {"nodeName": "n1"}}, {"spec": {}}])
    assert [(node.name, node.ready, node.zone, node.pods) for node in found] == [
        ("n1", True, "z", 1),
        ("n2", False, "", 0),
    ]
    html = texts(page(nodes=found))
    assert "nodes Ready 1 of 2" in html and "n1 Ready z 4 CPUs, 8Gi memory 1 of 110 pods" in html
