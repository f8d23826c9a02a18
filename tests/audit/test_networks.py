"""Which addresses are of the inside."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from ringfence.audit.networks import is_inside


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("172.31.0.1", True),
        ("172.32.0.1", False),
        ("192.168.7.7", True),
        ("::1", True),
        ("fd00::1", True),
        ("fe80::1", True),
        ("::ffff:10.0.0.1", True),
        ("::ffff:203.0.113.9", False),
        ("100.64.0.1", False),  # the carrier's other customers are strangers
        ("203.0.113.9", False),
        ("2001:db8::1", False),
    ],
)
def test_private_is_inside_and_the_rest_is_not(address: str, inside: bool) -> None:
    assert is_inside(ip_address(address)) is inside


def test_the_owner_names_his_own() -> None:
    own = (ip_network("203.0.113.0/24"),)
    assert is_inside(ip_address("203.0.113.9"), own)
    assert not is_inside(ip_address("2001:db8::1"), own)
