"""Which addresses are private, how they are found in text, how a pseudonym is spelled."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.evidence.redaction.addresses import (
    DOTTED,
    IPV6,
    is_anybodys,
    is_private,
    read_address,
    readings,
    spell,
)
from ringfence.evidence.redaction.pseudonyms import Pseudonyms

PSEUDONYMS = Pseudonyms(bytes(32))


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.2", "100.64.0.9", "169.254.1.1",
        "fd00::1", "fe80::215:65ff:fe12:ab34", "::ffff:10.0.0.1", "2002:0a00:0001::1",
        "64:ff9b::c0a8:0102", "240.0.0.1", "0.0.0.1",
    ],
)  # fmt: skip
def test_private(address: str) -> None:
    assert is_private(ip_address(address).packed)


@pytest.mark.parametrize(
    "address", ["203.0.113.7", "172.32.0.1", "192.169.0.1", "2001:db8::1", "::ffff:203.0.113.7"]
)
def test_public(address: str) -> None:
    assert not is_private(ip_address(address).packed)


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::1", "::"])  # noqa: S104
def test_loopback_is_everybodys(address: str) -> None:
    assert is_anybodys(ip_address(address).packed)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (b"192.0.2.1", "192.0.2.1"),
        (b"010.000.000.005", "10.0.0.5"),
        (b"2001:DB8::1", "2001:db8::1"),
        (b"256.1.1.1", None),
        (b"1.2.3", None),
        (b"example.com", None),
        (b"fe80::1%eth0", None),
        (b"1" * 50, None),
    ],
)
def test_read(text: bytes, address: str | None) -> None:
    assert read_address(text) == (ip_address(address).packed if address else None)


@pytest.mark.parametrize(
    "text", [b"10.0.0.5", b"010.000.000.005", b"192.168.178.24", b"192.168.001.2"]
)
def test_ipv4_is_spelled_as_long(text: bytes) -> None:
    packed = read_address(text)
    assert packed is not None
    made = spell(PSEUDONYMS.address(packed), text)
    assert len(made) == len(text)
    assert read_address(made) == PSEUDONYMS.address(packed)


@pytest.mark.parametrize(
    "text",
    [
        b"fd00::1", b"FD00::00AB", b"fe80:0:0:0:0:0:0:1",
        b"fd12:3456:789a:bcde:f012:3456:789a:bcde",
        b"fd00:0000:0000:0000:0000:0000:0000:0001", b"fd00::1:2:3:4",
    ],
)  # fmt: skip
def test_ipv6_is_spelled_as_long(text: bytes) -> None:
    packed = read_address(text)
    assert packed is not None
    made = spell(PSEUDONYMS.address(packed), text)
    assert len(made) == len(text)
    assert read_address(made) == PSEUDONYMS.address(packed)


@given(st.ip_addresses(v=6))
def test_any_ipv6_keeps_its_length(address) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    text = str(address).encode()
    assert len(spell(PSEUDONYMS.address(address.packed), text)) == len(text)


def found(text: bytes) -> list[str]:
    match = DOTTED.search(text)
    assert match is not None
    dotted = match.group().replace(match.group(1), b".")
    return [str(ip_address(packed)) for _, _, packed in readings(dotted)]


def test_an_address_is_read_between_other_digits() -> None:
    """Call-IDs and branches of real phones end like this."""
    assert "192.168.1.2" in found(b"44480192.168.1.2")
    assert "10.0.1.45" in found(b"14810.0.1.45;x")
    assert "10.0.0.5" in found(b"ip-10-0-0-5.example")
    assert "10.0.0.51" in found(b"10.0.0.51234")


def test_ipv6_is_found_in_text() -> None:
    match = IPV6.search(b"a@[fd00::5]:5060")
    assert match is not None
    assert match.group() == b"fd00::5"
