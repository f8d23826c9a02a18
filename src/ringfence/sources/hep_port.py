"""The HEP port: what capture agents send (Kamailio, Asterisk, FreeSWITCH, heplify), as tables.

How it works: sockets for UDP and TCP, one selector, one feed. `poll` waits until
something comes, reads what is there (a datagram straight into the feed's buffer) and
yields it as tables, so a message waits for nothing but the reading of those before.
`fileno` lets another selector wait for the port.
Rules: who may send to this port can make up attacks of anybody. So it listens on
loopback unless told otherwise, and elsewhere only with a key or a list of senders.
Everything that is refused or lost is counted, by reason.
"""

from __future__ import annotations

import hmac
import selectors
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from types import TracebackType
from typing import Self

from ringfence.model.endpoint import endpoint, plain_address
from ringfence.wire import _columns as columns
from ringfence.wire.errors import WireError
from ringfence.wire.feed import FROM_HEP, Feed
from ringfence.wire.hep_frames import HepFrames, key_of
from ringfence.wire.table import MessageTable

HEP_PORT = 9060
# What the kernel may hold while we look at something else: a second of 10 000 messages
# of 800 octets. Without CAP_NET_ADMIN it gives net.core.rmem_max at most.
BURST_OCTETS = 8 * 1024 * 1024
# Datagrams, and reads of a connection, between two looks at the others.
MAX_DATAGRAMS = 4096
MAX_READS = 16
# Agents that may be connected at a time, each with a buffer of 128 KiB. One more takes
# the place of the one that has been silent for longest.
MAX_CONNECTIONS = 64
# An agent may be silent for hours, when nobody calls: then it is gone, and comes again.
IDLE_S = 7200.0
# A packet that has begun is whole within this, or its sender holds on to a connection.
BEGUN_S = 30.0
# Senders whose right is remembered; they are strangers' addresses, so all go at once.
MAX_SENDERS = 4096

_MEMINFO, _DROPS = 55, 8  # SO_MEMINFO (linux/sock_diag.h): nine numbers, the last is of drops
_MEMINFO_OCTETS = 36
_FORCE_RECEIVE_BUFFER = 33  # SO_RCVBUFFORCE
_LOOPBACK = "127.0.0.1"
_CHOICES = 16

WRONG_KEY = "wrong authentication key"
NO_KEY = "no authentication key"
NOT_ALLOWED = "sender not allowed"
DAMAGED = "connection made no sense"
SLOW = "packet not finished in time"
SILENT = "silent for too long"
TOO_MANY = "too many connections"
UNNAMED = "no addresses named"
NO_MESSAGE = "no SIP in it"
NO_HEP = "damaged, or no HEP"


class HepPortError(Exception):
    """The port cannot be opened: one line that says why and what to do."""


@dataclass(frozen=True, slots=True)
class HepSettings:
    """Where to listen, and who may send."""

    addresses: tuple[tuple[str, int], ...] = ((_LOOPBACK, HEP_PORT),)
    key: bytes = field(default=b"", repr=False)  # b"": none is asked for
    senders: tuple[IPv4Network | IPv6Network, ...] = ()  # empty: everybody that reaches us
    udp: bool = True
    tcp: bool = True
    burst_octets: int = BURST_OCTETS
    idle_s: float = IDLE_S
    begun_s: float = BEGUN_S


@dataclass(frozen=True, slots=True)
class HepFigures:
    """What came since the port was opened."""

    packets: int  # HEP packets that were taken
    messages: int  # SIP messages in them
    refused: dict[str, int]  # and what was not taken, or ended, by reason
    lost: int  # datagrams for which the kernel had no room
    skipped: int  # octets passed over in connections
    connections: int  # open now
    clocks_off: int  # packets whose agent's clock was not believed
    skew_ns: int  # of the last agent: how far its clock was behind ours


# A packet that was taken, who sent it (address, port), and when it came (ns).
Tap = Callable[[memoryview, tuple[str, int], int], None]


