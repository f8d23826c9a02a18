"""Answered calls, each with its number, its account, its beginning and its end.

How it works: an answer to an INVITE enters a record under its Call-ID, for the source
that asked; the BYE of either side, known by Call-ID and tags, ends it, whichever of
them is read first (`ends`). Eight records share a bucket. Where a bucket is full, a
call of the source that has most of them gives way, and its source's row goes on to
count it and how long it lasted: so a busy office pushes out its own calls, and not
those of a thief.
Rules: one bucket a call, no allocation.
"""

from __future__ import annotations

import array

try:
    import cython
except ModuleNotFoundError:  # the interpreted twin needs no Cython
    from ringfence.wire import _uncompiled as cython

if not cython.compiled:
    from ringfence.detect._fields import (
        C_ANSWERED,
        C_EARLY,
        C_ENDED,
        C_NUMBER,
        C_STATE,
        C_TAGS,
        C_TRANSACTION,
        CALL_WIDTH,
        CALLS_KEPT,
        CALLS_LEFT,
        ROW_WIDTH,
        TALKED_LEFT,
    )
    from ringfence.detect._spans import fold
    from ringfence.wire._octets import word

# Answered calls of all sources, eight to a bucket: 8.5 MiB. A night of fraud has some
# hundreds; where there are more than this, each source keeps its fair share of them.
CALL_SLOTS = 65_536
_WAYS = 8
_BUCKET_MASK = CALL_SLOTS // _WAYS - 1
# BYEs by dialog, four to a bucket, of calls without a record so far: those whose answer is
# read after their end. The earliest of a bucket gives way.
END_SLOTS = 16_384
_END_WAYS = 4
_END_MASK = END_SLOTS // _END_WAYS - 1
# In place of the tags of a dialog whose answers are not seen: its calls have no record.
UNHEARD = 0
# Octets kept of a number, and of an account.
MAX_NAME = 40
_MAX_NAME = MAX_NAME


class Calls:
    """The tables of answered calls. `records[slot * CALL_WIDTH + FIELD]` is of a call."""

    def __init__(self, seed: int, other: int) -> None:
        self.seed = seed
        self.other = other
        self.keys = array.array("Q", bytes(8 * CALL_SLOTS))
        self.records = array.array("Q", bytes(8 * CALL_WIDTH * CALL_SLOTS))
        self.ends = array.array("Q", bytes(8 * 2 * END_SLOTS))
        self.count = 0


def key_of_call(c: Calls, call_hash: int) -> int:
    """The key of all records with this Call-ID, never 0."""
    return _key_of_call(c, call_hash)


def ended_unheard(c: Calls, call_hash: int) -> int:
    """When a call was seen to end (ns) by one whose answers the capture does not hold, else 0."""
    return _ended_at(c, _key_of_call(c, call_hash), UNHEARD)


def _key_of_call(c: Calls, call_hash: int) -> int:
    return fold(call_hash ^ c.seed, c.other ^ 64) | 1


def _enter_call(c: Calls, rows: array.array[int], row: int, key: int, tags: int, when: int) -> int:
    """Offset of the record of this call, made when it is new; its first answer counts."""
    slot = _place_of_call(c, rows, row, key, tags)
    r = slot * CALL_WIDTH
    if c.keys[slot] == key:
        if when < c.records[r + C_ANSWERED]:
            c.records[r + C_ANSWERED] = when
        return r
    _clear(c, r)
    c.keys[slot] = key
    c.count += 1
    c.records[r + C_STATE] = row << 4
    c.records[r + C_TAGS] = tags
    c.records[r + C_ANSWERED] = when
    c.records[r + C_ENDED] = _ended_at(c, key, tags)
    rows[row * ROW_WIDTH + CALLS_KEPT] += 1
    return r


def _clear(c: Calls, r: int) -> int:
    for field in range(CALL_WIDTH):
        c.records[r + field] = 0
    return 0


def _place_of_call(c: Calls, rows: array.array[int], row: int, key: int, tags: int) -> int:
    """The slot that holds this call, or an empty one: a call gives way where all are taken."""
    bucket = ((key >> 32) & _BUCKET_MASK) * _WAYS
    empty = -1
    for slot in range(bucket, bucket + _WAYS):
        if c.keys[slot] == 0:
            if empty < 0:
                empty = slot
        elif c.keys[slot] == key:
            r = slot * CALL_WIDTH
            if c.records[r + C_STATE] >> 4 == row and c.records[r + C_TAGS] == tags:
                return slot
    return empty if empty >= 0 else _leave_out(c, rows, bucket)


def _leave_out(c: Calls, rows: array.array[int], bucket: int) -> int:
    """Make a place: a call of the source with most calls, one that ended before any other."""
    most = 0
    victim = bucket
    for slot in range(bucket, bucket + _WAYS):
        r = slot * CALL_WIDTH
        share = rows[(c.records[r + C_STATE] >> 4) * ROW_WIDTH + CALLS_KEPT] * 2
        if c.records[r + C_ENDED]:
            share += 1
        if share > most:
            most = share
            victim = slot
    r = victim * CALL_WIDTH
    o = (c.records[r + C_STATE] >> 4) * ROW_WIDTH
    rows[o + CALLS_KEPT] -= 1
    if c.records[r + C_STATE] & C_EARLY == 0:
        rows[o + CALLS_LEFT] += 1
        if c.records[r + C_ENDED] > c.records[r + C_ANSWERED]:
            rows[o + TALKED_LEFT] += c.records[r + C_ENDED] - c.records[r + C_ANSWERED]
    c.keys[victim] = 0
    c.count -= 1
    return victim


