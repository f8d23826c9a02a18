"""What stays of packets that are too many: the small histories whole, a fair share of the large.

How it works: each packet has a place in its party's history, in octets that stand before
it. All parties are filled like glasses of water: first what lies within the FLOOR of each,
then everybody's next octets, until there is no more room. Where not even the floors have
room, parties are left out as a whole: first those that sent one message only (a forged
address does not come back), then by chance. Within a party whole dialogs stay or go, drawn
once, so that what is thinned again and again is still a sample of all of it. Who sends
much loses his own packets, and nobody else's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint64]
    Yes = NDArray[np.bool_]

# Octets of each party that are not given up as long as any party has more: registering
# with a challenge, or one call, with all answers.
FLOOR = 8192

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def mixed(high: Numbers, low: Numbers, seed: int) -> Numbers:
    """One number for an address: nobody who does not know the seed finds two that fall together."""
    return _stirred(_stirred(high ^ np.uint64(seed)) ^ low)


def drawn(dialog: Numbers, seed: int) -> Numbers:
    """The lot of a dialog: the low ones stay longest."""
    return _stirred(dialog ^ np.uint64(~seed & 0xFFFFFFFFFFFFFFFF))


def fair(party: Numbers, size: NDArray[np.int64], lot: Numbers, asks: Yes, room: int) -> Yes:
    """Which packets stay, of at most `room` octets. `asks`: it came from the party itself."""
    if int(size.sum()) <= room:
        return np.ones(len(size), np.bool_)
    order = np.lexsort((lot, party))  # by party, then by lot, then as they came
    grouped, octets = party[order], size[order]
    begins = np.flatnonzero(np.concatenate(([True], grouped[1:] != grouped[:-1])))
    members = np.diff(begins, append=len(order))
    del grouped
    before = np.cumsum(octets) - octets
    before -= np.repeat(before[begins], members)
    np.maximum(before - FLOOR, 0, out=before)
    lone = np.add.reduceat(asks[order].astype(np.int64), begins) < 2
    before *= 2
    before += np.repeat(lone, members)
    rank = np.argsort(before, kind="stable")  # equal ones stay by party: by chance
    del before
    stays = np.cumsum(octets[rank]) <= room
    kept = np.zeros(len(size), np.bool_)
    kept[order[rank[stays]]] = True
    return kept


def _stirred(number: Numbers) -> Numbers:
    """SplitMix64's finaliser (Steele, Lea, Flood 2014): every bit changes half of the others."""
    number = number + _GOLDEN
    number = (number ^ (number >> np.uint64(30))) * _MIX_1
    number = (number ^ (number >> np.uint64(27))) * _MIX_2
    stirred: Numbers = number ^ (number >> np.uint64(31))
    return stirred
