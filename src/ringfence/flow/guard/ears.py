"""All that a guard hears, at one place: interfaces, the HEP port, what phone systems say.

How it works: one poll waits for whatever can wake the guard; then each input gives what it
has. Times of HEP and of logs are those of other clocks, so what they tell bears the time at
which it came. Nothing that one input does, or fails to do, keeps the others from being heard.
"""

from __future__ import annotations

import os
import select
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from ringfence.flow.guard.listener import Listener, Source, stamp
from ringfence.model.endpoint import endpoint, plain_address
from ringfence.model.event import Event
from ringfence.model.guard_status import FAILING, OK, SourceStatus
from ringfence.model.guarding import GuardError, Hears, HepWanted, LogWanted, ServiceWanted
from ringfence.model.listening import LISTENING, Listening, ListeningError
from ringfence.sources.ami import Ami
from ringfence.sources.freeswitch_socket import FreeswitchSocket
from ringfence.sources.hep_port import HepPort, HepPortError, HepSettings
from ringfence.sources.hep_recording import MAX_PAYLOAD, RAW_IP, datagram_of
from ringfence.sources.interface import Interface
from ringfence.sources.log_source import LogSource
from ringfence.sources.threecx import ThreecxLog
from ringfence.wire.log_kinds import open_reader
from ringfence.wire.log_time import LogClock
from ringfence.wire.records import PacketHolder, PacketKeeper, Record
from ringfence.wire.table import MessageTable

# An interface that says nothing is looked after within this.
LOOK_S: Final = 0.001


@dataclass(frozen=True, slots=True)
class Piece:
    """Messages that came at once, valid until the next piece."""

    table: MessageTable
    number: int  # of the input
    holder: PacketHolder  # of their packets


class Ears:
    """Opened by `with`. Raises GuardError where something cannot be heard at all."""

    def __init__(self, wanted: Hears, say: Callable[[str], None]) -> None:
        self._wanted = wanted
        self._say = say
        self._stack = ExitStack()
        self._poll = select.poll()
        # Signals and threads that end late wake it after its end: the descriptor must not be
        # closed before, or their eight octets go into whatever file has its number by then.
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        weakref.finalize(self, os.close, self._wake)
        self._interfaces: list[_Tapped] = []
        self._hep: _Agents | None = None
        self._listeners: list[Listener] = []
        self._looked_at = 0.0

    def __enter__(self) -> Self:
        try:
            self._open()
        except (ListeningError, HepPortError, ValueError, OSError) as error:
            self._close()
            raise GuardError(str(error)) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def wake(self) -> None:
        """Have `wait` return; from any thread, and from a signal's handler."""
        os.eventfd_write(self._wake, 1)

    def wait(self, seconds: float) -> None:
        """Until something came, or so long."""
        if self._poll.poll(seconds * 1000):
            with suppress(BlockingIOError):
                os.eventfd_read(self._wake)

    def pieces(self) -> Iterator[Piece]:
        """Messages of all interfaces and agents that are there now."""
        looks = time.monotonic() - self._looked_at >= 1.0
        if looks:
            self._looked_at = time.monotonic()
        for tapped in self._interfaces:
            yield from tapped.pieces(LOOK_S if looks else 0.0)
            tapped.follow(self._poll)
        if self._hep is not None:
            yield from self._hep.pieces(len(self._interfaces))

    def finish(self) -> Iterator[Piece]:
        """Messages that were not whole yet; the last."""
        for tapped in self._interfaces:
            yield from tapped.finish()

    def events(self) -> list[Event]:
        """What phone systems told since it was asked last."""
        return [event for listener in self._listeners for event in listener.take()]

    def status(self) -> tuple[SourceStatus, ...]:
        """How each input is heard."""
        now_s = time.time()
        found = [tapped.status() for tapped in self._interfaces]
        if self._hep is not None:
            found.append(self._hep.status())
        return (*found, *(listener.status(now_s) for listener in self._listeners))

    @property
    def outages(self) -> int:
        """How often an interface went away or down."""
        return sum(tapped.live.heard().outages for tapped in self._interfaces)

    @property
    def are_up(self) -> bool:
        """Whether all interfaces are there and up."""
        return all(tapped.live.state == LISTENING for tapped in self._interfaces)

    # ------------------------------------------------------------ opening

    def _open(self) -> None:
        self._poll.register(self._wake, select.POLLIN)
        for number, name in enumerate(self._wanted.interfaces):
            tapped = _Tapped(name, self._wanted.ports, number, self._say)
            self._stack.enter_context(tapped.live)
            tapped.follow(self._poll)
            self._interfaces.append(tapped)
        if self._wanted.hep is not None:
            self._hep = _Agents(self._wanted.hep)
            self._stack.enter_context(self._hep.port)
            self._poll.register(self._hep.port, select.POLLIN)
        told: list[LogWanted | ServiceWanted] = [*self._wanted.logs, *self._wanted.services]
        for wanted in told:
            name, source = _source_of(wanted)
            listener = Listener(name, source, self.wake)
            self._stack.callback(listener.close)
            self._listeners.append(listener)

    def _close(self) -> None:
        self._stack.close()


