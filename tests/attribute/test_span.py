from __future__ import annotations

from ipaddress import ip_address

import pytest

from ringfence.attribute.span import (
    MAX_PREFIXES,
    holds,
    is_as_wide_as_a_registrys,
    is_wider_than_any_holders,
    prefix_span,
    prefixes_of,
    size,
    span_of,
)


def test_range_and_its_prefixes() -> None:
    span = span_of("203.000.113.004", "203.0.113.9")
    assert span is not None
    assert prefixes_of(span) == ("203.0.113.4/30", "203.0.113.8/31")
    assert size(span) == 6
    assert holds(span, ip_address("203.0.113.9"))
    assert not holds(span, ip_address("203.0.113.10"))
    assert not holds(span, ip_address("2001:db8::1"))


@pytest.mark.parametrize(
    ("first", "last"), [("203.0.113.9", "203.0.113.1"), ("203.0.113.0", "2001:db8::"), ("x", "y")]
)
def test_range_that_makes_no_sense(first: str, last: str) -> None:
    assert span_of(first, last) is None


@pytest.mark.parametrize("bits", ["", "x", "33", "999", "9" * 5000, "-1", "\u0662"])
def test_prefix_that_makes_no_sense(bits: str) -> None:
    assert prefix_span("203.0.113.0", bits) is None


def test_prefixes_are_bounded() -> None:
    span = span_of("2001:db8::1", "2001:db8:ffff:ffff:ffff:ffff:ffff:fffe")
    assert span is not None
    assert len(prefixes_of(span)) == MAX_PREFIXES


@pytest.mark.parametrize(
    ("prefix", "bits", "registrys", "nobodys"),
    [
        ("203.0.0.0", "9", False, False),
        ("203.0.0.0", "8", True, False),
        ("202.0.0.0", "7", True, True),
        ("2001:db8::", "14", False, False),
        ("2001:db8::", "12", True, True),
    ],
)
def test_widths(prefix: str, bits: str, registrys: bool, nobodys: bool) -> None:
    span = prefix_span(prefix, bits)
    assert span is not None
    assert (is_as_wide_as_a_registrys(span), is_wider_than_any_holders(span)) == (
        registrys,
        nobodys,
    )
