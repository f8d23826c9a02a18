"""The next plausible record after damage: found by chaining, never by trust.

An offset counts as a record when several records in a row from there make
sense. While more octets may come, a search stops where it would need them, and
goes on from there: the answer does not depend on where the capture was cut, and
no octet is searched twice.
"""

from __future__ import annotations

import struct
from typing import Literal

from ringfence.wire._batch import Batch
from ringfence.wire._pcap import MAX_CAPTURED

Order = Literal["big", "little"]

# This many records in a row must make sense; fewer only where the capture ends.
CHAIN = 4
# Clocks of neighbouring packets differ by less than this many seconds.
_MAX_CLOCK_STEP_S = 86_400 * 7
# A section says its own byte order (draft-ietf-opsawg-pcapng 4.1).
_ORDERS: dict[bytes, Order] = {b"\x1a\x2b\x3c\x4d": "big", b"\x4d\x3c\x2b\x1a": "little"}


def next_record(
    batch: Batch, buffer: bytearray, start: int, end: int, final: bool = True
) -> tuple[int, bool]:
    """Offset of the next plausible pcap record in buffer[start:end], and that it is one.

    False: nothing before the offset is a record; when `final`, nothing at all.
    """
    head = struct.Struct((">" if batch.big_endian else "<") + "IIII")
    near_s = batch.last_time // 1_000_000_000
    for o in range(start, end):
        links = _chain(head, batch, buffer, o, end, near_s)
        if links == CHAIN or (final and links > 1):
            return o, True
        if links >= 0 and not final:
            return o, False
    return end, False


def _chain(
    head: struct.Struct, batch: Batch, buffer: bytearray, o: int, end: int, near_s: int
) -> int:
    """How many records in a row make sense, CHAIN at most; -1: one of them makes none."""
    for links in range(CHAIN):
        if o + batch.record_header > end:
            return links
        seconds, fraction, captured, original = head.unpack_from(buffer, o)
        if not 14 <= captured <= original <= MAX_CAPTURED:
            return -1
        if fraction * batch.fraction_ns >= 1_000_000_000:
            return -1
        if near_s and abs(seconds - near_s) > _MAX_CLOCK_STEP_S:
            return -1
        o += batch.record_header + captured
    return CHAIN


def next_block(
    batch: Batch, buffer: bytearray, start: int, end: int, final: bool = True
) -> tuple[int, bool]:
    """Offset of the next pcapng block whose two lengths agree, and that it is one; as above."""
    order: Order = "big" if batch.big_endian else "little"
    kinds = {n.to_bytes(4, order) for n in (2, 3, 6)}
    kinds.add(b"\x0a\x0d\x0d\x0a")
    for o in range(start, end):
        if o + 12 > end:
            return (end if final else o), False
        if bytes(buffer[o : o + 4]) not in kinds:
            continue
        length = int.from_bytes(
            buffer[o + 4 : o + 8], _ORDERS.get(bytes(buffer[o + 8 : o + 12]), order)
        )
        if not 16 <= length <= MAX_CAPTURED or length % 4:
            continue
        if o + length <= end:
            if buffer[o + length - 4 : o + length] == buffer[o + 4 : o + 8]:
                return o, True
        elif not final:
            return o, False
    return end, False
