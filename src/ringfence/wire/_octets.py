"""Octet primitives of the kernels: the interpreted twin.

Compiled kernels do not import this file: they take the C inline functions of
the same names from `_octets.pxd`. Both must agree, to the bit, on every input;
an access outside the buffer raises IndexError in both.
"""

from __future__ import annotations

from collections.abc import Sequence

_MASK = 0xFFFFFFFFFFFFFFFF
_LOW_BITS = 0x7F7F7F7F7F7F7F7F
_HIGH_BITS = 0x8080808080808080
_COLONS = 0x3A3A3A3A3A3A3A3A
_ONES = 0x0101010101010101
_PAST_BLANKS = 0x2121212121212121


def find(d: bytes | bytearray, o: int, e: int, octet: int) -> int:
    """Offset of the first `octet` in d[o:e], or e."""
    if o >= e:
        return e
    if o < 0 or e > len(d):
        raise IndexError("range outside the buffer")
    at = d.find(bytes((octet,)), o, e)  # memory that is mapped takes no number
    return e if at < 0 else at


def word(d: bytes | bytearray, o: int, e: int) -> int:
    """Up to eight octets of d[o:e] as a little-endian number, padded with zeros."""
    if o < 0 or o > e or e > len(d):
        raise IndexError("range outside the buffer")
    return int.from_bytes(d[o : min(o + 8, e)], "little")


def peek(d: bytes | bytearray, o: int) -> int:
    """Eight octets from d[o] on as a little-endian number; what lies outside d is zeros."""
    return int.from_bytes(d[o : o + 8], "little") if o >= 0 else 0


def be16(d: bytes | bytearray, o: int) -> int:
    """Two octets in network order."""
    return _number(d, o, 2, "big")


def be32(d: bytes | bytearray, o: int) -> int:
    """Four octets in network order."""
    return _number(d, o, 4, "big")


def be64(d: bytes | bytearray, o: int) -> int:
    """Eight octets in network order."""
    return _number(d, o, 8, "big")


def le32(d: bytes | bytearray, o: int) -> int:
    """Four octets in little-endian order."""
    return _number(d, o, 4, "little")


def le64(d: bytes | bytearray, o: int) -> int:
    """Eight octets in little-endian order."""
    return _number(d, o, 8, "little")


def lower(w: int) -> int:
    """The word with its ASCII capitals made small."""
    low = w & _LOW_BITS
    past_z = low + 0x2525252525252525
    from_a = low + 0x3F3F3F3F3F3F3F3F
    capitals = ~w & (from_a ^ past_z) & _HIGH_BITS
    return w | (capitals >> 2)


def colon(w: int) -> int:
    """Index of the first ':' in the word, 8 when there is none."""
    x = w ^ _COLONS
    zeros = (x - _ONES) & ~x & _HIGH_BITS
    return 8 if zeros == 0 else ((zeros & -zeros).bit_length() - 1) >> 3


def blank(w: int) -> int:
    """Index of the first octet of the word that is a blank or a control, 8 when there is none."""
    low = (w - _PAST_BLANKS) & ~w & _HIGH_BITS
    return 8 if low == 0 else ((low & -low).bit_length() - 1) >> 3


def keep(w: int, n: int) -> int:
    """The first n (0 to 8) octets of the word, zeros after them."""
    return w if n >= 8 else w & ((1 << (8 * n)) - 1)


def mix(h: int, w: int) -> int:
    """One step of a 64-bit multiply-and-fold hash."""
    h = ((h ^ w) * 0x9E3779B97F4A7C15) & _MASK
    return h ^ (h >> 29)


def times(a: int, b: int) -> int:
    """Product modulo 2**64."""
    return (a * b) & _MASK


def clear(slots: memoryview, o: int, n: int) -> None:
    """Set n slots from o to zero."""
    if o < 0 or n < 0 or o + n > len(slots):
        raise IndexError("range outside the buffer")
    for i in range(o, o + n):
        slots[i] = 0


def put(slots: memoryview, o: int, first: int, second: int) -> None:
    """Set two slots from o."""
    if o < 0 or o + 2 > len(slots):
        raise IndexError("range outside the buffer")
    slots[o], slots[o + 1] = first, second


def past_blanks(d: bytes | bytearray, o: int, e: int) -> int:
    """Offset of the first octet of d[o:e] that is neither space nor tab, or e."""
    if o < 0 or e > len(d):
        raise IndexError("range outside the buffer")
    while o < e and d[o] in b" \t":
        o += 1
    return o


def trimmed(d: bytes | bytearray, o: int, e: int) -> int:
    """Where d[o:e] ends without the spaces and tabs at its end."""
    if o < 0 or e > len(d):
        raise IndexError("range outside the buffer")
    while e > o and d[e - 1] in b" \t":
        e -= 1
    return e


def value_of(table: Sequence[int], slot: int, w0: int, w1: int, w2: int, n: int) -> int:
    """Value of the name of n octets in the words if it is the one in the slot, else 0.

    A slot is eight words: name, length << 16 | value, and the bits of the name that count.
    """
    if slot < 0 or slot + 8 > len(table):
        raise IndexError("range outside the buffer")
    value = table[slot + 3]
    if (table[slot] ^ w0) & table[slot + 4] or value >> 16 != n:
        return 0
    if n > 8 and (
        (table[slot + 1] ^ w1) & table[slot + 5] or (table[slot + 2] ^ w2) & table[slot + 6]
    ):
        return 0
    return value & 0xFFFF


def _number(d: bytes | bytearray, o: int, n: int, order: str) -> int:
    if o < 0 or o + n > len(d):
        raise IndexError("range outside the buffer")
    return int.from_bytes(d[o : o + n], "big" if order == "big" else "little")