class _Tapped:
    """One interface."""

    def __init__(
        self, name: str, ports: tuple[int, ...], number: int, say: Callable[[str], None]
    ) -> None:
        self.name, self._number = name, number
        self.live = Interface(Listening(name, ports), say)
        self.live.decoder.keeper = PacketKeeper()
        self._messages = 0
        self._last_ns = 0
        self._descriptor = -1

    def pieces(self, wait_s: float) -> Iterator[Piece]:
        for table in self.live.tables(wait_s):
            yield self._piece(table)

    def finish(self) -> Iterator[Piece]:
        for table in self.live.finish():
            yield self._piece(table)

    def follow(self, poll: select.poll) -> None:
        """After an outage it has another descriptor."""
        descriptor = self.live.fileno()
        if descriptor != self._descriptor:
            if self._descriptor >= 0:
                with suppress(KeyError):
                    poll.unregister(self._descriptor)
            poll.register(descriptor, select.POLLIN | select.POLLERR)
            self._descriptor = descriptor

    def status(self) -> SourceStatus:
        heard = self.live.heard()
        says = "" if heard.state == LISTENING else f"it is {heard.state}: nothing is seen there"
        if heard.lost:
            says = f"{says}; {heard.lost:,} packets lost: the machine was too busy".strip("; ")
        state = OK if heard.state == LISTENING else FAILING
        return SourceStatus(
            f"interface {self.name}", state, heard.packets, self._messages, heard.lost,
            stamp(self._last_ns / 1e9), says,
        )  # fmt: skip

    def _piece(self, table: MessageTable) -> Piece:
        self._messages += len(table)
        self._last_ns = self.live.decoder.batch.last_time
        return Piece(table, self._number, self.live.decoder)


class _Agents:
    """The HEP port, and the packets that came by it as they would stand in a capture."""

    keeper: PacketKeeper | None = None

    def __init__(self, wanted: HepWanted) -> None:
        self._where = (wanted.address, wanted.port)
        self.port = HepPort(HepSettings((self._where,), wanted.key.encode(), wanted.senders))
        self.port.tap = self._tapped
        self._key = wanted.key.encode()
        self._packets: dict[int, Record] = {}
        self._last_ns = 0

    def pieces(self, number: int) -> Iterator[Piece]:
        for table in self.port.poll(0.0):
            self._last_ns = time.time_ns()
            # The clock is that of the agent: what follows what is known by when it came.
            table.wide["time"][:] = self._last_ns
            yield Piece(table, number, self)
            self._packets.clear()

    def record_at(self, position: int, packet: int, time_ns: int) -> Record | None:  # noqa: ARG002  found by its number
        """The datagram of this packet."""
        return self._packets.get(packet)

    def status(self) -> SourceStatus:
        figures = self.port.figures
        refused = ", ".join(f"{n:,} {why}" for why, n in figures.refused.items() if n)
        lost = f"{figures.lost:,} lost: the machine was too busy" if figures.lost else ""
        off = (
            f"the last agent's clock is {figures.skew_ns / 1e9:.0f} s off"
            if (figures.clocks_off)
            else ""
        )
        says = "; ".join(filter(None, [lost, off, f"not taken: {refused}" if refused else ""]))
        return SourceStatus(
            f"HEP {endpoint(*self._where)}", OK, figures.packets, figures.messages, figures.lost,
            stamp(self._last_ns / 1e9), says,
        )  # fmt: skip

    def _tapped(self, packet: memoryview, sender: tuple[str, int], time_ns: int) -> None:
        octets = bytes(packet)
        if self._key:
            octets = octets.replace(self._key, b"*" * len(self._key))
        source = plain_address(sender[0].partition("%")[0])
        target = plain_address(self._where[0])
        if source is None or target is None:
            return
        framed = datagram_of(octets[:MAX_PAYLOAD], source, target, sender[1], self._where[1])
        # The number that its row will have: the feed counts it right after.
        number = self.port.feed.batch.packets + 1
        original = len(framed) + max(0, len(octets) - MAX_PAYLOAD)
        self._packets[number] = Record(number, time_ns, RAW_IP, framed, original)


def _source_of(wanted: LogWanted | ServiceWanted) -> tuple[str, Source]:
    """The source, and the name it goes by. Raises ValueError, OSError."""
    if isinstance(wanted, LogWanted):
        reader = open_reader(wanted.kind, LogClock(time.time_ns()), wanted.mark)
        return f"{wanted.kind} {wanted.path}", LogSource(wanted.path, reader)
    if wanted.kind == "ami":
        name = f"AMI {endpoint(wanted.host, wanted.port)}"
        return name, Ami(wanted.host, wanted.user, wanted.secret, wanted.port)
    if wanted.kind == "freeswitch":
        name = f"event socket {endpoint(wanted.host, wanted.port)}"
        return name, FreeswitchSocket(wanted.host, wanted.secret, wanted.port)
    return f"3CX {wanted.host}", ThreecxLog(wanted.host, wanted.user, wanted.secret)
