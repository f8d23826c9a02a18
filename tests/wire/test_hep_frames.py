"""HEP in a stream: whole packets however they come, and no packet out of a stranger's words."""

from __future__ import annotations

import pytest

from fuzz.messages import request
from fuzz.packets import hep3, hep_chunk
from ringfence.wire.errors import WireError
from ringfence.wire.hep_frames import MAX_PACKET, STREAM_OCTETS, HepFrames, key_of

ONE, OTHER = hep3(request(b"REGISTER")), hep3(request(b"INVITE"))
NONSENSE = {
    "octet": b"x",
    "half a magic": b"HEP",
    "no length": b"HEP3\x00\x05",
    "no chunk": b"HEP3\xff\xff\x00\x00\x00\x01\x00\x00",
    "HTTP": b"GET / HTTP/1.1\r\n\r\n",
    "too long": b"HEP3\xff\xff" + ONE[6:],
}


def read(octets: bytes, step: int, *, seeks: bool = False) -> list[bytes]:
    return feed(HepFrames(seeks=seeks), octets, step)


def feed(frames: HepFrames, octets: bytes, step: int) -> list[bytes]:
    found = []
    for at in range(0, len(octets), step):
        piece = octets[at : at + step]
        frames.room()[: len(piece)] = piece
        found += [bytes(packet) for packet in frames.packets(len(piece))]
    return found


@pytest.mark.parametrize("step", [1, 7, 100, 65_000])
def test_packets_do_not_depend_on_the_pieces_that_came(step: int) -> None:
    assert read((ONE + OTHER) * 50, step) == [ONE, OTHER] * 50


@pytest.mark.parametrize("junk", NONSENSE.values(), ids=NONSENSE)
def test_a_stream_that_makes_no_sense_has_ended(junk: bytes) -> None:
    with pytest.raises(WireError):
        read(junk + ONE + OTHER, 9000)


@pytest.mark.parametrize("junk", NONSENSE.values(), ids=NONSENSE)
@pytest.mark.parametrize("step", [1, 13, 9000])
def test_who_knows_his_packets_by_their_key_seeks_the_next(junk: bytes, step: int) -> None:
    frames = HepFrames(seeks=True)
    assert feed(frames, junk + ONE + OTHER, step) == [ONE, OTHER]
    assert frames.skipped == len(junk)


@pytest.mark.parametrize("step", [1, 13, 9000])
def test_a_cut_packet_takes_the_beginning_of_the_next_along(step: int) -> None:
    assert read(ONE[:-3] + ONE + OTHER, step, seeks=True) == [ONE[:-3] + ONE[:3], OTHER]


def test_packet_written_into_a_message_is_not_read() -> None:
    """A stranger's message holds a whole packet, and the agent's length leads into it."""
    forged = hep3(request(b"REGISTER", b"sip:trunk.example"))
    real = hep3(request(b"MESSAGE") + forged)
    lied = real[:4] + (len(real) - len(forged)).to_bytes(2, "big") + real[6:]
    assert read(real + ONE, 40) == [real, ONE]
    with pytest.raises(WireError):
        read(lied + ONE, 40)


def test_the_longest_packet_fits_and_no_more_is_held() -> None:
    longest = b"HEP3" + MAX_PACKET.to_bytes(2, "big") + hep_chunk(15, bytes(MAX_PACKET - 12))
    assert len(longest) == MAX_PACKET
    frames = HepFrames(seeks=False)
    assert feed(frames, (longest + ONE) * 3, 50_000) == [longest, ONE] * 3
    assert frames.held == 0
    assert len(frames.room()) == STREAM_OCTETS


def test_each_chunk_is_looked_at_once() -> None:
    """A packet of ten thousand empty chunks, octet by octet, costs what it costs in one."""
    packet = b"HEP3" + (6 + 60_000).to_bytes(2, "big") + hep_chunk(99, b"") * 10_000
    frames = HepFrames(seeks=False)
    frames.room()[: len(packet)] = packet
    for _ in range(len(packet) - 1):
        assert list(frames.packets(1)) == []
    assert [bytes(found) for found in frames.packets(1)] == [packet]


@pytest.mark.parametrize(("packet", "key"), [
    (ONE, None),
    (b"", None),
    (b"HEP3\x00\x06", None),
    (b"\x02\x10\x02\x11", None),
    (b"HEP3\x00\x12" + hep_chunk(14, b"secret"), b"secret"),
    (b"HEP3\x00\x0c" + hep_chunk(14, b""), b""),
    (b"HEP3\x00\x12" + hep_chunk(14, b"secret", vendor=7), None),
    (b"HEP3\x00\x10" + hep_chunk(14, b"secret"), None),
    (b"HEP3\x00\x0c" + hep_chunk(15, b"") + hep_chunk(14, b"secret"), None),
    (b"HEP3\x00\x1a" + hep_chunk(14, b"a") + hep_chunk(14, b"b") + hep_chunk(1, b""), b"b"),
])  # fmt: skip
def test_key_of_a_packet(packet: bytes, key: bytes | None) -> None:
    assert key_of(packet) == key
