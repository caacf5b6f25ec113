"""An instance as one HTML page that needs nothing else: its Applications as a tree, its parts, its nodes. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Any

from gitops.local.applications import HEALTHY, SYNCED, Application, Resource
from gitops.manifests import dig, mapping, sequence

GOOD = frozenset((SYNCED, HEALTHY, "Succeeded", "Ready", "well"))
BUSY = frozenset(("Progressing", "Running", "Suspended", "Unknown", "starting"))


@dataclass(frozen=True)
class Node:
    """`room`: what pods may ask of it, as the API writes quantities; `pods`: how many run there."""

    name: str
    ready: bool
    zone: str
    room: Mapping[str, str]
    pods: int


@dataclass(frozen=True)
class View:
    """What the page shows. `commit` is the mirror's newest, `when` a time in words, `parts`: name -> state,
    `trouble` why something is missing."""

    instance: str
    cluster: str
    commit: str
    when: str
    applications: Sequence[Application]
    parts: Mapping[str, str]
    nodes: Sequence[Node]
    trouble: str = ""


def nodes(found: Iterable[Mapping[str, Any]], pods: Iterable[Mapping[str, Any]]) -> list[Node]:
    """The nodes as the API server has them, with the pods that are bound to each."""
    bound = [str(dig(pod, "spec", "nodeName")) for pod in pods]
    return [_node(item, bound) for item in found]


def _node(item: Mapping[str, Any], bound: list[str]) -> Node:
    name = str(dig(item, "metadata", "name"))
    conditions = [mapping(condition) for condition in sequence(dig(item, "status", "conditions"))]
    ready = any(c.get("type") == "Ready" and c.get("status") == "True" for c in conditions)
    zone = str(dig(item, "metadata", "labels", "topology.kubernetes.io/zone") or "")
    room = {key: str(value) for key, value in mapping(dig(item, "status", "allocatable")).items()}
    return Node(name, ready, zone, room, bound.count(name))


def page(view: View, style: str) -> str:
    """The whole page; `style` is its CSS (report.css)."""
    title = f"{view.cluster} on this machine"
    body = (
        f"<h1>{escape(view.cluster)}</h1>"
        f'<p class="dim">instance {escape(view.instance)}, commit <code>{escape(view.commit)}</code>, '
        f"{escape(view.when)}</p>"
        f"{_said([view.trouble] if view.trouble else [])}{_facts(view)}"
        f'<h2>Applications</h2><ul class="tree">{"".join(_tree(view.applications))}</ul>'
        f"<h2>Parts of the platform</h2>{_parts(view.parts)}"
        f"<h2>Nodes</h2>{_nodes(view.nodes)}"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style></head>\n<body>{body}</body></html>\n"
    )


def _facts(view: View) -> str:
    """How much of everything is as it should be."""
    settled = [app.settled(view.commit) for app in view.applications]
    objects = [found.settled for app in view.applications for found in app.resources]
    counts = {
        "Applications well": settled,
        "objects as in Git": objects,
        "parts well": [state in GOOD for state in view.parts.values()],
        "nodes Ready": [node.ready for node in view.nodes],
    }
    cells = (
        f'<div class="{"good" if states and all(states) else "bad"}"><dt>{escape(what)}</dt>'
        f"<dd>{sum(states)} of {len(states)}</dd></div>"
        for what, states in counts.items()
    )
    return f'<dl class="facts">{"".join(cells)}</dl>'


def _tree(applications: Sequence[Application]) -> Iterator[str]:
    """Every Application below the one that has it among its objects."""
    known = {app.name: app for app in applications}
    children = {app.name: [name for name in known if name in _children(app)] for app in applications}
    below = {name for names in children.values() for name in names}

    def item(name: str, above: tuple[str, ...]) -> str:
        path = (*above, name)
        inner = "".join(item(child, path) for child in children[name] if child not in path)
        return f"<li>{_application(known[name])}{f'<ul>{inner}</ul>' if inner else ''}</li>"

    yield from (item(name, ()) for name in known if name not in below)


def _children(app: Application) -> set[str]:
    return {found.name for found in app.resources if found.kind == "Application"} - {app.name}


def _application(app: Application) -> str:
    settled = app.settled(app.revision)
    marks = " ".join(_badge(word) for word in (app.sync, app.health, app.phase) if word)
    about = f'<span class="dim">wave {app.wave}, at <code>{escape(app.revision[:8] or "no commit")}</code></span>'
    return (
        f'<details class="card"{"" if settled else " open"}><summary><b>{escape(app.name)}</b>{about} {marks}</summary>'
        f"{_said(app.said)}{_objects(app.resources)}</details>"
    )


def _said(texts: Sequence[str]) -> str:
    lines = "".join(f"<p>{escape(text)}</p>" for text in texts)
    return f'<div class="said">{lines}</div>' if lines else ""


def _objects(resources: Sequence[Resource]) -> str:
    """By wave, as Argo CD applies them; with the namespace when there are several."""
    spaces = {found.namespace for found in resources} - {""}
    rows = []
    for wave, found in groupby(sorted(resources, key=lambda r: r.wave), key=lambda r: r.wave):
        rows.append(f'<tr class="wave"><th colspan="4">wave {wave}</th></tr>')
        rows += [_object(one, len(spaces) > 1) for one in sorted(found, key=lambda r: (r.settled, r.kind, r.name))]
    return _table(("Object", "Sync", "Health", "Message"), rows)


def _object(found: Resource, spaced: bool) -> str:
    space = f' <span class="dim">{escape(found.namespace)}</span>' if spaced else ""
    cells = (f"{escape(found.kind)} <b>{escape(found.name)}</b>{space}", _badge(found.sync), _badge(found.health))
    row = "".join(f"<td>{cell}</td>" for cell in cells)
    mark = ' class="bad"' if "bad" in (_kind(found.sync), _kind(found.health)) else ""
    return f'<tr{mark}>{row}<td class="message">{escape(found.message)}</td></tr>'


def _parts(parts: Mapping[str, str]) -> str:
    items = "".join(f"<li>{escape(name)} {_badge(state)}</li>" for name, state in parts.items())
    return f'<ul class="parts card">{items}</ul>'


def _nodes(found: Iterable[Node]) -> str:
    rows = []
    for node in found:
        room = ", ".join(f"{node.room[key]} {word}" for key, word in _ROOM.items() if key in node.room)
        pods = f"{node.pods} of {node.room.get('pods', '?')} pods"
        cells = (
            escape(node.name),
            _badge("Ready" if node.ready else "NotReady"),
            escape(node.zone),
            escape(room),
            pods,
        )
        rows.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    return f'<div class="card">{_table(("Node", "State", "Zone", "Room", "Pods"), rows)}</div>'


_ROOM = {"cpu": "CPUs", "memory": "memory"}


def _table(header: Sequence[str], rows: Iterable[str]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    return f"<table class=c{len(header)}><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _badge(word: str) -> str:
    return f'<span class="badge {_kind(word)}">{escape(word)}</span>' if word else ""


def _kind(word: str) -> str:
    return "good" if word in GOOD else "busy" if word in BUSY else "bad" if word else ""
