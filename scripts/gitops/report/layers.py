"""Where the boxes and lines of a graph go: columns by the flow of data, a lane of its own for a line that passes a
column, so that no line crosses a box. Pure.

Columns, lanes and their order after Sugiyama, Tagawa and Toda (IEEE Trans. SMC 11, 1981).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Edge = tuple[str, str]
Slot = tuple[str, ...]  # (name,) of a box; (source, target, column) of a line's lane
BOX, LANE, SPACE, GAP, STEP = 44, 14, 18, 120, 9  # heights, distances and the room between ends of lines, in px
SWEEPS = 8


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Layout:
    """Boxes by name; of every edge the points it goes through from source to target, in pairs: a curve leads from
    each pair to the next."""

    boxes: dict[str, Box]
    lines: dict[Edge, list[tuple[float, float]]]
    width: float
    height: float


def layout(names: Iterable[str], edges: Collection[Edge], width: float) -> Layout:
    """All boxes are `width` wide; an edge against the flow, as in a circle, goes backwards."""
    forward = _acyclic(sorted(names), sorted(edges))
    column = _columns(sorted(names), forward)
    chains = {edge: _chain(edge, column) for edge in forward}
    columns = _ordered(column, chains)
    slots = _placed(columns, chains, width)
    height = max((box.y + box.height for box in slots.values()), default=0)
    lines = _lines(chains, slots)
    turned = {edge: lines[edge] if edge in lines else lines[edge[::-1]][::-1] for edge in edges}
    return Layout(
        {s[0]: b for s, b in slots.items() if len(s) == 1}, turned, len(columns) * (width + GAP) - GAP, height
    )


def _acyclic(names: Sequence[str], edges: Sequence[Edge]) -> list[Edge]:
    """The edges with those that close a circle turned round."""
    below = {name: [target for source, target in edges if source == name] for name in names}
    done: set[str] = set()
    path: list[str] = []
    found: dict[Edge, None] = {}

    def visit(name: str) -> None:
        path.append(name)
        for target in below[name]:
            found[(target, name) if target in path else (name, target)] = None
            if target not in done and target not in path:
                visit(target)
        done.add(path.pop())

    first = sorted(names, key=lambda name: (any(target == name for _, target in edges), name))
    for name in first:
        if name not in done:
            visit(name)
    return list(found)


def _columns(names: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """From the left; what a box leads to is on its right, and as near as can be."""
    height = dict.fromkeys(names, 0)
    for _ in names:
        for source, target in edges:
            height[source] = max(height[source], height[target] + 1)
    most = max(height.values(), default=0)
    return {name: most - height[name] for name in names}


def _chain(edge: Edge, column: dict[str, int]) -> list[Slot]:
    between = range(column[edge[0]] + 1, column[edge[1]])
    return [(edge[0],), *((*edge, str(number)) for number in between), (edge[1],)]


def _ordered(column: dict[str, int], chains: dict[Edge, list[Slot]]) -> list[list[Slot]]:
    """Each column from top to bottom, with few crossings: every slot near the middle of those it is joined with."""
    columns: list[list[Slot]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    joined: dict[Slot, list[Slot]] = {}
    for name, number in column.items():
        columns[number].append((name,))
    for chain in chains.values():
        for slot in chain[1:-1]:
            columns[int(slot[2])].append(slot)
        for one, other in pairwise(chain):
            joined.setdefault(one, []).append(other)
            joined.setdefault(other, []).append(one)
    place = {slot: float(row) for slots in columns for row, slot in enumerate(slots)}
    for sweep in range(SWEEPS):
        for slots in columns if sweep % 2 else reversed(columns):
            near = {slot: [place[other] for other in joined.get(slot, [])] or [place[slot]] for slot in slots}
            slots.sort(key=lambda slot: (sum(near[slot]) / len(near[slot]), slot))
            place |= {slot: row - len(slots) / 2 for row, slot in enumerate(slots)}
    return columns


def _placed(columns: Sequence[Sequence[Slot]], chains: dict[Edge, list[Slot]], width: float) -> dict[Slot, Box]:
    """Boxes are as high as the lines that end there need; the columns are centred."""
    leaving: dict[str, int] = {}
    coming: dict[str, int] = {}
    for source, target in chains:
        leaving[source] = leaving.get(source, 0) + 1
        coming[target] = coming.get(target, 0) + 1

    def height(slot: Slot) -> float:
        if len(slot) > 1:
            return LANE
        return max(BOX, STEP * (max(leaving.get(slot[0], 0), coming.get(slot[0], 0)) + 1))

    heights = [sum(height(slot) + SPACE for slot in slots) - SPACE for slots in columns]
    found = {}
    for number, slots in enumerate(columns):
        y = (max(heights) - heights[number]) / 2
        for slot in slots:
            found[slot] = Box(number * (width + GAP), y, width, height(slot))
            y += height(slot) + SPACE
    return found


def _lines(chains: dict[Edge, list[Slot]], slots: dict[Slot, Box]) -> dict[Edge, list[tuple[float, float]]]:
    """The ends of lines are spread over the side of a box in the order of where they come from."""
    out: dict[Slot, list[Edge]] = {}
    into: dict[Slot, list[Edge]] = {}
    for edge, chain in chains.items():
        out.setdefault(chain[0], []).append(edge)
        into.setdefault(chain[-1], []).append(edge)

    def middle(slot: Slot) -> float:
        return slots[slot].y + slots[slot].height / 2

    start = {
        e: y
        for slot, held in out.items()
        for e, y in _spread(slots[slot], sorted(held, key=lambda e: middle(chains[e][1])))
    }
    end = {
        e: y
        for slot, held in into.items()
        for e, y in _spread(slots[slot], sorted(held, key=lambda e: middle(chains[e][-2])))
    }
    found = {}
    for edge, chain in chains.items():
        first, last = slots[chain[0]], slots[chain[-1]]
        points = [(first.x + first.width, start[edge])]
        for slot in chain[1:-1]:
            points += [(slots[slot].x, middle(slot)), (slots[slot].x + slots[slot].width, middle(slot))]
        found[edge] = [*points, (last.x, end[edge])]
    return found


def _spread(box: Box, edges: Sequence[Edge]) -> Iterable[tuple[Edge, float]]:
    step = box.height / (len(edges) + 1)
    return ((edge, box.y + step * number) for number, edge in enumerate(edges, 1))
