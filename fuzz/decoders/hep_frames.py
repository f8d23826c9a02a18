"""`wire/hep_frames.py` and `wire/feed.py`: a connection of the HEP port, to rows.

Invariant: the packets are the same whole and octet by octet; no octet is lost: those of
packets, those skipped, those held back and, where the stream ended, those behind the
damage are all; chunks fill their packet. Whoever does not seek gives the
packets before the first damage and no other. A feed takes every packet: a row names
who asked, and a time within the bound of ours or ours.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from fuzz.harness import hold, pieces
from fuzz.messages import request
from fuzz.packets import hep1, hep3, hep_chunk
from ringfence.wire.errors import WireError
from ringfence.wire.feed import FROM_HEP, MAX_SKEW_NS, Feed
from ringfence.wire.hep_frames import STREAM_OCTETS, HepFrames, key_of

TOKENS = (
    b"HEP3", b"HEP3\x00\x06", b"\x00\x00\x00\x0e", b"\x00\x00\x00\x0f", b"\x00\x00\x00\x10",
    b"\x00\x00\x00\x03\x00\x0a", b"\x00\x06", b"\xff\xff", b"HEP",
)  # fmt: skip
_NOW_NS = 0x65000000 * 10**9


def check(octets: bytes) -> object:
    """Seeking and not, whole and in pieces; every packet into a feed."""
    octets = octets[: STREAM_OCTETS - 1]
    whole, skipped, held = _read([octets], seeks=True)
    hold(sum(map(len, whole)) + skipped + held == len(octets), "octets were lost")
    hold(_read(pieces(octets), seeks=True) == (whole, skipped, held), "pieces give others")
    strict = _read([octets], seeks=False)
    hold(_read(pieces(octets), seeks=False)[0] == strict[0], "pieces give others before the end")
    hold(whole[: len(strict[0])] == strict[0], "seeking gives others before the damage")
    hold(octets.startswith(b"".join(strict[0])), "packets are not those of the stream")
    return whole, skipped, held, strict[0], list(_rows(whole))


def quick(octets: bytes) -> object:
    """Seeking, whole."""
    whole, skipped, held = _read([octets[: STREAM_OCTETS - 1]], seeks=True)
    hold(sum(map(len, whole)) + skipped + held == len(octets[: STREAM_OCTETS - 1]), "octets lost")
    return whole


def _read(parts: list[bytes] | Iterator[bytes], *, seeks: bool) -> tuple[list[bytes], int, int]:
    frames, found = HepFrames(seeks=seeks), list[bytes]()
    for part in parts:
        frames.room()[: len(part)] = part
        try:
            for packet in frames.packets(len(part)):
                found.append(bytes(packet))
                _check_packet(found[-1])
        except WireError as error:
            hold(not seeks, "who seeks gave up")
            hold(0 <= error.offset <= STREAM_OCTETS, "an offset outside the stream")
            break
    return found, frames.skipped, frames.held


def _check_packet(packet: bytes) -> None:
    hold(packet[:4] == b"HEP3", "a packet of another beginning")
    hold(len(packet) == int.from_bytes(packet[4:6], "big"), "a packet of another length")
    at = 6
    while at < len(packet):
        at += int.from_bytes(packet[at + 4 : at + 6], "big")
    hold(at == len(packet), "chunks that do not fill their packet")
    key = key_of(packet)
    hold(key is None or key in packet, "a key that nobody wrote")


def _rows(packets: list[bytes]) -> Iterator[tuple[bytes, bytes, int]]:
    feed = Feed(FROM_HEP, rows=8)
    for packet in packets:
        if not feed.put_hep(packet, _NOW_NS):
            yield from _taken(feed)
            hold(feed.put_hep(packet, _NOW_NS), "an empty feed takes nothing")
    yield from _taken(feed)


def _taken(feed: Feed) -> Iterator[tuple[bytes, bytes, int]]:
    for table in feed.tables():
        for row in table.rows():
            ends = table.address(row, "source"), table.address(row, "destination")
            asker = ends[0] if table.number(row, "method") else ends[1]
            hold(any(asker), "a row of nobody")
            off_ns = table.number(row, "time") - _NOW_NS
            hold(abs(off_ns) <= MAX_SKEW_NS, "a clock that is far off was believed")
            hold(table.number(row, "interface") == FROM_HEP, "a row that looks like a packet")
            yield *ends, off_ns


def seeds() -> list[bytes]:
    """Packets in a row, with keys, cut, lying, with junk between, one within another."""
    sip = request(b"REGISTER")
    one, keyed = hep3(sip), hep_chunk(14, b"key") + hep3(sip)[6:]
    keyed = b"HEP3" + (6 + len(keyed)).to_bytes(2, "big") + keyed
    return [
        one + keyed,
        one[:-9] + keyed + one,
        b"junk" + keyed + b"HEP3\xff\xff" + one,
        hep3(sip + one) + one,
        hep3(zlib.compress(sip), 16) + one,
        b"HEP3\x00\x06" * 4 + one,
        b"HEP3\x00\x09abc" + one,
        one.replace(hep_chunk(3, bytes((203, 0, 113, 7))), hep_chunk(99, b"none")) + one,
        hep1(sip) + one,
        b"HEPHEP3" + one[4:] + b"HEP",
        hep3(b""),
    ]