class HepPort:
    """An open port. `with HepPort(settings) as port: for table in port.poll(0.05): …`."""

    def __init__(self, settings: HepSettings = HepSettings()) -> None:
        _check(settings)
        self.tap: Tap | None = None  # is given every packet that is taken, as it came
        self.feed = Feed(FROM_HEP)
        self.listening: list[tuple[str, str, int]] = []  # ("udp" or "tcp", address, port)
        self._settings = settings
        self._selector = selectors.DefaultSelector()
        self._datagrams: list[socket.socket] = []
        self._connections: dict[socket.socket, _Connection] = {}
        self._refused: Counter[str] = Counter()
        self._may: dict[str, bool] = {}
        self._messages = 0
        self._skipped = 0
        self._looked_at = time.monotonic()

    def __enter__(self) -> Self:
        try:
            for address, port in self._settings.addresses:
                self._open(address, port or _free_port(address))
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every socket."""
        for key in list((self._selector.get_map() or {}).values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()
        self._connections.clear()
        self._datagrams.clear()

    def fileno(self) -> int:
        """A descriptor that is readable when `poll` has something to do."""
        return self._selector.fileno()

    def poll(self, wait_s: float) -> Iterator[MessageTable]:
        """Wait so long at most; then the messages of all that has come, in tables.

        Each table is valid until the next is asked for.
        """
        for key, _ in self._selector.select(wait_s):
            if isinstance(key.data, _Connection):
                yield from self._read(key.data)
            elif key.data == "udp":
                yield from self._receive(key.fileobj)  # type: ignore[arg-type]
            else:
                self._accept(key.fileobj)  # type: ignore[arg-type]
        yield from self._tables()
        now = time.monotonic()
        if now - self._looked_at >= 1.0:
            self._looked_at = now
            self._end_idle(now)

    @property
    def figures(self) -> HepFigures:
        """What came so far."""
        counts = self.feed.batch.counts
        refused = self._refused + Counter(
            {
                UNNAMED: self.feed.unnamed,
                NO_HEP: counts[columns.R_HEP_DAMAGED],
                NO_MESSAGE: counts[columns.R_UDP_OTHER] + counts[columns.R_MEDIA],
            }
        )
        return HepFigures(
            self.feed.batch.packets,
            self._messages,
            dict(refused),
            sum(_drops(opened) for opened in self._datagrams),
            self._skipped + sum(c.frames.skipped for c in self._connections.values()),
            len(self._connections),
            self.feed.clocks_off,
            self.feed.skew_ns,
        )

    def _open(self, address: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        kinds = [("udp", socket.SOCK_DGRAM)] if self._settings.udp else []
        kinds += [("tcp", socket.SOCK_STREAM)] if self._settings.tcp else []
        for name, kind in kinds:
            opened = socket.socket(family, kind | socket.SOCK_NONBLOCK)
            try:
                if name == "tcp":
                    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                else:
                    _widen(opened, self._settings.burst_octets)
                opened.bind((address, port))
                if name == "tcp":
                    opened.listen(MAX_CONNECTIONS)
                port = opened.getsockname()[1]  # 0: any, and the same for both
                self._selector.register(opened, selectors.EVENT_READ, name)
            except OSError as error:
                opened.close()
                where = endpoint(address, port)
                raise HepPortError(
                    f"HEP cannot be heard on {name} {where}: {error.strerror}"
                ) from error
            if name == "udp":
                self._datagrams.append(opened)
            self.listening.append((name, address, port))

    # -- datagrams ---------------------------------------------------------------------------

    def _receive(self, opened: socket.socket) -> Iterator[MessageTable]:
        feed = self.feed
        for _ in range(MAX_DATAGRAMS):
            if feed.is_full:
                yield from self._tables()
            room = feed.room()
            try:
                size, sender = opened.recvfrom_into(room)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self._refused[DAMAGED] += 1
                return
            if self._may_send(sender[0]) and self._has_key(room[:size]):
                now_ns = time.time_ns()
                if self.tap is not None:
                    self.tap(room[:size], sender[:2], now_ns)
                feed.hep_received(size, now_ns)

    def _may_send(self, address: str) -> bool:
        may = self._may.get(address)
        if may is None:
            if len(self._may) >= MAX_SENDERS:
                self._may.clear()
            may = self._may[address] = self._is_listed(address)
        if not may:
            self._refused[NOT_ALLOWED] += 1
        return may

    def _is_listed(self, address: str) -> bool:
        if not self._settings.senders:
            return True
        plain = plain_address(address.partition("%")[0])
        return plain is not None and any(plain in network for network in self._settings.senders)

    def _has_key(self, packet: memoryview) -> bool:
        """Whether the packet bears our key; the time it takes does not tell how much of it."""
        if not self._settings.key:
            return True
        key = key_of(packet)
        if key is None:
            self._refused[NO_KEY] += 1
            return False
        if not hmac.compare_digest(key, self._settings.key):
            self._refused[WRONG_KEY] += 1
            return False
        return True

    def _tables(self) -> Iterator[MessageTable]:
        for table in self.feed.tables():
            self._messages += len(table)
            yield table

    # -- connections -------------------------------------------------------------------------

    def _accept(self, opened: socket.socket) -> None:
        for _ in range(MAX_CONNECTIONS):
            try:
                connected, sender = opened.accept()
            except OSError:  # none is left, or it went away again
                return
            if not self._may_send(sender[0]):
                connected.close()
                continue
            connected.settimeout(0)
            if len(self._connections) >= MAX_CONNECTIONS:
                silent = min(self._connections.values(), key=lambda c: c.whole_at)
                self._end(silent, TOO_MANY)
            now = time.monotonic()
            frames = HepFrames(seeks=bool(self._settings.key))
            connection = self._connections[connected] = _Connection(
                connected, sender[:2], frames, now, now
            )
            self._selector.register(connected, selectors.EVENT_READ, connection)

    def _read(self, connection: _Connection) -> Iterator[MessageTable]:
        for _ in range(MAX_READS):
            if connection.socket.fileno() < 0:
                return  # it gave its place to another one
            try:
                size = connection.socket.recv_into(connection.frames.room())
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                size = 0
            if not size:
                self._end(connection, "")
                return
            try:
                yield from self._packets(connection, size)
            except WireError:
                self._end(connection, DAMAGED)
                return

    def _packets(self, connection: _Connection, size: int) -> Iterator[MessageTable]:
        """Take what has become whole; tables where the feed is full."""
        now = time.monotonic()
        if not connection.frames.held:
            connection.begun_at = now
        for packet in connection.frames.packets(size):
            connection.begun_at = now
            if not self._has_key(packet):
                continue
            connection.whole_at = now
            if self.feed.is_full:
                yield from self._tables()
            now_ns = time.time_ns()
            if self.tap is not None:
                self.tap(packet, connection.sender, now_ns)
            self.feed.put_hep(packet, now_ns)

    def _end_idle(self, now: float) -> None:
        for connection in list(self._connections.values()):
            if connection.frames.held and now - connection.begun_at > self._settings.begun_s:
                self._end(connection, SLOW)
            elif now - connection.whole_at > self._settings.idle_s:
                self._end(connection, SILENT)

    def _end(self, connection: _Connection, why: str) -> None:
        if why:
            self._refused[why] += 1
        self._skipped += connection.frames.skipped
        with suppress(KeyError, ValueError):
            self._selector.unregister(connection.socket)
        self._connections.pop(connection.socket, None)
        connection.socket.close()


@dataclass(eq=False, slots=True)
class _Connection:
    """One agent: since when its packet has begun, and when it last sent a whole one."""

    socket: socket.socket
    sender: tuple[str, int]
    frames: HepFrames
    begun_at: float
    whole_at: float


def _check(settings: HepSettings) -> None:
    if not settings.udp and not settings.tcp:
        raise HepPortError("HEP comes by UDP or TCP: neither is wanted")
    for address, port in settings.addresses:
        plain = plain_address(address)
        if plain is None:
            raise HepPortError(f"{address!r} is no address to listen on")
        if not 0 <= port < 65_536:
            raise HepPortError(f"{port} is no port")
        if not (ip_address(address).is_loopback or settings.key or settings.senders):
            raise HepPortError(
                f"whoever reaches {endpoint(address, port)} could make up attacks: "
                "name the senders, or a key, or listen on loopback"
            )


def _free_port(address: str) -> int:
    """One that nobody has, by UDP and by TCP: the kernel's choice for one of them is no promise."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for _ in range(_CHOICES):
        with (
            socket.socket(family, socket.SOCK_STREAM) as stream,
            socket.socket(family, socket.SOCK_DGRAM) as datagrams,
            suppress(OSError),
        ):
            stream.bind((address, 0))
            port: int = stream.getsockname()[1]
            datagrams.bind((address, port))
            return port
    return 0


def _widen(opened: socket.socket, octets: int) -> None:
    """The largest receive buffer that we may have."""
    try:
        opened.setsockopt(socket.SOL_SOCKET, _FORCE_RECEIVE_BUFFER, octets)
    except OSError:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, octets)


def _drops(opened: socket.socket) -> int:
    """Datagrams that found this socket's buffer full; 0 where the kernel does not say."""
    try:
        said = opened.getsockopt(socket.SOL_SOCKET, _MEMINFO, _MEMINFO_OCTETS)
    except OSError:
        return 0
    return struct.unpack(f"{len(said) // 4}I", said)[_DROPS] if len(said) >= _MEMINFO_OCTETS else 0
