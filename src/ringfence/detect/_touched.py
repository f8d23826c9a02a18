"""Which sources the last messages were about, of those that a verdict may rest on.

How it works: the tally has counted rows `first` to `end` of a batch; each is charged to
a source, whose row is found by the tally's own index. A source is named once in a
round, and only when it is worth a look, when one of its calls was read, or when it
asks much in vain: of the ordinary traffic of a phone system nothing is named at all.
Rules: one pass, no allocation; what the tally holds is only read.
"""

from __future__ import annotations

import array

try:
    import cython
except ModuleNotFoundError:  # the interpreted twin needs no Cython
    from ringfence.wire import _uncompiled as cython

from ringfence.detect._tally import MAX_PROBES, Tally

if not cython.compiled:
    from ringfence.detect._fields import (
        ADDRESS_HIGH,
        ADDRESS_LOW,
        HOSTS,
        MESSAGES,
        PICKED,
        REGISTERS,
        REPEATED,
        RESPONSES,
        ROW_WIDTH,
        SUCCEEDED,
        WORTH,
    )
    from ringfence.detect._spans import fold
    from ringfence.wire._batch import Batch
    from ringfence.wire._columns import (
        DESTINATION_HIGH,
        DESTINATION_LOW,
        METHOD,
        SLOT_WIDTH,
        SOURCE_HIGH,
        SOURCE_LOW,
        WIDE_WIDTH,
    )

_MAX_PROBES = MAX_PROBES
# As `watch.Watch` asks of a source that is not worth a look: so much without a success,
# registrations that nobody answers, several hosts.
MANY_MESSAGES = 8
_MANY_MESSAGES = MANY_MESSAGES
_UNHEARD_REGISTERS = 2
_FEW_HOSTS = 3


def touched(
    t: Tally, b: Batch, first: int, end: int, rounds: array.array[int], out: array.array[int]
) -> int:
    """Leave the rows of the sources in `out`, each once; how many there are.

    `rounds` holds for each row of the tally in which round it was named last; its last
    place holds the round itself. `out` must have room for `end - first`.
    """
    with cython.nogil:
        n = _touched(t, b, first, end, rounds, out)
    return n


def _touched(
    t: Tally, b: Batch, row: int, end: int, rounds: array.array[int], out: array.array[int]
) -> int:
    n = 0
    this = rounds[t.sources] + 1
    rounds[t.sources] = this
    last = -1
    while row < end and row < b.n:
        base = row * SLOT_WIDTH
        wide = row * WIDE_WIDTH
        if b.slots[base + METHOD]:
            i = _row_of(t, b.wide[wide + SOURCE_HIGH], b.wide[wide + SOURCE_LOW], last)
        else:
            i = _row_of(t, b.wide[wide + DESTINATION_HIGH], b.wide[wide + DESTINATION_LOW], last)
        row += 1
        if i < 0:
            continue
        last = i
        if rounds[i] == this:
            continue
        rounds[i] = this
        if _may_weigh(t, i * ROW_WIDTH):
            out[n] = i
            n += 1
    return n


def _row_of(t: Tally, high: int, low: int, last: int) -> int:
    """The row of this address, often that of the message before; -1 when it has none."""
    if last >= 0:
        o = last * ROW_WIDTH
        if t.rows[o + ADDRESS_LOW] == low and t.rows[o + ADDRESS_HIGH] == high:
            return last
    slot = fold(low ^ t.seed, high ^ t.other) & t.mask
    for _ in range(_MAX_PROBES):
        i = t.index[slot]
        if i == 0:
            return -1
        o = (i - 1) * ROW_WIDTH
        if t.rows[o + ADDRESS_LOW] == low and t.rows[o + ADDRESS_HIGH] == high:
            return i - 1
        slot = (slot + 1) & t.mask
    return -1


def _may_weigh(t: Tally, o: int) -> int:
    # The lowest of the groups counted in PICKED holds what only makes it known, as its name.
    if t.rows[o + WORTH] or t.rows[o + PICKED] >> 16:
        return 1
    asked = t.rows[o + REGISTERS] + t.rows[o + REPEATED]
    if asked > _UNHEARD_REGISTERS and t.rows[o + RESPONSES] == 0:
        return 1
    if t.rows[o + HOSTS] > _FEW_HOSTS:
        return 1
    return 1 if t.rows[o + MESSAGES] >= _MANY_MESSAGES and t.rows[o + SUCCEEDED] == 0 else 0
