"""A keyed permutation of the numbers below any bound, without a fixed point.

How it works: a Feistel network of HMAC-SHA-256 permutes the numbers of so many
bits; a result beyond the bound goes through it again until it is below (cycle
walking). P(P⁻¹(x) + 1) is then a single cycle: every number has another image
than itself. Whoever lacks the key learns nothing but that equal stays equal.
"""

from __future__ import annotations

import hmac
from hashlib import shake_256

# Ten rounds: as many as NIST SP 800-38G asks of FF1.
_ROUNDS = 10


def permute(key: bytes, tweak: bytes, number: int, size: int) -> int:
    """The image of `number` among the numbers below `size`, which is 2 or more."""
    half = max((size - 1).bit_length() + 1 >> 1, 1)
    before = number
    while True:
        before = _feistel(key, tweak, before, half, backwards=True)
        if before < size:
            break
    after = (before + 1) % size
    while True:
        after = _feistel(key, tweak, after, half, backwards=False)
        if after < size:
            return after


def keyed_number(key: bytes, tweak: bytes, octets: bytes, size: int) -> int:
    """A number below `size` that only the key's owner can find for these octets."""
    digest = hmac.digest(key, tweak + b"\0" + octets, "sha256")
    width = size.bit_length() // 8 + 9  # the bias is below 2**-64
    return int.from_bytes(shake_256(digest).digest(width), "big") % size


def _feistel(key: bytes, tweak: bytes, number: int, half: int, *, backwards: bool) -> int:
    mask = (1 << half) - 1
    left, right = number >> half, number & mask
    for turn in range(_ROUNDS - 1, -1, -1) if backwards else range(_ROUNDS):
        if backwards:
            left, right = right ^ _round(key, tweak, turn, left) & mask, left
        else:
            left, right = right, left ^ _round(key, tweak, turn, right) & mask
    return left << half | right


def _round(key: bytes, tweak: bytes, turn: int, number: int) -> int:
    """A number of 256 bits; halves have no more than 32."""
    message = b"%b\0%d\0%d" % (tweak, turn, number)
    return int.from_bytes(hmac.digest(key, message, "sha256"), "big")
