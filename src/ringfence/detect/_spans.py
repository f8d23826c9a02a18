"""Seeded hashes and short searches of the tally: the interpreted twin.

The compiled tally takes the C inline functions of the same names from
`_spans.pxd`. Both must agree, to the bit, on every input. Whoever does not know
the seed cannot choose octets or addresses that fall together, neither to make
a table slow nor to hide many names behind one.
"""

from __future__ import annotations

from ringfence.wire._octets import find, word

_MASK = 0xFFFFFFFFFFFFFFFF
_ODD = 0x9E3779B97F4A7C15


def fold(a: int, b: int) -> int:
    """Both halves of the 128-bit product, one over the other."""
    product = a * b
    return (product & _MASK) ^ (product >> 64)


def spread(d: bytes | bytearray, o: int, e: int, seed: int) -> int:
    """Hash of d[o:e] that only the holder of the seed can foresee; 0 for nothing alone."""
    if o >= e:
        return 0
    if o < 0 or e > len(d):
        raise IndexError("range outside the buffer")
    other = (seed * _ODD) & _MASK
    h = seed ^ (e - o)
    while o < e:
        middle = o + 8 if o + 8 < e else e
        h = fold(h ^ word(d, o, e), other ^ word(d, middle, e))
        o += 16
    return h or 1


def seek(d: bytes | bytearray, o: int, e: int, octet: int) -> int:
    """`find`, made for octets that are near."""
    return find(d, o, e, octet)
