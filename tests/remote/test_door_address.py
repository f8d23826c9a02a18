"""Addresses that a door is asked to open, and must not."""

# ruff: noqa: S104  addresses that must be refused

from __future__ import annotations

import pytest

from ringfence.model.door import DoorError
from ringfence.remote.door_address import admissible


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:DB8::7", "2001:db8::7"),
    ],
)
def test_one_machine_of_the_internet_may_come_in(text: str, address: str) -> None:
    assert str(admissible(text)) == address


@pytest.mark.parametrize(
    "text",
    [
        "", "0.0.0.0", "0.0.0.0/0", "198.51.100.0/24", "::/0", "2001:db8::/64", "198.51.100.7/32",
        "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "127.0.0.1", "169.254.1.1",
        "224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1", "::", "::1", "fe80::1",
        "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:0.0.0.0", "2002:a00:1::",
        "64:ff9b::a00:1", "2001::1", "198.51.100.7 ", "198.51.100.7, 203.0.113.5", "198.51.100.007",
        "198.51.100.7 } ; flush ruleset", "3325256711", "0xc6336407", "198.51.100", "\u0661.1.1.1",
        "1" * 100_000,
    ],
)  # fmt: skip
def test_whatever_is_wider_or_nobodys_is_refused(text: str) -> None:
    with pytest.raises(DoorError) as caught:
        admissible(text)
    assert len(str(caught.value)) < 200
