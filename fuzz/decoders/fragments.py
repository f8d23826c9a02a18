"""`wire/fragments.FragmentTable`: IP fragments to datagrams.

The octets are a script: each fragment takes five (key, offset, length and flags,
time). Invariant: nothing is raised; what the table says that it holds is what it
holds, within its bounds; no datagram is longer than 65 535 octets; a datagram
that is complete holds, octet for octet, what came first; what is incomplete
holds it up to its first hole. A rearranged script loses no datagram.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fuzz.harness import hold
from ringfence.wire import fragments
from ringfence.wire.fragments import Datagram, DatagramKey, FragmentTable

TOKENS = (
    b"\x00\x00\x08\x80\x00",
    b"\x00\x01\x08\x00\x00",
    b"\x00\x00\x08\x00\x00",
    b"\xff\xff\xff\xff\xff",
)

# Bounds small enough for scripts of some hundred octets to reach them.
BOUNDS = {
    fragments: {
        "MAX_DATAGRAMS": 8,
        "MAX_PIECES": 12,
        "MAX_OCTETS": 4096,
    }
}


# Which octet came first, by its offset.
First = dict[int, int]


@dataclass(slots=True)
class Fragment:
    """One line of the script."""

    key: DatagramKey
    offset: int
    more: bool
    payload: bytes
    time_ns: int


def quick(octets: bytes) -> object:
    """Play the script within bounds."""
    table = FragmentTable()
    seen: list[Datagram] = []
    for one in _script(octets):
        seen += table.add(one.key, one.offset, one.more, one.payload, one.time_ns)
        _check_bounds(table)
    seen += table.finish()
    hold(table.unfinished == 0 and table.octets == 0, "something is left after the end")
    return seen


def check(octets: bytes) -> object:
    """Play the script; compare with a map of which octet came first."""
    table = FragmentTable()
    kept: dict[DatagramKey, First] = {}
    seen: list[Datagram] = []
    for fragment in _script(octets):
        before, brought = kept.get(fragment.key, {}), _brought(fragment)
        if not _is_alone(fragment):
            kept[fragment.key] = {**brought, **before}
        out = table.add(
            fragment.key, fragment.offset, fragment.more, fragment.payload, fragment.time_ns
        )
        _check_bounds(table)
        for datagram in out:
            own = (before, brought) if datagram.key == fragment.key else ()
            _check_datagram(datagram, (kept.get(datagram.key, {}), *own))
        growing = table._growing  # noqa: SLF001  what it forgot is forgotten here, too
        kept = {key: first for key, first in kept.items() if key in growing}
        if not _is_alone(fragment) and fragment.key in kept and growing[fragment.key].count == 1:
            kept[fragment.key] = brought
        seen += out
    rest = table.finish()
    for datagram in rest:
        _check_datagram(datagram, (kept.get(datagram.key, {}),))
    hold(table.unfinished == 0 and table.octets == 0, "something is left after the end")
    return (seen, rest, table.expired, table.evicted, table.too_large, table.too_many_pieces)


def _brought(fragment: Fragment) -> First:
    payload = _whole_eights(fragment)
    return dict(enumerate(payload, fragment.offset))


def _is_alone(fragment: Fragment) -> bool:
    return fragment.offset == 0 and not fragment.more


def _whole_eights(fragment: Fragment) -> bytes:
    payload = fragment.payload
    return payload[: len(payload) & ~7] if fragment.more else payload


def _check_bounds(table: FragmentTable) -> None:
    growing = table._growing.values()  # noqa: SLF001  the account is checked against the purse
    hold(table.octets == sum(one.octets for one in growing), "the account is not straight")
    hold(table.octets <= fragments.MAX_OCTETS, "more octets than may be held")
    hold(table.unfinished <= fragments.MAX_DATAGRAMS, "more datagrams than may be held")
    hold(all(len(one.starts) <= fragments.MAX_PIECES for one in growing), "too many pieces")


def _check_datagram(datagram: Datagram, firsts: tuple[First, ...]) -> None:
    """Its octets are those that came first, for one of the datagrams that it may be."""
    hold(len(datagram.payload) <= fragments.MAX_DATAGRAM, "longer than IP allows")
    octets = dict(enumerate(datagram.payload))
    hold(any(octets.items() <= first.items() for first in firsts), "not what came first")


def _script(octets: bytes) -> Iterator[Fragment]:
    time_ns = 0
    for at in range(0, len(octets) - 4, 5):
        key, high, low, size, wait = octets[at : at + 5]
        time_ns += wait * 300_000_000 if wait & 0x80 else wait
        length = (size & 0x7F) * (8 if size & 0x40 else 1)
        offset = 0xFFF8 if high == 0xFF else (high & 7) * 256 + (low & 0xF8)
        payload = bytes((n * 7 + high + wait) & 0xFF for n in range(length))
        ends = (bytes((key >> 4,)) * 4, b"\xc0\0\2\1", key & 0x0F, 17)
        yield Fragment(ends, offset, bool(size & 0x80), payload, time_ns)


def seeds() -> list[bytes]:
    """In order, reversed, overlapping, the end twice, many keys, a flood of pieces."""
    first, second, last = b"\0\0\0\x88\0", b"\0\0\x08\x88\0", b"\0\0\x10\x05\0"
    return [
        first + second + last,
        last + second + first,
        first + b"\0\0\0\x90\1" + last + second,
        first + last + b"\0\0\x18\x05\0" + second,
        b"".join(bytes((n, 0, 0, 0x88, 0)) for n in range(20)),
        b"".join(bytes((0, n // 16, n * 16 & 0xFF, 0x88, 0)) for n in range(30)),
        first + b"\1\0\0\x88\xff" + second + last,
        b"\0\xff\xff\xff\0" + last,
        b"\0\0\0\x20\0",
    ]
