"""Boxes and lines of the connectivity picture: in columns by the flow, no line through a box."""

from itertools import combinations, pairwise

import pytest

from gitops.report.layers import Box, Layout, layout

SHOP = [("edge", "web"), ("edge", "api"), ("edge", "store"), ("web", "api"), ("api", "store"), ("api", "queue"),
        ("worker", "queue"), ("worker", "store"), ("job", "store")]  # fmt: skip
CIRCLE = [("a", "b"), ("b", "c"), ("c", "a"), ("b", "a")]
WIDE = [(f"worker{n}", f"store{m}") for n in range(12) for m in range(6)] + [("edge", f"store{m}") for m in range(6)]
EVERYONE = [(a, b) for a in "abcdefg" for b in "abcdefg" if a != b]


def made(edges: list[tuple[str, str]]) -> Layout:
    return layout({name for edge in edges for name in edge}, edges, 100)


def apart(one: Box, other: Box) -> bool:
    return (
        one.x + one.width <= other.x
        or other.x + other.width <= one.x
        or one.y + one.height <= other.y
        or other.y + other.height <= one.y
    )


@pytest.mark.parametrize("edges", [SHOP, CIRCLE, WIDE, EVERYONE])
def test_nothing_is_on_a_box(edges: list[tuple[str, str]]) -> None:
    found = made(edges)
    assert all(apart(one, other) for one, other in combinations(found.boxes.values(), 2))
    assert set(found.lines) == set(edges)
    for points in found.lines.values():
        for (x, y), (to_x, to_y) in pairwise(points):  # a curve stays inside the rectangle of its ends
            span = Box(min(x, to_x), min(y, to_y), abs(to_x - x), max(abs(to_y - y), 0.01))
            assert all(apart(span, box) for box in found.boxes.values())


def test_columns_follow_the_flow() -> None:
    boxes = made(SHOP).boxes
    assert boxes["edge"].x < boxes["web"].x < boxes["api"].x == boxes["worker"].x == boxes["job"].x < boxes["store"].x


def test_lines_end_at_their_boxes_and_apart_from_each_other() -> None:
    found = made(SHOP)
    for (source, target), points in found.lines.items():
        assert points[0][0] == found.boxes[source].x + 100 and points[-1][0] == found.boxes[target].x
    ends = [points[-1] for (_, target), points in found.lines.items() if target == "store"]
    assert len(set(ends)) == len(ends)


def test_the_same_graph_is_drawn_the_same() -> None:
    assert made(SHOP) == made(SHOP[::-1])


def test_nothing() -> None:
    assert layout([], [], 100).boxes == {}
