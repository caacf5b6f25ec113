"""The flow table: rows, faults with their line, and which rows count in a build."""

import pytest

from gitops import flows
from gitops.connectivity import Port
from gitops.flows import Flow, Malformed

HEAD = "# why\nfrom,to,port,protocol,allowed,with\n"


def test_rows_are_read_with_their_line() -> None:
    assert list(flows.parse(HEAD + "\napi,redis,6379,TCP,yes,stores/redis\n")) == [
        Flow("api", "redis", Port(6379), flows.YES, "stores/redis", 4)
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("api,redis", "2 columns, not 6"),
        ("api,redis,http,TCP,yes,", "port http is no number"),
        ("api,redis,0,TCP,yes,", "port 0 is no number from 1 to 65535"),
        ("api,redis,1,tcp,yes,", "protocol tcp is neither"),
        ("api,redis,1,TCP,maybe,", "allowed is maybe, neither yes nor ingress-only"),
    ],
)
def test_faults_name_the_line(row: str, message: str) -> None:
    (fault,) = flows.parse(HEAD + row)
    assert isinstance(fault, Malformed)
    assert fault.line == 3
    assert fault.message.startswith(message)


def test_star_means_every_component_and_a_row_counts_with_its_component() -> None:
    every = Flow("*", "dns", Port(53, "UDP"), flows.YES, "", 1)
    opt_in = Flow("api", "internet", Port(443), flows.YES, "features/sentry", 2)
    keys = {("api", "dns", 53, "UDP"), ("redis", "dns", 53, "UDP")}
    assert set(flows.wanted([every, opt_in], ["api", "redis"], lambda _: False)) == keys
    assert len(flows.wanted([every, opt_in], ["api", "redis"], lambda folder: folder == "features/sentry")) == 3
