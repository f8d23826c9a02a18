"""Checksums of packets whose contents changed (RFC 1071, RFC 9260)."""

from __future__ import annotations

import struct
from typing import Final

_UDP: Final = 17


def internet_checksum(octets: bytes) -> int:
    """The ones' complement sum of 16-bit words, complemented."""
    if len(octets) % 2:
        octets += b"\0"
    total: int = sum(struct.unpack(f">{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def transport_checksum(source: bytes, destination: bytes, protocol: int, octets: bytes) -> int:
    """Of UDP or TCP with the pseudo-header of IPv4 or IPv6; its own field must be zero."""
    if len(source) == 4:
        pseudo = source + destination + struct.pack(">BBH", 0, protocol, len(octets) & 0xFFFF)
    else:
        pseudo = source + destination + struct.pack(">II", len(octets), protocol)
    checksum = internet_checksum(pseudo + octets)
    return 0xFFFF if protocol == _UDP and not checksum else checksum


def crc32c(octets: bytes) -> int:
    """The checksum of SCTP (RFC 9260 appendix A)."""
    crc = 0xFFFFFFFF
    for octet in octets:
        crc = crc >> 8 ^ _CRC_TABLE[(crc ^ octet) & 0xFF]
    return crc ^ 0xFFFFFFFF


def _crc_of(octet: int) -> int:
    for _ in range(8):
        octet = octet >> 1 ^ 0x82F63B78 if octet & 1 else octet >> 1
    return octet


_CRC_TABLE = tuple(_crc_of(octet) for octet in range(256))
