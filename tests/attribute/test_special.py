"""Addresses that nobody answers for, and how addresses are written."""

from __future__ import annotations

import re
from ipaddress import ip_address

import pytest

from ringfence.attribute.errors import AttributionError
from ringfence.attribute.special import may_connect, maybe_address, read_address, why_special


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("192.0.2.1", "documentation"),
        ("2001:db8::1", "documentation"),
        ("3fff::1", "documentation"),
        ("10.1.2.3", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("fd00::1", "private"),
        ("100.64.0.1", "CGNAT"),
        ("127.0.0.53", "loopback"),
        ("::1", "loopback"),
        ("169.254.169.254", "link-local"),
        ("fe80::1", "link-local"),
        ("0.0.0.0", "no address"),  # noqa: S104
        ("::", "no address"),
        ("198.18.0.1", "measuring"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "broadcast"),
        ("2002:cb00:7105::1", "6to4.*ask for 203.0.113.5"),
        ("64:ff9b::cb00:7105", "NAT64.*ask for 203.0.113.5"),
        ("2001:0:c000:201::34ff:8efa", "Teredo.*ask for 203.0.113.5"),
        ("4000::1", "outside of what is given"),
    ],
)
def test_address_that_nobody_holds_is_recognised(address: str, says: str) -> None:
    why = why_special(ip_address(address))
    assert why is not None
    assert re.search(says, why)


@pytest.mark.parametrize("address", ["172.32.0.1", "100.128.0.1", "2a00::1", "192.0.1.1"])
def test_address_that_somebody_holds_is_not_special(address: str) -> None:
    assert why_special(ip_address(address)) is None


def test_an_exercise_takes_documentation_for_real_and_nothing_else() -> None:
    assert why_special(ip_address("203.0.113.5"), exercise=True) is None
    assert why_special(ip_address("10.0.0.1"), exercise=True) is not None


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fe80::1", "fd00::1", "192.0.2.1",
     "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "0.0.0.0", "100.64.0.1"],  # noqa: S104
)  # fmt: skip
def test_connection_into_the_house_is_refused(address: str) -> None:
    assert not may_connect(ip_address(address))


def test_connection_to_the_world_is_allowed() -> None:
    assert may_connect(ip_address("172.32.0.1"))
    assert may_connect(ip_address("2a00::1"))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("203.000.113.005", "203.0.113.5"),
        (" 203.0.113.5:5060 ", "203.0.113.5"),
        ("[2001:db8::5]:5061", "2001:db8::5"),
        ("[2001:db8::5]", "2001:db8::5"),
        ("2001:DB8:0::5", "2001:db8::5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_address_is_read_as_people_write_it(written: str, meant: str) -> None:
    assert str(read_address(written)) == meant


@pytest.mark.parametrize(
    "written",
    ["", "pbx.example", "203.0.113", "203.0.113.256", "1" * 5000, "::g", "203.0.113.\u0665"],
)
def test_what_is_no_address_is_named(written: str) -> None:
    with pytest.raises(AttributionError, match="no address like"):
        read_address(written)


def test_escapes_in_an_address_are_shown_harmlessly() -> None:
    with pytest.raises(AttributionError) as caught:
        read_address("\x1b[2J")
    assert "\x1b" not in str(caught.value)


def test_prefix_of_an_old_answer_is_an_address() -> None:
    assert str(maybe_address("2001:db8::/128")) == "2001:db8::"
    assert maybe_address("a.b.c.d") is None
