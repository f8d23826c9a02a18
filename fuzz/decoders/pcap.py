"""pcap files: `capture.recognise`, `_pcap.walk_pcap`, `decoder.Decoder`.

Invariant: any octets end in tables, "need more" or WireError. The walker stays
in its range, says why it stopped, never fills more rows than there are, never
stands still. Every span lies inside its message. A capture that comes whole and
one that comes in pieces, octet by octet, give the same messages, counts, damages.
"""

from __future__ import annotations

import zlib

from fuzz import captures, packets
from fuzz.messages import request, response, samples

TOKENS = (
    b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d",
    b"\x34\xcd\xb2\xa1", b"\xa1\xb2\xcd\x34", b"\x00\x00\x04\x00", b"\x00\x01\x00\x00", b"HEP3",
    b"GMBU", b"snoop\0\0\0", b"XCP\0", b"BZh", b"\x08\x00\x45\x00", b"\x86\xdd\x60",
)  # fmt: skip


BOUNDS = captures.BOUNDS
# The decoder costs much more than the kernel: one input in so many goes through both.
SHARE = 48


def quick(octets: bytes) -> object:
    """The kernel alone."""
    return captures.walk(octets, pcapng=False)


def check(octets: bytes) -> object:
    """The kernel, and the decoder whole and in pieces."""
    if octets[:4] == b"\x0a\x0d\x0d\x0a":
        return None
    return quick(octets), captures.check_whole_and_in_pieces(octets)


def seeds() -> list[bytes]:
    """Every flavour of header; UDP, TCP, fragments, tunnels; damage; files that are none."""
    sip = request(b"OPTIONS")
    frames = [packets.ethernet(packets.ipv4(packets.udp(one))) for one in (sip, response())]
    datagram = packets.udp(sip)
    fragments = [
        packets.ethernet(packets.ipv4(datagram[:64], fragment=0x2000)),
        packets.ethernet(packets.ipv4(datagram[64:], fragment=8)),
    ]
    segments = [
        packets.ethernet(packets.ipv4(packets.tcp(piece, at, flags), packets.TCP))
        for piece, at, flags in (
            (b"", 0, 2),
            (sip[100:], 101, 24),
            (sip[:100], 1, 16),
            (b"", 1 + len(sip), 17),
        )
    ]
    packed = packets.ethernet(packets.ipv4(packets.udp(packets.hep3(zlib.compress(sip), 16))))
    hep = packets.hep3(sip) + packets.hep3(zlib.compress(sip), 16) + b"HEP3\0\x06"
    over_tcp = packets.ethernet(packets.ipv4(packets.tcp(hep), packets.TCP))
    whole = packets.pcap(frames)
    return [
        whole,
        packets.pcap(frames, order=">", ns=True),
        b"\x34\xcd\xb2\xa1" + packets.pcap([])[4:] + b"\0\0\0\x65" * 2
        + b"\x9e\0\0\0" * 2 + bytes(8)
        + frames[0],
        packets.pcap(fragments),
        packets.pcap(segments),
        packets.pcap([packed, over_tcp]),
        packets.pcap([packets.ethernet(packets.ipv4(packets.udp(one))) for one in samples()[8:11]]),
        packets.pcap([packets.ipv6(packets.udp(sip))] * 2, link=101),
        whole[:-40],
        whole[:24] + bytes(30) + whole[24:] + b"\xff" * 20 + whole[24:],
        b"GMBU" + bytes(30), b"", b"# a log", whole[:20],
        bytes(4) + b"\0\0\0\x50" + b"\2\0\x00\x40\0\0\0\x20" + bytes(40),
    ]  # fmt: skip
