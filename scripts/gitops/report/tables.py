"""The tables of the page of the fleet: what is missing, findings, versions, drift. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from gitops import images
from gitops.review.lines import plural
from gitops.review.places import said

NAMED = 4  # clusters
ROWS = 500  # of a table
Data = Mapping[str, Any]
Fleet = Mapping[str, tuple[str, ...]]  # environment -> its clusters


def missing(found: Data, where: Fleet) -> str:
    groups: dict[str, list[Data]] = {}
    for problem in found["problems"]:
        if problem["pending"]:
            groups.setdefault(problem["rule"], []).append(problem)
    planned = tuple(cluster["name"] for cluster in found["clusters"] if cluster["certificate"])
    rows = [
        (
            f"<code>{escape(rule)}</code>",
            plural(len(held), "place"),
            escape(held[0]["fix"]),
            _reached(_clusters(held), where),
        )
        for rule, held in sorted(groups.items())
    ]
    text = "commit the certificate of the cluster's sealed-secrets controller; it is live from then on"
    rows += [("certificate", plural(len(planned), "place"), text, _reached(planned, where))] if planned else []
    return section(
        "Missing before live",
        ("what", "places", "do, for example", "clusters"),
        rows,
        "each cluster above lists its own",
    )


def _clusters(held: Iterable[Data]) -> tuple[str, ...]:
    return tuple(sorted({name for problem in held for name in problem["clusters"]}))


def findings(found: Data, where: Fleet) -> str:
    held = [problem for problem in found["problems"] if not problem["pending"]]
    rows = [
        (
            f'<span class="badge {"high" if p["severity"] == "error" else "medium"}">{p["severity"]}</span>',
            f"<code>{escape(p['path'])}:{p['line']}</code><br>{escape(p['object'])}",
            f"{escape(p['message'])}; <b>{escape(p['fix'])}</b> <code>{escape(p['rule'])}</code>",
            _reached(tuple(p["clusters"]), where),
        )
        for p in held[:ROWS]
    ]
    more = f"the first {ROWS} of {len(held)}; each cluster lists its own" if len(held) > ROWS else ""
    return section("Findings", ("level", "where", "what", "clusters"), rows, more) or (
        '<section><h2>Findings</h2><div class="card empty">none</div></section>'
    )


def _reached(names: tuple[str, ...], where: Fleet) -> str:
    """The clusters in few words; the names when there are many."""
    if not names:
        return '<span class="dim">all, or none in particular</span>'
    label = escape(said(names, where))
    if len(names) <= NAMED:
        return label
    return f"<details><summary>{label}</summary>{escape(', '.join(names))}</details>"


def versions(found: Data) -> str:
    held = found["images"]
    names = sorted({name for of_one in held.values() for name in of_one})
    rows = [(f"<code>{escape(name)}</code>", *(_references(held[e].get(name, [])) for e in held)) for name in names]
    return section("Versions", ("image", *map(escape, held)), rows)


def _references(several: Iterable[str]) -> str:
    shown = (
        f"{escape(images.tag(one) or 'no tag')}<br><small>{escape(images.digest(one)[:19] or 'no digest')}</small>"
        for one in several
    )
    return "<br>".join(shown) or '<span class="dim">-</span>'


def drift(pair: Data) -> str:
    first, second = pair["from"], pair["to"]
    title = f"{first} and {second}"
    if pair["error"]:
        said_so = f'<div class="faults">not compared: {escape(pair["error"])}</div>'
        return f"<section><h2>{escape(title)}</h2>{said_so}</section>"
    rows = [
        tuple(
            f"<code>{escape(row['name'])}</code>" if key == "name" else escape(row[key][:200] or "-")
            for key in ("kind", "name", first, second, "since")
        )
        for row in pair["rows"]
    ]
    header = ("kind", "what differs", escape(first), escape(second), "since")
    alike = f'<section><h2>{escape(title)}</h2><div class="card empty">are alike</div></section>'
    return section(f"{title} differ", header, rows) or alike


def section(title: str, header: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> str:
    if not rows:
        return ""
    count = f'<span class="count">{len(rows)}{f", {note}" if note else ""}</span>'
    return f'<section><h2>{escape(title)}{count}</h2><div class="card">{table(header, rows)}</div></section>'


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in header)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
