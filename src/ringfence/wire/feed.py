"""Messages that come without a capture file: octets in, tables of messages out.

How it works: whoever has octets writes them into `room()` and says how many they are
and what stands around them, or gives them to `put` or `put_hep`, which do that for
him. The kernels read them where they lie, so nothing is copied but into the buffer.
A feed that is full takes nothing more until its tables were asked for; rows live
until it is fed again. `origin` stands in the column `interface` of each row.
Rules: of a HEP packet the addresses are those that its agent names; a packet that
names none is no message, and a clock that is far off ours is not believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

from ringfence.wire import _columns as columns
from ringfence.wire._batch import Batch
from ringfence.wire._packet import datagram, hep, message_piece
from ringfence.wire.errors import WireError
from ringfence.wire.gathering import ROWS
from ringfence.wire.hep import MAGIC, inflate_payload
from ringfence.wire.table import MessageTable

# The longest datagram, and the longest that a packed payload may become.
MAX_OCTETS = 65_536
# Room for a thousand messages as they mostly are, and for several of the longest.
FEED_OCTETS = 1024 * 1024
# An agent's clock is believed within this of ours (60 s): agents keep messages back while
# a collector is away, and a clock that is wrong by more would mix up what follows what.
MAX_SKEW_NS = 60 * 10**9

# What `origin` may say of a row.
FROM_PACKETS, FROM_HEP, FROM_LOGS = 0, 1, 2

_TRANSPORTS = {name: number for number, name in enumerate(columns.TRANSPORTS) if name}
_LOW_WORD = 0xFFFF_FFFF_FFFF_FFFF
_MAPPED = 0xFFFF << 32
_HEP_HEAD = 6  # magic and length
_UDP_HEAD = 8


class Feed:
    """A buffer of messages from elsewhere. Not thread-safe; `batch` counts what was no message."""

    def __init__(self, origin: int = FROM_PACKETS, rows: int = ROWS) -> None:
        self.buffer = bytearray(FEED_OCTETS)
        self.batch = Batch(self.buffer, rows)
        self.origin = origin
        self.unnamed = 0  # HEP packets that name no addresses
        self.clocks_off = 0  # HEP packets whose time was not believed
        self.skew_ns = 0  # of the last HEP packet that bore a time: how far behind us it was
        self._at = _UDP_HEAD
        self._given = False  # the rows were handed out, and may go

    @property
    def is_full(self) -> bool:
        """Whether the tables must be asked for before more is taken."""
        # Behind a packed payload stands what it becomes.
        return not self._given and (
            self.batch.n == self.batch.capacity
            or self._at + 2 * MAX_OCTETS + _UDP_HEAD > len(self.buffer)
        )

    def has_room_for(self, messages: int, octets: int) -> bool:
        """Whether so many messages of so many octets altogether find room, none of them packed."""
        if self._given:
            return messages <= self.batch.capacity and octets + 3 * MAX_OCTETS <= FEED_OCTETS
        rows = self.batch.capacity - self.batch.n
        return messages <= rows and self._at + octets + 3 * MAX_OCTETS <= len(self.buffer)

    def room(self) -> memoryview:
        """Where the octets of the next message go; empty when the feed is full."""
        if self.is_full:
            return memoryview(b"")
        if self._given:
            self._given = False
            self.batch.n = 0
            self._at = _UDP_HEAD
        return memoryview(self.buffer)[self._at : self._at + MAX_OCTETS]

    def put(
        self,
        octets: bytes | bytearray | memoryview,
        source: IPv4Address | IPv6Address,
        source_port: int,
        destination: IPv4Address | IPv6Address,
        destination_port: int,
        transport: str,
        time_ns: int,
    ) -> bool:
        """One SIP message with what stands around it. False: full, nothing was taken."""
        room = self.room()
        if not room:
            return False
        size = min(len(octets), len(room))
        room[:size] = octets[:size]
        batch = self._packet(time_ns)
        batch.source_high, batch.source_low = words_of(source)
        batch.destination_high, batch.destination_low = words_of(destination)
        batch.source_port, batch.destination_port = source_port, destination_port
        batch.ip_version = source.version
        batch.transport = _TRANSPORTS.get(transport, columns.T_UDP)
        batch.cut = int(size < len(octets))
        self._read_message(size)
        return True

    def put_hep(self, octets: bytes | bytearray | memoryview, time_ns: int) -> bool:
        """One HEP packet of any version. False: full, nothing was taken."""
        room = self.room()
        if not room:
            return False
        size = min(len(octets), len(room))
        room[:size] = octets[:size]
        self.hep_received(size, time_ns)
        return True

    def hep_received(self, size: int, time_ns: int) -> None:
        """The first `size` octets of `room()` are a HEP packet that came at this time."""
        batch = self._packet(time_ns)
        rows, start = batch.n, self._at
        if self.buffer[start : start + 4] == MAGIC:
            stop = hep(batch, start, start + size)
        elif size >= _HEP_HEAD and self.buffer[start] in (1, 2):
            stop = self._fixed(size)
        else:
            batch.counts[columns.R_HEP_DAMAGED] += 1
            return
        self._at += size
        if stop == columns.STOP_HEP:
            self._unpack(batch.help_start, batch.help_end)
        if batch.n > rows:
            self._check_row(rows, time_ns)

    def tables(self) -> Iterator[MessageTable]:
        """The messages since it was asked last, in the order they came; none when there are none.

        A table is valid until `room` is asked for, or more is put in.
        """
        if self._given:
            return
        self._given = True
        if self.batch.n:
            yield MessageTable(self.batch, self.buffer)

    def _packet(self, time_ns: int) -> Batch:
        batch = self.batch
        batch.start_packet()
        batch.packets += 1
        batch.position = batch.base + self._at
        batch.interface = self.origin
        batch.time = time_ns
        if not batch.first_time:
            batch.first_time = time_ns
        batch.last_time = time_ns
        return batch

    def _read_message(self, size: int) -> None:
        start = self._at
        self._at += size
        if not message_piece(self.batch, start, self._at):
            self.batch.counts[columns.R_UDP_OTHER] += 1

    def _fixed(self, size: int) -> int:
        """HEP 1 and 2 are known by the kernel in a datagram only: it gets a header in front."""
        start = self._at - _UDP_HEAD
        before = bytes(self.buffer[start : self._at])
        self.buffer[start : self._at] = bytes(4) + (size + _UDP_HEAD).to_bytes(2, "big") + bytes(2)
        stop = datagram(self.batch, 17, start, self._at + size)
        self.buffer[start : self._at] = before
        return stop

    def _unpack(self, start: int, end: int) -> None:
        """A packed payload is read behind its packet."""
        try:
            payload = inflate_payload(bytes(self.buffer[start:end]))
        except WireError:
            self.batch.counts[columns.R_HEP_DAMAGED] += 1
            return
        self.buffer[self._at : self._at + len(payload)] = payload
        self._read_message(len(payload))

    def _check_row(self, row: int, time_ns: int) -> None:
        """Take a row back that nobody sent or got; put a clock right that is far off."""
        batch = self.batch
        o = row * columns.WIDE_WIDTH
        wide = batch.wide
        source = wide[o + columns.SOURCE_HIGH] | wide[o + columns.SOURCE_LOW]
        destination = wide[o + columns.DESTINATION_HIGH] | wide[o + columns.DESTINATION_LOW]
        # Asterisk may say 0.0.0.0 of itself, where it listens on every address.
        is_request = batch.slots[row * columns.SLOT_WIDTH + columns.METHOD]
        asker = source if is_request else destination
        if not source or not destination or asker == _MAPPED:
            self.unnamed += 1
            batch.n = row
            return
        said_ns = wide[o + columns.TIME]
        if said_ns == time_ns:
            return
        self.skew_ns = time_ns - said_ns
        if abs(self.skew_ns) > MAX_SKEW_NS:
            self.clocks_off += 1
            wide[o + columns.TIME] = time_ns


def words_of(address: IPv4Address | IPv6Address) -> tuple[int, int]:
    """The two columns of an address; IPv4 as ::ffff:a.b.c.d."""
    number = int(address)
    if address.version == 4:
        return 0, _MAPPED | number
    return number >> 64, number & _LOW_WORD
