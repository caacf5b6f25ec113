"""docs/network.md shows exactly the flows of policies/flows.csv."""

from collections.abc import Iterator

from gitops import flows
from gitops.layout import POLICIES
from support import ROOT


def test_the_flow_tables_are_the_flow_list() -> None:
    """Both tables of docs/network.md are policies/flows.csv; DNS, which every pod reaches, is said in words."""
    inside, outside = (ROOT / "docs" / "network.md").read_text().split("\n## ")[1:3]
    shown = {*matrix(inside), *by_component(outside)}
    rows = flows.parse((ROOT / POLICIES / flows.FILE).read_text())
    listed = [row for row in rows if isinstance(row, flows.Flow) and row.destination != "dns"]
    assert shown == {(row.source, row.destination, row.port.number, row.allowed, row.component) for row in listed}


def cells(text: str) -> list[list[str]]:
    """The rows of the only table of `text`, the header first."""
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|") and "|---" not in line]
    return [[cell.strip().strip("`") for cell in row] for row in rows]


def matrix(text: str) -> Iterator[tuple[str, str, int, str, str]]:
    (_, *targets), *rows = cells(text)
    for source, *row in rows:
        for target, allowed in zip(targets, row, strict=True):
            name, _, ports = target.partition(" ")
            yield from ((source, name, int(port), allowed, "") for port in ports.split(",") if allowed)


def by_component(text: str) -> Iterator[tuple[str, str, int, str, str]]:
    for component, sources, target, ports in cells(text)[1:]:
        for source in sources.replace("every pod", "*").split(", "):
            yield from ((source, target, int(port), flows.YES, component) for port in ports.split(","))
