"""A small writer of MaxMind's file format, for IPv4 networks: tests bring their own file."""

from __future__ import annotations

import struct
from ipaddress import IPv4Network
from pathlib import Path

_MARK = b"\xab\xcd\xefMaxMind.com"


def write_mmdb(
    path: Path, records: dict[str, dict[str, object]], built: int = 1_790_000_000
) -> None:
    """Write a file in which each of these networks has its record."""
    nodes: list[list[int | None]] = [[None, None]]
    data = b""
    leaves: dict[tuple[int, int], int] = {}
    for prefix, record in records.items():
        network = IPv4Network(prefix)
        bits = [int(network.network_address) >> (31 - n) & 1 for n in range(network.prefixlen)]
        node = 0
        for bit in bits[:-1]:
            if nodes[node][bit] is None:
                nodes.append([None, None])
                nodes[node][bit] = len(nodes) - 1
            node = nodes[node][bit] or 0
        leaves[node, bits[-1]] = len(data)
        data += _encoded(record)
    count = len(nodes)
    tree = b""
    for number, pair in enumerate(nodes):
        for bit in (0, 1):
            to = pair[bit]
            value = count + 16 + leaves[number, bit] if (number, bit) in leaves else to or count
            tree += value.to_bytes(3, "big")
    metadata = _encoded(
        {
            "node_count": _Long(_head(6, 4) + struct.pack(">I", count)),
            "record_size": 24,
            "ip_version": 4,
            "database_type": "Test",
            "languages": [],
            "binary_format_major_version": 2,
            "binary_format_minor_version": 0,
            "build_epoch": _Long(_head(9, 8) + struct.pack(">Q", built)),
            "description": {},
        }
    )
    path.write_bytes(tree + b"\0" * 16 + data + _MARK + metadata)


def _encoded(value: object) -> bytes:
    if isinstance(value, _Long):
        return bytes(value)
    if isinstance(value, str):
        return _head(2, len(value.encode())) + value.encode()
    if isinstance(value, dict):
        inner = b"".join(_encoded(k) + _encoded(v) for k, v in value.items())
        return _head(7, len(value)) + inner
    if isinstance(value, list):
        return _head(11, len(value)) + b"".join(_encoded(v) for v in value)
    assert isinstance(value, int)
    return _head(5, 2) + struct.pack(">H", value)


class _Long(bytes):
    """A number of the metadata that must have a type of its own, encoded."""


def _head(kind: int, size: int) -> bytes:
    assert size < 29 + 256
    low = min(29, size)
    head = bytes([low, kind - 7]) if kind > 7 else bytes([kind << 5 | low])
    return head + (bytes([size - 29]) if size >= 29 else b"")
