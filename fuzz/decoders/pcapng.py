"""pcapng files: sections, interfaces, packets and all other blocks.

Invariant: as for pcap files. In addition any resolution of an interface's clock
gives a time of 64 bits or WireError, and blocks of unknown kinds are passed over.
"""

from __future__ import annotations

import struct

from fuzz import captures, packets
from fuzz.messages import request, response

TOKENS = (
    b"\x0a\x0d\x0d\x0a", b"\x4d\x3c\x2b\x1a", b"\x1a\x2b\x3c\x4d", b"\x01\0\0\0", b"\x06\0\0\0",
    b"\x03\0\0\0", b"\x02\0\0\0", b"\x09\0\x01\0", b"\x0e\0\x08\0", b"\x05\0\0\0", b"\0\0\0\x06",
    b"\x20\0\0\0", b"\x1c\0\0\0", b"\x0c\0\0\0", b"\xff\xff\xff\xff",
)  # fmt: skip


BOUNDS = captures.BOUNDS
# The decoder costs much more than the kernel: one input in so many goes through both.
SHARE = 48


def quick(octets: bytes) -> object:
    """The kernel alone."""
    return captures.walk(octets, pcapng=True)


def check(octets: bytes) -> object:
    """The kernel, and the decoder whole and in pieces."""
    if octets[:4] != b"\x0a\x0d\x0d\x0a":
        return None
    return quick(octets), captures.check_whole_and_in_pieces(octets)


def seeds() -> list[bytes]:
    """Both orders, every kind of packet block, clocks, comments, two sections, damage."""
    sip = request(b"OPTIONS")
    frame = packets.ethernet(packets.ipv4(packets.udp(sip)))
    answer = packets.ethernet(packets.ipv4(packets.udp(response())))
    start = packets.section() + packets.interface()
    old = packets.block(2, struct.pack("<HHIIII", 0, 0, 5, 6, len(frame), len(frame)) + frame)
    comment = packets.block(
        6, struct.pack("<IIIII", 0, 5, 6, 4, 4) + b"abcd" + b"\1\0\2\0hi\0\0\0\0\0\0"
    )
    late = (1_700_000_000 << 32) + 7
    offset = packets.block(1, struct.pack("<HHIHHqHH", 1, 0, 0, 14, 8, -3600, 0, 0))
    return [
        packets.pcapng([frame, answer]),
        packets.pcapng([frame], ">"),
        start + packets.simple(frame) + old + comment + packets.enhanced(answer, 9),
        *(
            packets.section()
            + packets.interface(101, resolution)
            + packets.enhanced(frame[14:], late)
            for resolution in (0, 9, 12, 0x8A, 0xA8, 0xBF)
        ),
        packets.section() + offset + packets.enhanced(frame, 77),
        start + packets.block(0x0BAD, b"custom!") + packets.block(5, bytes(12))
        + packets.enhanced(frame, 9),
        start + packets.enhanced(frame, 5) + packets.pcapng([answer], ">"),
        start + packets.enhanced(frame, 5)[:-30],
        start + bytes(24) + packets.enhanced(frame, 5) + b"\7" * 9 + packets.enhanced(answer, 6),
        packets.section() + packets.interface(resolution=0xC0) + packets.enhanced(frame, 5),
        packets.section() + packets.enhanced(frame, 5),
    ]  # fmt: skip
