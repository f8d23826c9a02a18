"""The next plausible record after damage: found by chaining, never by trust.

An offset counts as a record when several records in a row from there make
sense; the search is bounded by the buffer and stops at the first hit.
"""

from __future__ import annotations

import struct

from ringfence.wire._batch import Batch
from ringfence.wire._pcap import MAX_CAPTURED

# This many records in a row must make sense; fewer only where the buffer ends.
CHAIN = 4
# Clocks of neighbouring packets differ by less than this many seconds.
_MAX_CLOCK_STEP_S = 86_400 * 7


def next_record(batch: Batch, buffer: bytearray, start: int, end: int) -> int | None:
    """Offset of the next plausible pcap record in buffer[start:end], or None."""
    order = ">" if batch.big_endian else "<"
    head = struct.Struct(order + "IIII")
    near_s = batch.last_time // 1_000_000_000
    for o in range(start, end - batch.record_header):
        if _chain(head, batch, buffer, o, end, near_s):
            return o
    return None


def _chain(
    head: struct.Struct, batch: Batch, buffer: bytearray, o: int, end: int, near_s: int
) -> bool:
    for links in range(CHAIN):
        if o + batch.record_header > end:
            return links > 1
        seconds, fraction, captured, original = head.unpack_from(buffer, o)
        if not 14 <= captured <= original <= MAX_CAPTURED:
            return False
        if fraction * batch.fraction_ns >= 1_000_000_000:
            return False
        if near_s and abs(seconds - near_s) > _MAX_CLOCK_STEP_S:
            return False
        o += batch.record_header + captured
    return True


def next_block(batch: Batch, buffer: bytearray, start: int, end: int) -> int | None:
    """Offset of the next pcapng block whose two lengths agree, or None."""
    order = "big" if batch.big_endian else "little"
    kinds = {n.to_bytes(4, "big" if batch.big_endian else "little") for n in (2, 3, 6)}
    kinds.add(b"\x0a\x0d\x0d\x0a")
    for o in range(start, end - 12):
        if buffer[o : o + 4] not in kinds:
            continue
        length = int.from_bytes(buffer[o + 4 : o + 8], order)
        if 16 <= length <= MAX_CAPTURED and length % 4 == 0 and o + length <= end:
            if buffer[o + length - 4 : o + length] == buffer[o + 4 : o + 8]:
                return o
    return None
