"""The rows of a table that the accused sent or received."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ringfence.search.rows import Numbers, Rows

_LOW_WORD = 2**64 - 1
_MAPPED = 0xFFFF << 32


class Accused:
    """Addresses, found in whole columns at once.

    How it works: an address is two words of 64 bits. Each half is looked up in the
    sorted halves of the accused, and the pair of places in the sorted pairs.
    """

    def __init__(self, addresses: Iterable[str]) -> None:
        self.addresses = tuple(addresses)
        words = [_words(address) for address in self.addresses]
        self._highs = np.unique(np.array([high for high, _ in words], np.uint64))
        self._lows = np.unique(np.array([low for _, low in words], np.uint64))
        pairs = [
            int(np.searchsorted(self._highs, np.uint64(high))) * len(self._lows)
            + int(np.searchsorted(self._lows, np.uint64(low)))
            for high, low in words
        ]
        self._order = np.argsort(np.array(pairs, np.int64), kind="stable")
        self._pairs = np.array(pairs, np.int64)[self._order]

    def __len__(self) -> int:
        return len(self.addresses)

    def numbers(self, table: Rows, side: str, rows: Numbers) -> NDArray[np.int64]:
        """For each row which of the accused is its "source" or "destination"; -1: none of them."""
        found = np.full(len(rows), -1, np.int64)
        if not self.addresses:
            return found
        high, in_highs = _places(self._highs, table.wide(f"{side}_high", rows))
        low, in_lows = _places(self._lows, table.wide(f"{side}_low", rows))
        pair, in_pairs = _places(self._pairs, high * len(self._lows) + low)
        known = in_highs & in_lows & in_pairs
        found[known] = self._order[pair[known]]
        return found


def _places(
    ordered: NDArray[np.uint64] | NDArray[np.int64],
    values: NDArray[np.uint64] | NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where the values stand in `ordered`, and whether they do."""
    places = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1).astype(np.int64)
    there: NDArray[np.bool_] = ordered[places] == values
    return places, there


def _words(address: str) -> tuple[int, int]:
    """High and low word, IPv4 as ::ffff:a.b.c.d."""
    parsed = ip_address(address)
    number = int(parsed)
    if parsed.version == 4:
        return 0, _MAPPED | number
    return number >> 64, number & _LOW_WORD
