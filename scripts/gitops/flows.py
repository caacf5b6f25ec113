"""The connections that PyBase needs: policies/flows.csv, and which of its rows count in a build. Pure.

Columns: from, to, port, protocol, allowed (yes, or ingress-only: the source's egress refuses it), with (the folder of
components/ that a build must list for the row to count, empty for none). `*` is every component.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from gitops.connectivity import Port

FILE = "flows.csv"
COLUMNS = ("from", "to", "port", "protocol", "allowed", "with")
YES, INGRESS_ONLY = "yes", "ingress-only"


@dataclass(frozen=True)
class Flow:
    """One row: `line` counts from 1."""

    source: str
    destination: str
    port: Port
    allowed: str
    component: str
    line: int


@dataclass(frozen=True)
class Malformed:
    """A row that cannot be read."""

    line: int
    message: str


def parse(text: str) -> Iterator[Flow | Malformed]:
    """The rows of the table; comments (#) and the header are left out."""
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in next(csv.reader([line]), [])]
        if not line.strip() or line.startswith("#") or tuple(cells) == COLUMNS:
            continue
        yield _row(cells, number)


def _row(cells: list[str], line: int) -> Flow | Malformed:
    if len(cells) != len(COLUMNS):
        return Malformed(line, f"{len(cells)} columns, not {len(COLUMNS)} ({', '.join(COLUMNS)})")
    source, destination, port, protocol, allowed, component = cells
    if not port.isdecimal() or not 0 < int(port) < 65536:
        return Malformed(line, f"port {port} is no number from 1 to 65535")
    if protocol not in ("TCP", "UDP"):
        return Malformed(line, f"protocol {protocol} is neither TCP nor UDP")
    if allowed not in (YES, INGRESS_ONLY):
        return Malformed(line, f"allowed is {allowed}, neither {YES} nor {INGRESS_ONLY}")
    return Flow(source, destination, Port(int(port), protocol), allowed, component, line)


Key = tuple[str, str, int, str]


def key(source: str, destination: str, port: Port) -> Key:
    return source, destination, port.number, port.protocol


def wanted(flows: Iterable[Flow], components: Iterable[str], lists: Callable[[str], bool]) -> dict[Key, Flow]:
    """The flows of a build that has these components; `lists` says whether it lists a folder of components/."""
    names = list(components)
    return {
        key(source, flow.destination, flow.port): flow
        for flow in flows
        if not flow.component or lists(flow.component)
        for source in (names if flow.source == "*" else [flow.source])
    }