def _write_name(c: Calls, r: int, octets: bytearray, o: int, e: int) -> int:
    """Keep a number or an account in a record, eight octets a word."""
    if e > o + _MAX_NAME:
        e = o + _MAX_NAME
    while o < e:
        c.records[r] = word(octets, o, e)
        r += 1
        o += 8
    return 0


def _confirm_call(c: Calls, row: int, key: int) -> int:
    """The request of an answer that was read before it has come: the call is a call."""
    bucket = ((key >> 32) & _BUCKET_MASK) * _WAYS
    for slot in range(bucket, bucket + _WAYS):
        r = slot * CALL_WIDTH
        if c.keys[slot] == key and c.records[r + C_STATE] >> 4 == row:
            c.records[r + C_STATE] = row << 4
    return 0


def _end_call(c: Calls, key: int, tags: int, when: int) -> int:
    """One side hangs up: that ends the call for every source whose record has these tags."""
    found = 0
    bucket = ((key >> 32) & _BUCKET_MASK) * _WAYS
    for slot in range(bucket, bucket + _WAYS):
        if c.keys[slot] == key:
            r = slot * CALL_WIDTH
            if c.records[r + C_TAGS] == tags:
                _end_record(c, r, when)
                found = 1
    if found:
        return 0
    return _keep_end(c, fold(key ^ tags, c.other ^ 32) | 1, when)


def _keep_end(c: Calls, key: int, when: int) -> int:
    """Remember when a dialog ended first."""
    bucket = ((key >> 32) & _END_MASK) * 2 * _END_WAYS
    victim = bucket
    for at in range(bucket, bucket + 2 * _END_WAYS, 2):
        if c.ends[at] == key:
            if when < c.ends[at + 1]:
                c.ends[at + 1] = when
            return 0
        if c.ends[at + 1] < c.ends[victim + 1]:
            victim = at
    c.ends[victim] = key
    c.ends[victim + 1] = when
    return 0


def _end_record(c: Calls, r: int, when: int) -> int:
    c.records[r + C_ENDED] = _earlier(c.records[r + C_ENDED], when)
    return 0


def _ended_at(c: Calls, key: int, tags: int) -> int:
    """When this dialog was first seen to end (ns), 0 when it was not."""
    first = 0
    bucket = ((key >> 32) & _BUCKET_MASK) * _WAYS
    for slot in range(bucket, bucket + _WAYS):  # a proxy stands in two records of one dialog
        r = slot * CALL_WIDTH
        if c.keys[slot] == key and c.records[r + C_TAGS] == tags:
            first = _earlier(first, c.records[r + C_ENDED])
    key = fold(key ^ tags, c.other ^ 32) | 1
    bucket = ((key >> 32) & _END_MASK) * 2 * _END_WAYS
    for at in range(bucket, bucket + 2 * _END_WAYS, 2):
        if c.ends[at] == key:
            first = _earlier(first, c.ends[at + 1])
    return first


def _earlier(a: int, b: int) -> int:
    """The earlier of two times, where 0 is none."""
    if a == 0 or (b and b < a):
        return b
    return a


# -- rows that change their place, and two tables into one -----------------------------------


def follow_calls(c: Calls, moved: array.array[int]) -> int:
    """Row i went to moved[i], or was shed (-1), and its calls with it."""
    if c.count == 0:
        return 0
    for slot in range(CALL_SLOTS):
        if c.keys[slot]:
            state = c.records[slot * CALL_WIDTH + C_STATE]
            row = moved[state >> 4]
            if row < 0:
                c.keys[slot] = 0
                c.count -= 1
            else:
                c.records[slot * CALL_WIDTH + C_STATE] = (row << 4) | (state & 15)
    return 0


def join_calls(c: Calls, d: Calls, rows: array.array[int], moved: array.array[int]) -> int:
    """Add d's calls and ends to c's; what both know is one call."""
    for at in range(0, 2 * END_SLOTS, 2):
        if d.ends[at]:
            _keep_end(c, d.ends[at], d.ends[at + 1])
    if d.count:
        for slot in range(CALL_SLOTS):
            if d.keys[slot]:
                _join_call(c, d, slot, rows, moved[d.records[slot * CALL_WIDTH + C_STATE] >> 4])
    if c.count:
        for slot in range(CALL_SLOTS):
            if c.keys[slot]:
                r = slot * CALL_WIDTH
                _end_record(c, r, _ended_at(c, c.keys[slot], c.records[r + C_TAGS]))
    return 0


def _join_call(c: Calls, d: Calls, slot: int, rows: array.array[int], row: int) -> int:
    theirs = slot * CALL_WIDTH
    key = d.keys[slot]
    early = d.records[theirs + C_STATE] & C_EARLY
    r = _enter_call(c, rows, row, key, d.records[theirs + C_TAGS], d.records[theirs + C_ANSWERED])
    _end_record(c, r, d.records[theirs + C_ENDED])
    if c.records[r + C_TRANSACTION] == 0:
        for field in range(C_NUMBER, CALL_WIDTH):
            c.records[r + field] = d.records[theirs + field]
        c.records[r + C_TRANSACTION] = d.records[theirs + C_TRANSACTION]
        c.records[r + C_STATE] |= early
    elif early == 0:
        c.records[r + C_STATE] = row << 4
    return 0
