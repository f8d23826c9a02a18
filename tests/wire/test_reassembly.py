"""What one packet makes whole: pieces, their surroundings, and what is noted about them."""

from __future__ import annotations

import zlib

import pytest

from ringfence.wire import _columns as columns
from ringfence.wire._batch import IGNORED_STREAMS, Batch, stream_hash
from ringfence.wire.anomaly import Anomaly
from ringfence.wire.reassembly import MAX_INFLATED, Piece, Reassembly
from ringfence.wire.tcp import ACK, FIN, SYN
from tests.wire_cases.compile import message
from tests.wire_cases.reading import counts_of

ATTACKER, PBX = 0xFFFF_CB00_7107, 0xFFFF_C000_0201
SECOND = 1_000_000_000
ONE, TWO = message("OPTIONS", "one"), message("OPTIONS", "two")


class Wire:
    """A batch whose current packet is whatever the test says."""

    def __init__(self) -> None:
        self.batch = Batch(bytearray(8), 1)
        self.reassembly = Reassembly()
        self.batch.source_low, self.batch.destination_low = ATTACKER, PBX
        self.batch.source_port, self.batch.destination_port = 40000, 5060
        self.batch.ip_version = 4

    def segment(
        self, sequence: int, octets: bytes = b"", flags: int = ACK, acknowledged: int = 0
    ) -> list[Piece]:
        batch = self.batch
        batch.help_sequence, batch.help_flags = sequence, flags
        batch.help_acknowledged = acknowledged
        batch.time += SECOND
        return list(self.reassembly.pieces(batch, columns.STOP_TCP, octets))

    def fragment(self, ident: int, offset: int, octets: bytes, *, more: bool) -> list[Piece]:
        batch = self.batch
        batch.help_ident, batch.help_offset, batch.help_more = ident, offset, more
        batch.protocol = 17
        batch.time += SECOND
        return list(self.reassembly.pieces(batch, columns.STOP_FRAGMENT, octets))

    def packed(self, octets: bytes) -> list[Piece]:
        return list(self.reassembly.pieces(self.batch, columns.STOP_HEP, octets))


@pytest.fixture
def wire() -> Wire:
    return Wire()


def packed_address(low: int) -> bytes:
    return low.to_bytes(16, "big")


# -- fragments -------------------------------------------------------------------------------


def test_datagram_comes_with_the_last_fragment(wire: Wire) -> None:
    assert wire.fragment(7, 0, b"12345678", more=True) == []
    (piece,) = wire.fragment(7, 8, b"9", more=False)
    assert piece == Piece(
        "datagram", b"123456789", packed_address(ATTACKER), packed_address(PBX), 0, 0,
        SECOND, 0, 17, Anomaly(0),
    )  # fmt: skip


def test_contradicting_fragments_are_noted(wire: Wire) -> None:
    wire.fragment(7, 0, b"1234567812345678", more=True)
    wire.fragment(7, 8, b"abcdefgh", more=True)
    (piece,) = wire.fragment(7, 16, b"9", more=False)
    assert piece.notes == Anomaly.FRAGMENTS_OVERLAP
    assert piece.octets == b"12345678123456789"


def test_datagram_given_up_is_noted_and_counted(wire: Wire) -> None:
    wire.fragment(7, 0, b"12345678", more=True)
    (piece,) = wire.reassembly.finish(wire.batch)
    assert piece.notes == Anomaly.CUT_BY_CAPTURE
    assert wire.reassembly.unfinished() == {"fragments never completed": 1}


# -- TCP -------------------------------------------------------------------------------------


def test_message_comes_with_its_last_segment(wire: Wire) -> None:
    assert wire.segment(999, flags=SYN) == []
    assert wire.segment(1000, ONE[:100]) == []
    (piece,) = wire.segment(1100, ONE[100:])
    assert piece == Piece(
        "message", ONE, packed_address(ATTACKER), packed_address(PBX), 40000, 5060,
        3 * SECOND, columns.T_TCP, 0, Anomaly(0),
    )  # fmt: skip


def test_message_after_a_loss_is_noted(wire: Wire) -> None:
    wire.segment(1000, ONE[:100])
    pieces = wire.segment(5000, TWO)
    pieces += wire.reassembly.finish(wire.batch)
    first, second = pieces
    assert (first.octets, first.notes) == (ONE[:100], Anomaly.CUT_BY_CAPTURE)
    assert (second.octets, second.notes) == (TWO, Anomaly.TCP_RESYNCHRONISED)
    assert wire.reassembly.unfinished() == {"TCP octets missing (holes)": 1}


