"""The fleet as one HTML page that needs nothing else. Pure.

Everything is in the HTML as escaped text, but for the lists of each cluster, which the script makes when one is opened.
"""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

from gitops import html
from gitops.report.graph import Graph
from gitops.report.picture import picture
from gitops.report.tables import NAMED, Data, Fleet, drift, findings, missing, table, versions
from gitops.review.lines import plural
from gitops.review.page import STYLE as SHARED
from gitops.review.places import said

STYLE = SHARED + (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
SCRIPT = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")


def page(found: Data, graphs: Sequence[Graph]) -> str:
    """The whole page; `found` as report.data says, and the graphs it has."""
    count = len(found["clusters"])
    title = f"{plural(count, 'cluster')} in {plural(len(found['environments']), 'environment')}"
    where = {
        name: tuple(c["name"] for c in found["clusters"] if c["environment"] == name) for name in found["environments"]
    }
    body = (
        f"<main>{_header(found, title)}{_bar(found)}"
        f"{''.join(_environment(found, name) for name in found['environments'])}"
        f"{missing(found, where)}{findings(found, where)}{versions(found)}"
        f"{''.join(drift(pair) for pair in found['drift'])}{''.join(_graphs(found, graphs, where))}</main>"
    )
    return html.document(escape(f"The fleet: {title}"), STYLE, body, "fleet", _held(found), SCRIPT)


def _held(found: Data) -> dict[str, Any]:
    """What the script needs for the lists of a cluster; texts once each."""
    texts: dict[str, int] = {}
    problems = [
        [
            p["path"],
            p["line"],
            p["object"],
            p["rule"],
            *(texts.setdefault(p[key], len(texts)) for key in ("message", "fix")),
        ]
        for p in found["problems"]
    ]
    keys = ("name", "applications", "error", "missing", "certificate", "findings")
    return {
        "clusters": [{key: cluster[key] for key in keys} for cluster in found["clusters"]],
        "problems": problems,
        "texts": list(texts),
    }


def _header(found: Data, title: str) -> str:
    clusters, findings = found["clusters"], [p for p in found["problems"] if not p["pending"]]
    broken = sum(bool(cluster["error"]) for cluster in clusters)
    live = sum(cluster["state"] == "live" for cluster in clusters)
    facts = [
        ("clusters", len(clusters), ""),
        ("live", live, ""),
        ("planned", len(clusters) - live, ""),
        ("objects", sum(cluster["objects"] for cluster in clusters), ""),
        ("findings", len(findings), "bad" if findings else "good"),
        *([("do not build", broken, "bad")] if broken else []),
    ]
    cells = "".join(f'<div class="{kind}"><dt>{what}</dt><dd>{value}</dd></div>' for what, value, kind in facts)
    commit = f"<code>{escape(found['commit'])}</code> {escape(found['date'])}, {escape(found['subject'])}"
    changes = f" <b>{escape(found['changes'])}</b>" if found["changes"] else ""
    notes = "".join(f"<li>{escape(note)}</li>" for note in found["notes"])
    return (
        f"<header><h1>The fleet: {escape(title)}</h1>"
        f'<div class="dim">{commit if found["commit"] else "not in Git"}{changes}</div><dl class="facts">{cells}</dl>'
        f"{f'<div class=faults><b>Not complete</b><ul>{notes}</ul></div>' if notes else ''}</header>"
    )


def _bar(found: Data) -> str:
    choices = {
        "environment": found["environments"],
        "state": sorted({cluster["state"] for cluster in found["clusters"]}),
        "has": ["findings", "to do", "build error"],
    }
    selects = "".join(
        f'<select id="{name}" aria-label="{name}"><option value="">{name}</option>'
        f"{''.join(f'<option>{escape(value)}</option>' for value in values)}</select>"
        for name, values in choices.items()
    )
    return (
        '<div class="bar"><input type="search" id="search" placeholder="search clusters, files, images  ( / )" '
        f'aria-label="search" autocomplete="off" spellcheck="false">{selects}<button type="button" id="clear">clear'
        '</button><span id="shown" class="dim" role="status"></span>'
        '<button type="button" id="theme" title="light or dark (t)" aria-label="light or dark">◐</button></div>'
    )


def _environment(found: Data, name: str) -> str:
    rows = "".join(
        _cluster(cluster, number) for number, cluster in enumerate(found["clusters"]) if cluster["environment"] == name
    )
    head = "".join(
        f"<span>{word}</span>"
        for word in ("", "state", "domain", "version", "objects", "Applications", "to do", "findings")
    )
    count = rows.count("<details")
    empty = '<div class="card empty">no cluster</div>'
    return (
        f'<section class="environment"><h2>{escape(name)}<span class="count">{plural(count, "cluster")}</span></h2>'
        f'<div class="head cells" aria-hidden="true">{head if rows else ""}</div>{rows or empty}</section>'
    )


def _cluster(cluster: Data, number: int) -> str:
    todo, findings = len(cluster["missing"]) + bool(cluster["certificate"]), len(cluster["findings"])
    has = [
        word for word, there in (("findings", findings), ("to do", todo), ("build error", cluster["error"])) if there
    ]
    broken = '<span class="badge high">does not build</span>' if cluster["error"] else ""
    place = escape(f"{cluster['provider']}, {cluster['location']}")
    cells = (
        f"<b>{escape(cluster['name'])}</b>{broken}<small>{place}</small>",
        f'<span class="badge {"added" if cluster["state"] == "live" else ""}">{cluster["state"]}</span>',
        escape(cluster["domain"]),
        escape(str(cluster["version"])),
        f"{cluster['objects']} <i>objects</i>",
        f"{len(cluster['applications'])} <i>Applications</i>",
        f'<span class="badge {"medium" if todo else ""}">{todo}</span> <i>to do</i>',
        f'<span class="badge {"high" if findings else ""}">{findings}</span> <i>findings</i>',
    )
    spans = "".join(f"<span>{cell}</span>" for cell in cells)
    return (
        f'<details class="card cluster" data-number="{number}" data-environment="{escape(cluster["environment"])}" '
        f'data-state="{cluster["state"]}" data-has="{",".join(has)}"><summary class="cells">{spans}</summary></details>'
    )


def _graphs(found: Data, graphs: Sequence[Graph], where: Fleet) -> Iterator[str]:
    if not graphs:
        return
    yield (
        '<h2>Who can connect to whom</h2><p class="dim">From the rendered network policies. An arrow leads from who '
        "opens a connection to who is reached; the ports are those of all arrows to a box. Point at a box, or move to "
        "it with Tab, to see its own connections alone.</p>"
        '<p class="legend"><span class="outside">outside the cluster</span><span class="workload">workload</span>'
        '<span class="store">store</span><span class="job">job</span></p>'
    )
    for number, (graph, held) in enumerate(zip(graphs, found["graphs"], strict=True)):
        yield _graph(graph, held, number, where)


def _graph(graph: Graph, held: Data, number: int, where: Fleet) -> str:
    names, rows = graph.clusters, [tuple(f"<code>{escape(cell)}</code>" for cell in edge) for edge in held["edges"]]
    label, many = said(names, where), plural(len(rows), "connection")
    drawn = picture(graph, number, f"Connections of {label}")
    unlike = "".join(f"<li><b>{word}</b> {escape(line)}</li>" for word in ("more", "less") for line in held[word])
    common = "; ".join(f"{name} ({ports})" for name, ports in held["common"].items())
    hidden = escape(", ".join(names)) if len(names) > NAMED else ""
    parts = (
        f'<section class="connections"><h3>{escape(label)}</h3>',
        f"<details><summary>{plural(len(names), 'cluster')}</summary>{hidden}</details>" if hidden else "",
        f'<ul class="unlike"><li>compared with the first picture:</li>{unlike}</ul>' if unlike else "",
        f'<div class="card scroll">{drawn or f"<p>{many}: none, or too many to draw; see the table</p>"}</div>',
        f'<p class="dim">Not drawn: every component reaches {escape(common)}</p>' if common else "",
        f'<details class="card"><summary>{many} as a table</summary>',
        f"{table(('from', 'to', 'ports'), rows)}</details></section>",
    )
    return "".join(parts)
