"""`wire/hep.decode_hep`: HEP packets, versions 1 to 3.

Invariant: any octets end in a packet, None ("need more", never when `whole`) or
WireError with an offset inside; every prefix of a packet of version 3 needs more
until it is whole, and more octets behind it change nothing; fields are as wide as
the protocol has them; a payload inflates to no more than its bound.
"""

from __future__ import annotations

import zlib

from fuzz.harness import hold
from fuzz.messages import request
from fuzz.packets import hep1, hep3, hep_chunk
from ringfence.wire.errors import WireError
from ringfence.wire.hep import MAX_INFLATED, HepPacket, decode_hep

TOKENS = (
    b"HEP3", b"\x00\x00\x00\x0f", b"\x00\x00\x00\x10", b"\x00\x00\x00\x03\x00\x0a", b"\x00\x06",
    b"\x01\x10\x02\x11", b"\x02\x28\x0a\x06", b"\x1f\x8b\x08", b"x\x9c", b"\xff\xff",
)  # fmt: skip


def check(octets: bytes) -> object:
    """As a datagram, as the start of a stream, and each prefix of that."""
    datagram = _decode(octets, whole=True)
    hold(datagram is not None, "a whole datagram needs more")
    begun = _decode(octets, whole=False)
    if isinstance(begun, HepPacket) and begun.version == 3:
        size = int.from_bytes(octets[4:6], "big")
        hold(begun == datagram or datagram is None, "a stream gives another packet")
        for cut in {0, 1, 3, 5, 7, size // 2, size - 1}:
            if cut < size:
                hold(_decode(octets[:cut], whole=False) is None, "a part is taken for all")
        hold(_decode(octets[:size], whole=False) == begun, "what follows changes it")
    return datagram, begun


def _decode(octets: bytes, *, whole: bool) -> object:
    try:
        packet = decode_hep(octets, whole=whole)
    except WireError as error:
        hold(0 <= error.offset <= len(octets), "an offset outside the octets")
        return str(error)
    if packet is not None:
        hold(len(packet.src) in (0, 4, 16) and len(packet.dst) in (0, 4, 16), "odd address")
        hold(0 <= packet.sport <= 65535 and 0 <= packet.dport <= 65535, "odd port")
        hold(0 <= packet.time_ns < 1 << 64, "odd time")
        hold(len(packet.payload) <= max(MAX_INFLATED, len(octets)), "inflates beyond its bound")
    return packet


def seeds() -> list[bytes]:
    """Every version; packed, cut, lying and repeated chunks."""
    sip = request(b"OPTIONS")
    inside = hep_chunk(15, b"x") + hep_chunk(15, b"second")
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    return [
        hep3(b"REGISTER sip:a SIP/2.0\r\n\r\n"),
        hep3(zlib.compress(sip), 16),
        hep3(raw.compress(sip) + raw.flush(), 16),
        hep3(zlib.compress(bytes(100_000)), 16),
        hep1(sip[:40]),
        hep1(sip[:40], 1),
        b"HEP3" + (6 + len(inside)).to_bytes(2, "big") + inside,
        hep3(b"x")[:-1],
        hep3(b"x") + hep3(b"y"),
        b"HEP3\x00\x05",
        b"\x02\x28\x0a\x11\x13\xc4\x13\xc4" + bytes(44) + b"x",
    ]
