"""`wire/resync`: the next plausible record after damage.

The first octet chooses format and byte order, the second a clock. Invariant: the
answer is an offset inside the range; what stands there has lengths that make
sense; octets outside the range change nothing; a search that goes on as octets
come finds the same place.
"""

from __future__ import annotations

from collections.abc import Callable

from fuzz import packets
from fuzz.harness import hold
from fuzz.rows import GUARDS, Desk
from ringfence.wire._pcap import MAX_CAPTURED
from ringfence.wire.resync import next_block, next_record

TOKENS = (
    b"\x06\0\0\0", b"\x03\0\0\0", b"\x0a\x0d\x0d\x0a", b"\x20\0\0\0", b"\0\0\0\x20", b"\x10\0\0\0",
    b"\x0e\0\0\0\x0e\0\0\0", b"\0\0\x04\0", b"\0\0\0\0",
)  # fmt: skip

Search = Callable[..., tuple[int, bool]]

_DESK = Desk()


def quick(octets: bytes) -> object:
    """Both searches, once."""
    return _search(octets, GUARDS[0])


def check(octets: bytes) -> object:
    """The same with another guard, and piece by piece."""
    seen = _search(octets, GUARDS[0])
    hold(_search(octets, GUARDS[1]) == seen, "it reads what is not its own")
    return seen


def _search(octets: bytes, guard: bytes) -> object:
    batch = _DESK.batch
    choice, clock = (octets + b"\0\0")[:2]
    start, end = _DESK.lay(octets[2:], guard)
    batch.big_endian = choice & 1
    batch.record_header = 24 if choice & 2 else 16
    batch.fraction_ns = 1 if choice & 4 else 1000
    batch.last_time = 1_700_000_000 * packets.SECOND_NS * (clock & 1)
    find = next_block if choice & 8 else next_record
    at, found = find(batch, _DESK.octets, start, end)
    if guard is not GUARDS[0]:
        _check_piece_by_piece(find, start, end, (at, found))
    if not found:
        hold(at == end, "gave up before the end")
        return None
    hold(start <= at < end, "outside the range")
    size = bytes(_DESK.octets[at + 4 : at + 8] if choice & 8 else _DESK.octets[at + 8 : at + 12])
    least = min(int.from_bytes(size, "big"), int.from_bytes(size, "little"))
    hold(least <= MAX_CAPTURED, "a record larger than any")
    return at - start


def _check_piece_by_piece(find: Search, start: int, end: int, whole: tuple[int, bool]) -> None:
    """Octet by octet, going on where the search stopped."""
    at = start
    for reached in range(start, min(end, start + 300)):
        before = at
        at, found = find(_DESK.batch, _DESK.octets, at, reached, final=False)
        hold(before <= at <= reached, "searched backwards")
        if found:
            hold((at, found) == whole, "pieces give another place")
            return
    hold(find(_DESK.batch, _DESK.octets, at, end) == whole, "pieces give another place")


def seeds() -> list[bytes]:
    """Records and blocks behind junk, in each order."""
    frames = [packets.ethernet(packets.ipv4(packets.udp(bytes(8 + n)))) for n in range(5)]
    pcap, reverse = packets.pcap(frames)[24:], packets.pcap(frames, order=">")[24:]
    blocks = b"".join(packets.enhanced(frame, n) for n, frame in enumerate(frames))
    swapped = b"".join(packets.enhanced(frame, n, ">") for n, frame in enumerate(frames))
    junk = b"\0\1\2\3junk" * 3
    return [
        b"\0\1" + junk + pcap, b"\1\0" + junk + reverse, b"\4\0" + junk + pcap[:200],
        b"\x08\0" + junk + blocks, b"\x09\0" + junk + swapped, b"\2\0" + junk + pcap,
        b"\x08\0" + junk + packets.section() + blocks[:40],
    ]  # fmt: skip
