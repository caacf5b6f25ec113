"""A graph as an SVG of our own: boxes in columns, arrows from who connects to who is reached. Pure."""

from html import escape

from gitops.report.graph import OUTSIDE, Graph
from gitops.report.layers import Box, layout

LETTER = 8.0  # px that a letter of a box takes at most, at the size that the style gives it
LONGEST = 26  # letters of a name that are shown
MOST = 120  # lines; with more nobody sees anything
EDGE = 8  # px around everything


def picture(graph: Graph, number: int, title: str) -> str:
    """The <svg>; "" when there is nothing to draw, or too much. `number` keeps its ids apart from others'."""
    edges = {pair: ports for pair, ports in graph.edges.items() if pair[1] not in graph.common}
    if not edges or len(edges) > MOST:
        return ""
    names = {name for pair in edges for name in pair}
    at = {name: f"reached on {' '.join(_ports(edges, name))}" for name in names if _ports(edges, name)}
    width = max(len(_short(text)) for text in (*names, *(_label(edges, name) for name in names))) * LETTER + 24
    made = layout(names, edges, width)
    lines = "".join(
        f'<path class="edge" data-from="{escape(source)}" data-to="{escape(target)}" d="{_curve(points)}" '
        f'marker-end="url(#arrow{number})"><title>{escape(f"{source} -> {target}: {edges[source, target]}")}'
        "</title></path>"
        for (source, target), points in made.lines.items()
    )
    boxes = "".join(
        _box(name, box, graph.roles[name], _label(edges, name), at.get(name, ""))
        for name, box in sorted(made.boxes.items())
    )
    about = "Arrows point from who opens a connection to who is reached; the table below has every one."
    if graph.common:
        everyone = "; ".join(f"{name} ({ports})" for name, ports in graph.common.items())
        about = f"{about} Every component reaches {everyone}."
    size = f"{-EDGE} {-EDGE} {made.width + 2 * EDGE:.0f} {made.height + 2 * EDGE:.0f}"
    return (
        f'<svg class="graph" viewBox="{size}" width="{made.width + 2 * EDGE:.0f}" role="group" '
        f'aria-labelledby="title{number} desc{number}"><title id="title{number}">{escape(title)}</title>'
        f'<desc id="desc{number}">{escape(about)}</desc>'
        f'<defs><marker id="arrow{number}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto" markerUnits="userSpaceOnUse"><path d="M0 0L8 4L0 8z"/></marker></defs>'
        f"{lines}{boxes}</svg>"
    )


def _ports(edges: dict[tuple[str, str], str], name: str) -> list[str]:
    several = [port for (_, target), ports in edges.items() if target == name for port in ports.split(", ")]
    return sorted(set(several), key=lambda port: (int(port.partition("/")[0]), port))


def _label(edges: dict[tuple[str, str], str], name: str) -> str:
    return " ".join(f":{port}" for port in _ports(edges, name))


def _box(name: str, box: Box, role: str, ports: str, at: str) -> str:
    middle, centre = box.x + box.width / 2, box.y + box.height / 2
    texts = [("name", name, centre - 2), ("ports", ports, centre + 14)] if ports else [("name", name, centre + 5)]
    lines = "".join(
        f'<text class="{kind}" x="{middle:.1f}" y="{y:.1f}" text-anchor="middle">{escape(_short(text))}</text>'
        for kind, text, y in texts
    )
    said = ", ".join(filter(None, (name, "outside the cluster" if role == OUTSIDE else role, at)))
    return (
        f'<g class="node {role}" data-name="{escape(name)}" tabindex="0" role="img" aria-label="{escape(said)}">'
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="6"/>'
        f"<title>{escape(said)}</title>{lines}</g>"
    )


def _short(text: str) -> str:
    return f"{text[: LONGEST - 1]}…" if len(text) > LONGEST else text


def _curve(points: list[tuple[float, float]]) -> str:
    """Curves that leave and arrive level between columns, straight lines along a lane."""
    (x, y), *rest = points
    path = [f"M{x:.1f} {y:.1f}"]
    for number, (to_x, to_y) in enumerate(rest):
        half = (x + to_x) / 2
        path.append(
            f"H{to_x:.1f}" if number % 2 else f"C{half:.1f} {y:.1f} {half:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
        )
        x, y = to_x, to_y
    return "".join(path)
