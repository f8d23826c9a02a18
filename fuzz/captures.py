"""Whole captures through kernels and through the decoder, as the harnesses of both formats need.

How it works: `walk` calls the kernel alone, with a batch that is used again;
`decode` makes a decoder with a small buffer and feeds it pieces. Both check what
must hold after each call.
"""

from __future__ import annotations

import array
from collections.abc import Callable, Iterable

from fuzz.harness import hold, pieces
from fuzz.rows import Desk
from ringfence.wire import _columns as columns
from ringfence.wire import capture, decoder
from ringfence.wire._pcap import MAX_CAPTURED, walk_pcap, walk_pcapng
from ringfence.wire.anomaly import Anomaly
from ringfence.wire.errors import WireError
from ringfence.wire.records import PacketKeeper, packets_of
from ringfence.wire.table import MessageTable

# The decoder's own buffer is larger than any input here: smaller ones are made
# faster, and their ends are reached. A record of the greatest size still fits.
BOUNDS = {
    decoder: {
        "BLOCK_OCTETS": MAX_CAPTURED + 131_072,
        "ARENA_OCTETS": 131_072,
    }
}
_ROWS = 3
_HELP = (columns.STOP_TCP, columns.STOP_FRAGMENT, columns.STOP_HEP)
_WALKER_STOPS = {*_HELP, columns.STOP_FULL, columns.STOP_NEED_MORE, columns.STOP_DAMAGED}

Walker = Callable[..., int]
# Values of one capture: messages, counters, damages; or the text of its WireError.
Outcome = tuple[object, ...]

_DESK = Desk(_ROWS)
_COUNTS = array.array("Q", bytes(8 * columns.REASONS))
_DESK.batch.counts = _COUNTS


def walk(octets: bytes, *, pcapng: bool) -> tuple[object, ...]:
    """Rows of a capture by the kernel alone; what needs help is passed over."""
    batch = _DESK.batch
    start, end = _DESK.lay(octets)
    batch.start_packet()
    batch.packets = batch.first_time = batch.last_time = batch.interface_count = 0
    batch.want_acknowledgements = 1
    try:
        found = capture.recognise(octets[: capture.HEAD_OCTETS])
        if found.name == capture.PCAP:
            capture.read_pcap_header(batch, octets[:24])
    except WireError as error:
        return (str(error),)
    hold((found.name == capture.PCAPNG) == (octets[:4] == b"\x0a\x0d\x0d\x0a"), "taken for another")
    if (found.name == capture.PCAPNG) != pcapng:
        return ("another format",)
    return _walk_on(start + found.header_octets, start, end, pcapng=pcapng)


def _walk_on(at: int, start: int, end: int, *, pcapng: bool) -> tuple[object, ...]:
    batch, seen = _DESK.batch, []
    while True:
        before = at
        at = walk_pcapng(batch, at, end) if pcapng else walk_pcap(batch, at, end)
        stop = batch.stop
        hold(before <= at <= max(before, end), "the walker left its range")
        hold(0 <= batch.n <= batch.capacity, "more rows than there is room for")
        for row in range(batch.n):
            _DESK.check_row(row, start, end)
            seen.append(_DESK.row(row))
        hold(stop != columns.STOP_FULL or batch.n, "full without a row")
        batch.n = 0
        if stop == columns.STOP_BLOCK:
            at = _pass_block(at, end)
            if at < 0:
                return (*seen, "damaged block")
        else:
            hold(stop in _WALKER_STOPS, f"stopped for {stop}")
        if stop in _HELP:
            hold(at > before, "help without progress")
            hold(start <= batch.help_start <= batch.help_end <= end, "help outside the packet")
        if stop in (columns.STOP_NEED_MORE, columns.STOP_DAMAGED):
            return (*seen, stop, at, batch.packets, batch.first_time, batch.last_time)


def _pass_block(at: int, end: int) -> int:
    """Read a block that is no packet, as the decoder does; where the next one is, -1: nowhere."""
    batch = _DESK.batch
    order = "big" if batch.big_endian else "little"
    head = bytes(_DESK.octets[at : at + 12])
    try:
        if int.from_bytes(head[:4], "little") == capture.SECTION_BLOCK:
            length = capture.read_section(batch, head, at)
        else:
            length = int.from_bytes(head[4:8], "big" if order == "big" else "little")
        if length < 12 or at + length > end:
            return -1
        if int.from_bytes(head[:4], "big" if order == "big" else "little") == 1:
            capture.read_interface(batch, bytes(_DESK.octets[at : at + length]), at)
    except WireError:
        return -1
    return at + length


def decode(runs: Iterable[bytes]) -> Outcome:
    """Everything that a decoder makes of a capture that comes in these runs."""
    one = decoder.Decoder(_ROWS)
    one.keeper = PacketKeeper()
    seen: list[object] = []
    try:
        for run in runs:
            view = memoryview(run)
            while view:
                room = one.room()
                hold(room, "no room for more")
                size = min(len(room), len(view))
                room[:size] = view[:size]
                view = view[size:]
                _read(one, one.decode(size), seen)
        _read(one, one.decode(0, last=True), seen)
    except WireError as error:
        return (str(error),)
    batch = one.batch
    return (
        *seen, batch.packets, batch.first_time, batch.last_time, tuple(batch.counts),
        tuple(one.damages), tuple(one.reassembly.unfinished().items()),
    )  # fmt: skip


def _read(one: decoder.Decoder, tables: Iterable[MessageTable], seen: list[object]) -> None:
    for table in tables:
        hold(0 < len(table) <= _ROWS, "a table without rows, or with too many")
        table.fill_parts()
        rows = list(table.rows())
        for row, found in zip(rows, packets_of(one, table, rows), strict=True):
            hold(table.message(row), "an empty message")
            seen.append((_values(table, row), None if _is_given_up(table, row) else found))


def _is_given_up(table: MessageTable, row: int) -> bool:
    """A datagram that was not waited for any longer: the buffer may hold no packet of it."""
    return bool(table.number(row, "anomalies") & Anomaly.CUT_BY_CAPTURE)


def _values(table: MessageTable, row: int) -> tuple[object, ...]:
    """A row without places in the buffer, which depend on how it came."""
    texts = tuple(table.text(row, name) for name in columns.SPANS)
    numbers = tuple(table.number(row, name) for name in columns.NUMBERS if name != "text")
    wide = tuple(table.number(row, name) for name in columns.WIDE)
    return (table.message(row), texts, numbers, wide)


def check_whole_and_in_pieces(octets: bytes) -> Outcome:
    """One outcome, however the capture came."""
    whole = decode([octets])
    hold(decode(pieces(octets)) == whole, "pieces give another outcome")
    return whole
