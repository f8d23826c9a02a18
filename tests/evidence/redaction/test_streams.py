"""Messages put back into segments: in any order, with holes, repeated, together."""

from __future__ import annotations

import itertools
import struct
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from ringfence.evidence.redaction import streams
from ringfence.evidence.redaction.shell import NOTHING, SEGMENT, Shell
from ringfence.evidence.redaction.streams import Direction
from tests.evidence.redaction.test_names import NAMES

if TYPE_CHECKING:
    import pytest

MESSAGE = b"OPTIONS sip:a SIP/2.0\r\nX: secret\r\n\r\n"


def segment(sequence: int, payload: bytes, flags: int = 0x10) -> Shell:
    shell = Shell(payload, bytearray(len(payload)), kind=SEGMENT, end=len(payload))
    shell.sequence, shell.flags = sequence, flags
    return shell


def star(octets: bytes) -> bytes:
    return b"*" * len(octets)


class Wire:
    """One direction, and what came out of it."""

    def __init__(self) -> None:
        self.out: list[Shell] = []
        self.direction = Direction(self.out.append)

    def add(self, *shells: Shell) -> None:
        for shell in shells:
            self.direction.add(shell)

    def place(self, message: bytes = MESSAGE, *, framed: bool = False) -> bool:
        return self.direction.place(message, star, NAMES, framed=framed)

    @property
    def text(self) -> bytes:
        kept = [shell for shell in self.out if shell.kind != NOTHING]
        return b"".join(bytes(s.out) for s in sorted(kept, key=lambda s: s.sequence))


@given(st.lists(st.integers(1, len(MESSAGE) - 1), max_size=8), st.randoms(use_true_random=False))
def test_any_cuts_in_any_order(cuts: list[int], shuffle) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    at = [0, *sorted(set(cuts)), len(MESSAGE)]
    shells = [segment(1000 + a, MESSAGE[a:b]) for a, b in itertools.pairwise(at)]
    shuffle.shuffle(shells)
    wire = Wire()
    wire.add(*shells)
    assert wire.place()
    assert wire.text == b"*" * len(MESSAGE)
    assert not wire.direction.waiting


def test_sequence_numbers_wrap() -> None:
    wire = Wire()
    wire.add(segment(0xFFFFFFF0, MESSAGE[:20]), segment(4, MESSAGE[20:]))
    assert wire.place()


def test_a_handshake_goes_out_at_once() -> None:
    wire = Wire()
    wire.add(segment(999, b"", 0x02))
    assert len(wire.out) == 1


def test_the_rest_of_a_segment_waits_for_its_message() -> None:
    wire = Wire()
    wire.add(segment(0, MESSAGE + MESSAGE[:10]))
    assert wire.place()
    assert wire.out == []
    wire.add(segment(len(MESSAGE) + 10, MESSAGE[10:]))
    assert wire.place()
    assert wire.text == b"*" * 2 * len(MESSAGE)


def test_what_is_never_placed_is_masked() -> None:
    wire = Wire()
    wire.add(segment(0, MESSAGE + b"secret"))
    assert wire.place()
    wire.direction.flush()
    assert wire.text == b"*" * len(MESSAGE) + b"xxxxxx"


def test_keep_alives_stay() -> None:
    wire = Wire()
    wire.add(segment(0, b"\r\n\r\n" + MESSAGE + b"\r\n\r\n"))
    assert wire.place()
    assert wire.text == b"\r\n\r\n" + b"*" * len(MESSAGE) + b"\r\n\r\n"


def test_a_repeated_segment_is_left_out() -> None:
    wire = Wire()
    wire.add(segment(0, MESSAGE))
    assert wire.place()
    wire.add(segment(0, MESSAGE))
    assert [shell.kind for shell in wire.out] == [SEGMENT, NOTHING]


def test_an_overlap_that_differs_is_masked_by_place() -> None:
    """First data wins; what a second segment says there instead goes, too."""
    wire = Wire()
    wire.add(segment(0, MESSAGE[:25]), segment(10, b"secretsecretsec"), segment(25, MESSAGE[25:]))
    assert wire.place()
    assert b"secret" not in wire.text


def test_a_message_with_a_hole_is_not_put_back() -> None:
    wire = Wire()
    wire.add(segment(0, MESSAGE[:10]), segment(12, MESSAGE[12:]))
    assert not wire.place()
    assert wire.text == b""


def test_too_many_tiny_segments_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MAX_WAITING", 4)
    wire = Wire()
    wire.add(*(segment(n, MESSAGE[n : n + 1]) for n in range(9)))
    assert len(wire.direction.waiting) == 4
    assert not wire.place()
    assert set(wire.text) <= set(b"x")


def test_frames_keep_their_heads_and_masks() -> None:
    key = b"\x01\x02\x03\x04"
    hidden = bytes(octet ^ key[at % 4] for at, octet in enumerate(MESSAGE))
    frame = b"\x81" + bytes((0x80 | len(MESSAGE),)) + key + hidden
    wire = Wire()
    wire.add(segment(0, frame[:9]), segment(9, frame[9:]))
    assert wire.place(framed=True)
    expected = bytes(0x2A ^ key[at % 4] for at in range(len(MESSAGE)))
    assert wire.text == frame[:6] + expected


def test_a_message_in_several_frames() -> None:
    frames = (
        b"\x01\x05"
        + MESSAGE[:5]
        + b"\x8a\x03abc"
        + b"\x80"
        + bytes((len(MESSAGE) - 5,))
        + MESSAGE[5:]
    )
    wire = Wire()
    wire.add(segment(0, frames))
    assert wire.place(framed=True)
    assert b"abc" not in wire.text
    assert wire.text.count(b"*") >= len(MESSAGE)


def test_packed_frames_cannot_be_put_back() -> None:
    wire = Wire()
    wire.add(segment(0, b"\xc1\x05packd"))
    assert not wire.place(framed=True)


def test_hep_between_others_is_found() -> None:
    def hep(payload: bytes) -> bytes:
        chunk = struct.pack(">IH", 15, 6 + len(payload)) + payload
        key = struct.pack(">IH", 14, 6 + 6) + b"secret"
        return b"HEP3" + struct.pack(">H", 6 + len(chunk) + len(key)) + key + chunk

    wire = Wire()
    wire.add(segment(0, hep(b"a log line with a secret") + hep(MESSAGE)))
    assert wire.place()
    assert b"secret" not in wire.text
    assert wire.text.count(b"HEP3") == 2
    assert wire.text.endswith(b"*" * len(MESSAGE))