def test_retransmission_that_says_something_else_is_noted(wire: Wire) -> None:
    wire.segment(1000, ONE[:100])
    wire.segment(1050, b"?" * 20)
    (piece,) = wire.segment(1100, ONE[100:])
    assert piece.octets == ONE
    assert piece.notes == Anomaly.TCP_OVERLAP_DIFFERS


def test_message_that_the_connection_did_not_live_to_end(wire: Wire) -> None:
    wire.segment(1000, ONE[:100])
    (piece,) = wire.segment(1100, flags=FIN | ACK)
    assert (piece.octets, piece.notes) == (ONE[:100], Anomaly.CUT_BY_CAPTURE)


def test_encrypted_direction_is_counted_and_passed_over(wire: Wire) -> None:
    assert wire.segment(1000, b"\x16\x03\x01\x02\x00") == []
    assert counts_of(wire.batch) == {"R_TLS_ENCRYPTED": 1}
    digest = stream_hash(wire.batch)
    assert wire.batch.ignored[digest % IGNORED_STREAMS] == digest


def test_other_direction_is_counted_and_passed_over(wire: Wire) -> None:
    assert wire.segment(1000, b"\x00" * 9000 + b"x") == []
    wire.segment(10001, b"no SIP\n" * 2000)
    assert counts_of(wire.batch) == {"R_TCP_OTHER": 1}
    digest = stream_hash(wire.batch)
    assert wire.batch.ignored[digest % IGNORED_STREAMS] == digest


def test_direction_that_ended_before_it_said_anything_is_counted(wire: Wire) -> None:
    """A port scan, a banner, a web page: not decoded, and not silently."""
    wire.segment(1000, b"GET / HTTP/1.1\r\n\r\n")
    wire.segment(1018, flags=FIN | ACK)
    assert counts_of(wire.batch) == {"R_TCP_OTHER": 1}
    wire.batch.source_port = 40001
    wire.segment(1000, b"GET / HTTP/1.1\r\n\r\n")
    assert list(wire.reassembly.finish(wire.batch)) == []
    assert counts_of(wire.batch) == {"R_TCP_OTHER": 2}


def test_acknowledgements_are_wanted_while_a_hole_is_there(wire: Wire) -> None:
    """What the receiver acknowledged, only the capture lost: then nobody waits for it."""
    wire.segment(1000, ONE)
    assert wire.batch.want_acknowledgements == 0
    assert wire.segment(1000 + len(ONE) + 5, TWO) == []
    assert wire.batch.want_acknowledgements == 1
    back = Wire()
    back.reassembly, back.batch = wire.reassembly, wire.batch
    batch = wire.batch
    batch.source_low, batch.destination_low = PBX, ATTACKER
    batch.source_port, batch.destination_port = 5060, 40000
    (piece,) = back.segment(1, acknowledged=1000 + len(ONE) + 5 + len(TWO))
    assert piece.octets == TWO
    assert batch.want_acknowledgements == 0


# -- HEP -------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [15, 31], ids=["zlib", "gzip"])
def test_packed_payload_is_unpacked(wire: Wire, bits: int) -> None:
    wire.batch.transport = columns.T_TLS
    packer = zlib.compressobj(wbits=bits)
    (piece,) = wire.packed(packer.compress(ONE) + packer.flush())
    assert (piece.kind, piece.octets, piece.transport) == ("message", ONE, columns.T_TLS)
    assert (piece.source_port, piece.destination_port) == (40000, 5060)


@pytest.mark.parametrize("octets", [b"", b"SIP/2.0 200 OK\r\n", zlib.compress(ONE)[:1]])
def test_packed_payload_that_does_not_unpack_is_counted_or_empty(wire: Wire, octets: bytes) -> None:
    pieces = wire.packed(octets)
    assert all(piece.octets == b"" for piece in pieces)
    assert pieces or counts_of(wire.batch) == {"R_HEP_DAMAGED": 1}


def test_packed_bomb_unpacks_to_a_bound(wire: Wire) -> None:
    (piece,) = wire.packed(zlib.compress(b"x" * 50_000_000))
    assert len(piece.octets) == MAX_INFLATED


# -- counters --------------------------------------------------------------------------------


def test_nothing_unfinished_is_told_as_nothing(wire: Wire) -> None:
    assert wire.reassembly.unfinished() == {}
