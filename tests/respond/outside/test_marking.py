"""Which entries on a list are ours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.respond.outside.marking import (
    Mark,
    canonical,
    host_mark,
    moment,
    read_mark,
    remark_of,
    seconds_until,
    with_length,
)
from tests.respond.nft.measures import NOW, measure


def test_a_remark_is_read_as_it_was_written() -> None:
    remark = remark_of(measure("203.0.113.7"), "pbx.office.example")
    assert remark == "ringfence 0123abcd until 2026-11-25T04:12:00Z on pbx.office.example"
    assert read_mark(remark) == Mark("0123abcd", "2026-11-25T04:12:00Z", "pbx.office.example")


@pytest.mark.parametrize("remark", [
    "", None, 7, "carrier, ringfence 0123abcd until 2026-11-25T04:12:00Z on pbx",
    "ringfence 0123abcd until 2026-11-25T04:12:00Z on pbx, do not touch",
    "ringfence RF-20261125 until never on pbx", "ringfence 0123abcd until 2026-11-25 on pbx",
])  # fmt: skip
def test_what_somebody_else_wrote_is_not_ours(remark: object) -> None:
    assert read_mark(remark) is None


def test_a_strange_name_of_this_machine_breaks_no_remark() -> None:
    one = replace(measure("203.0.113.7"))
    remark = remark_of(one, "a b || c\n" + "x" * 100)
    mark = read_mark(remark)
    assert mark is not None
    assert mark.host == host_mark("a b || c\n" + "x" * 100)
    assert len(mark.host) == 64


@pytest.mark.parametrize(("text", "address"), [
    ("203.0.113.7", "203.0.113.7"), ("203.0.113.7/32", "203.0.113.7"),
    ("203.0.113.7/255.255.255.255", "203.0.113.7"), ("203.0.113.0/24", "203.0.113.0/24"),
    ("203.0.113.9/24", "203.0.113.0/24"), ("2001:DB8::1/128", "2001:db8::1"),
    (" 203.0.113.7 ", "203.0.113.7"), ("host.example", ""), ("fe80::1%eth0", ""), (None, ""),
    (7, ""), ("203.0.113.7-203.0.113.9", ""),
])  # fmt: skip
def test_addresses_have_one_form(text: object, address: str) -> None:
    assert canonical(text) == address


@pytest.mark.parametrize(("text", "at"), [
    ("2026-11-25T04:12:00Z", "2026-11-25T04:12:00Z"),
    ("2026-11-25T05:12:00.123+01:00", "2026-11-25T04:12:00Z"),
    ("2026-11-25T04:12:00", "2026-11-25T04:12:00Z"), ("soon", ""), (None, ""), (0, ""),
])  # fmt: skip
def test_times_have_one_form(text: object, at: str) -> None:
    assert moment(text) == at


def test_what_is_left_is_never_negative() -> None:
    assert seconds_until("2026-11-25T03:13:00Z", NOW) == 60
    assert seconds_until("2026-11-25T03:00:00Z", NOW) == 0
    assert (with_length("203.0.113.7"), with_length("2001:db8::/64")) == (
        "203.0.113.7/32", "2001:db8::/64"
    )  # fmt: skip
