"""Checksums against published examples."""

from __future__ import annotations

from ringfence.evidence.redaction.checksums import crc32c, internet_checksum, transport_checksum


def test_the_example_of_rfc_1071() -> None:
    assert internet_checksum(bytes.fromhex("0001f203f4f5f6f7")) == ~0xDDF2 & 0xFFFF


def test_an_odd_octet_counts_as_a_word() -> None:
    assert internet_checksum(b"\x12") == internet_checksum(b"\x12\x00")


def test_crc32c_of_rfc_3720() -> None:
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"123456789") == 0xE3069283


def test_udp_never_says_that_there_is_none() -> None:
    """A sum of zero is sent as ones (RFC 768); TCP has no such rule."""
    pair = bytes(4), bytes(4)
    octets = b"\xff\xff" * 3 + (0xFFFF - 17 - 8 & 0xFFFF).to_bytes(2, "big")
    assert transport_checksum(*pair, 17, octets) == 0xFFFF


def test_ipv6_has_another_pseudo_header() -> None:
    octets = b"\x13\xc4\x13\xc4\x00\x0a\x00\x00hi"
    four = transport_checksum(bytes(4), bytes(4), 17, octets)
    six = transport_checksum(bytes(16), bytes(16), 17, octets)
    assert four == six  # the same sum: zeros before a length and a number
