"""What UDP carries beside SIP: HEP, GTP-U, VXLAN; rewritten like any layer.

How it works: as in `wire/_packet.py`, a payload that looks like SIP is a message, and
only another one is looked at for tunnels. HEP keeps its addresses by the rules, its
times and its lengths; the key, names and numbers of the agent are masked.
"""

from __future__ import annotations

from typing import Final

from ringfence.evidence.redaction.shell import MESSAGE
from ringfence.evidence.redaction.walk import ETHERNET, IP, Walk
from ringfence.wire.errors import WireError
from ringfence.wire.grammar import is_token
from ringfence.wire.hep import FAMILY_IPV4, HEADER, MAGIC
from ringfence.wire.start_line import MAX_START_LINE, decode_start_line

# Chunks of vendor 0 that name nobody: family, protocol, ports, times, kind of payload.
_PLAIN_CHUNKS: Final = frozenset((1, 2, 7, 8, 9, 10, 11))
_SOURCES: Final = frozenset((3, 5))
_DESTINATIONS: Final = frozenset((4, 6))
_PAYLOAD: Final = 15
# Octets of a start line: fewer say nothing.
_LEAST: Final = 8
_FIXED_SIZES: Final = {2: 16, 10: 40, 30: 40}


def udp_payload(walk: Walk, at: int) -> int:
    """The payload of a datagram: a message, or the layer of a tunnel."""
    if at >= walk.end:
        return -1
    octets = walk.octets
    if walk.end - at >= _LEAST and not _looks_like_sip(octets[at : walk.end]):
        first, port = octets[at], walk.shell.destination_port
        if octets[at : at + 4] == MAGIC:
            return hep3(walk, at)
        if port == 2152 and first & 0xF0 == 0x30 and octets[at + 1] == 0xFF:
            return _gtp(walk, at)
        if port in (4789, 8472) and first & 0xF7 == 0 and first & 8:
            walk.put(at, b"\x08")
            walk.layer = ETHERNET
            return at + 8
        if first in (1, 2) and octets[at + 1] in (16, 40):
            return _hep1(walk, at)
    return walk.carries(MESSAGE, at, walk.end)


def _looks_like_sip(octets: bytes) -> bool:
    """Whether a start line stands in front, as far as the packet was captured."""
    line = octets.lstrip(bytes(range(33))).partition(b"\n")[0]
    try:
        start = decode_start_line(line[:MAX_START_LINE], 0)
    except WireError:
        return False
    return start.status is not None or is_token(start.method)


def _gtp(walk: Walk, at: int) -> int:
    """Flags, kind and length; tunnel and sequence numbers are the network's own."""
    first = walk.octets[at]
    walk.keep(at, 4)
    at += 8
    if first & 7:
        at += 4
        if at > walk.end:
            return -1
        walk.keep(at - 1, 1)
        following = walk.octets[at - 1]
        while following and first & 4:
            size = walk.octets[at] * 4 if walk.has(at, 4) else 0
            if not size or not walk.has(at, size):
                return -1
            walk.keep(at, 1)
            walk.keep(at + size - 1, 1)
            at += size
            following = walk.octets[at - 1]
    walk.layer = IP
    return at


def _hep1(walk: Walk, at: int) -> int:
    version, size, family = walk.octets[at : at + 3]
    if not walk.has(at, size + 12) or _FIXED_SIZES.get(family) != size:
        return -1
    walk.keep(at, 8)
    walk.shell.source_port, walk.shell.destination_port = walk.number(at + 4), walk.number(at + 6)
    walk.addresses(at + 8, 4 if family == FAMILY_IPV4 else 16)
    at += size
    if version == 2:
        walk.keep(at, 8)
        at += 12
    return walk.carries(MESSAGE, at, walk.end)


def hep3(walk: Walk, at: int) -> int:
    """HEP3 packet at `at`: chunk by chunk."""
    total = walk.number(at + 4)
    if total < HEADER or not walk.has(at, total):
        return -1
    end = at + total
    walk.keep(at, HEADER)
    at += HEADER
    payload = (0, 0)
    while at + HEADER <= end:
        size = walk.number(at + 4)
        if size < HEADER or at + size > end:
            return -1
        walk.keep(at, HEADER)
        kind, value = walk.number(at, 4), at + HEADER
        if kind == _PAYLOAD:
            payload = (value, at + size)
        else:
            _chunk(walk, kind, value, size - HEADER)
        at += size
    return walk.carries(MESSAGE, *payload) if payload[0] else -1


def _chunk(walk: Walk, kind: int, at: int, size: int) -> None:
    shell = walk.shell
    if kind in _PLAIN_CHUNKS and size <= 4:
        walk.keep(at, size)
        if kind == 7:
            shell.source_port = walk.number(at, size)
        elif kind == 8:
            shell.destination_port = walk.number(at, size)
    elif kind in _SOURCES and size in (4, 16):
        shell.source, shell.shown_source = walk.octets[at : at + size], walk.address(at, size)
    elif kind in _DESTINATIONS and size in (4, 16):
        shell.destination = walk.octets[at : at + size]
        shell.shown_destination = walk.address(at, size)
    else:
        walk.put(at, b"x" * size)
