"""Addresses, and address and port."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from ringfence.model.endpoint import endpoint, plain_address, within


def test_ipv6_stands_in_brackets() -> None:
    assert endpoint("192.0.2.1", 5060) == "192.0.2.1:5060"
    assert endpoint("2001:db8::1", 5060) == "[2001:db8::1]:5060"


@pytest.mark.parametrize(
    "lie", ["", "fe80::1%$(reboot)", "198.51.100.77; reboot", "1.2.3", "::g", "fe80::1%eth0"]
)
def test_what_is_no_address_is_none(lie: str) -> None:
    assert plain_address(lie) is None


def test_an_address_in_disguise_is_unwrapped() -> None:
    assert plain_address("::ffff:198.51.100.77") == ip_address("198.51.100.77")


def test_an_address_is_within_its_network_and_no_text_is() -> None:
    assert within("198.51.100.77", "198.51.100.0/24")
    assert within("198.51.100.77", "198.51.100.77")
    assert within("2001:db8::5", "2001:db8::/32")
    assert not within("198.51.101.1", "198.51.100.0/24")
    assert not within("198.51.100.77", "2001:db8::/32")
    assert not within("nobody", "198.51.100.0/24")
    assert not within("198.51.100.77", "")
