"""Seeded changes to octets: what a coverage-guided fuzzer does, without its feedback."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

# Longer than this an input is not made: larger ones test the machine, not the decoder.
MAX_SIZE = 4096
# Numbers at the edges of the fields that lengths and offsets stand in.
_EDGES = tuple(
    number.to_bytes(size, order)
    for size, numbers in {
        1: (0, 1, 0x7F, 0x80, 0xFF),
        2: (0, 1, 0x7FFF, 0x8000, 0xFFFF, 0x00FF),
        4: (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x40000),
    }.items()
    for number in numbers
    for order in ("big", "little")
)

Change = Callable[[random.Random, bytes, Sequence[bytes], Sequence[bytes]], bytes]


def mutations(corpus: Sequence[bytes], tokens: Sequence[bytes], seed: int) -> Iterator[bytes]:
    """Endless changed copies of the corpus; the same for the same seed."""
    rng = random.Random(seed)
    bits, count = rng.getrandbits, len(corpus)
    while True:
        octets = corpus[int(rng.random() * count)]
        for _ in range(1 + (bits(3) & bits(3))):
            octets = _CHANGES[bits(4)](rng, octets, corpus, tokens)
        yield octets[:MAX_SIZE]


def _place(rng: random.Random, octets: bytes) -> int:
    return int(rng.random() * len(octets))


def _flip(rng: random.Random, octets: bytes, _c: Sequence[bytes], _t: Sequence[bytes]) -> bytes:
    if not octets:
        return b"\0"
    at = _place(rng, octets)
    return octets[:at] + bytes((octets[at] ^ 1 << rng.getrandbits(3),)) + octets[at + 1 :]


def _replace(rng: random.Random, octets: bytes, _c: Sequence[bytes], _t: Sequence[bytes]) -> bytes:
    at = _place(rng, octets)
    return octets[:at] + bytes((rng.getrandbits(8),)) + octets[at + 1 :]


def _edge(rng: random.Random, octets: bytes, _c: Sequence[bytes], _t: Sequence[bytes]) -> bytes:
    number = _EDGES[int(rng.random() * len(_EDGES))]
    at = _place(rng, octets)
    return octets[:at] + number + octets[at + len(number) :]


def _add(rng: random.Random, octets: bytes, _c: Sequence[bytes], _t: Sequence[bytes]) -> bytes:
    """A small step up or down: lengths off by a few."""
    if not octets:
        return b"\1"
    at = _place(rng, octets)
    return octets[:at] + bytes((octets[at] + rng.getrandbits(4) - 8 & 0xFF,)) + octets[at + 1 :]


def _insert(
    rng: random.Random, octets: bytes, _c: Sequence[bytes], tokens: Sequence[bytes]
) -> bytes:
    at = _place(rng, octets)
    return octets[:at] + tokens[int(rng.random() * len(tokens))] + octets[at:]


def _overwrite(
    rng: random.Random, octets: bytes, _c: Sequence[bytes], tokens: Sequence[bytes]
) -> bytes:
    at = _place(rng, octets)
    token = tokens[int(rng.random() * len(tokens))]
    return octets[:at] + token + octets[at + len(token) :]


def _remove(rng: random.Random, octets: bytes, _c: Sequence[bytes], _t: Sequence[bytes]) -> bytes:
    at = _place(rng, octets)
    return octets[:at] + octets[at + 1 + rng.getrandbits(4) :]


def _cut(rng: random.Random, octets: bytes, _c: Sequence[bytes], _t: Sequence[bytes]) -> bytes:
    return octets[: _place(rng, octets)]


def _repeat(rng: random.Random, octets: bytes, _c: Sequence[bytes], _t: Sequence[bytes]) -> bytes:
    start = _place(rng, octets)
    part = octets[start : start + 1 + rng.getrandbits(6)]
    return octets[:start] + part * (2 + rng.getrandbits(2)) + octets[start + len(part) :]


def _move(rng: random.Random, octets: bytes, _c: Sequence[bytes], _t: Sequence[bytes]) -> bytes:
    start, to = _place(rng, octets), _place(rng, octets)
    part = octets[start : start + 1 + rng.getrandbits(5)]
    return octets[:to] + part + octets[to:]


def _splice(
    rng: random.Random, octets: bytes, corpus: Sequence[bytes], _t: Sequence[bytes]
) -> bytes:
    other = corpus[int(rng.random() * len(corpus))]
    return octets[: _place(rng, octets)] + other[_place(rng, other) :]


# Sixteen, chosen by four bits: the likelier ones twice.
_CHANGES: tuple[Change, ...] = (
    _flip, _flip, _replace, _replace, _edge, _edge, _add, _insert,
    _insert, _overwrite, _remove, _remove, _cut, _repeat, _move, _splice,
)  # fmt: skip
