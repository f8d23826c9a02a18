"""Packets of an interface, as the kernel writes them into memory that both see.

How it works: an AF_PACKET socket with a filter and a ring of blocks (TPACKET_V3). The
ring is laid over the front of one piece of memory, whose rest is the decoder's arena.
`blocks` waits until the kernel hands a block over, and gives it back when the caller
has looked at it. An interface that goes down is waited for; one that vanishes, and
comes back, gets a new socket, whose ring takes the place of the old one: the decoder
does not notice. It takes CAP_NET_RAW, and nothing else.
Source: packet(7), Documentation/networking/packet_mmap.rst.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import mmap
import os
import select
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Final, Self

from ringfence.model.listening import (
    DOWN,
    GONE,
    LISTENING,
    Heard,
    Listening,
    ListeningError,
)
from ringfence.model.text import shown
from ringfence.sources.packet_filter import assemble, attach, signalling
from ringfence.wire.live import ARENA_OCTETS, COOKED, ETHERNET, Block, LiveDecoder, Shape
from ringfence.wire.table import MessageTable

ANY: Final = "any"
# Room for two merged packets (64 KiB, GRO). Small, because blocks are handed over for their
# time, not for being full: 512 of them last two seconds when nobody looks, be they empty.
BLOCK_OCTETS: Final = 128 * 1024
MIN_RING_OCTETS: Final = 4 * BLOCK_OCTETS
# Blocks that are handed over at least, also in no time: some 8 000 messages when all are full.
MIN_BLOCKS: Final = 32
# The kernel cannot swap a ring out.
MAX_RING_OCTETS: Final = 1024 * 1024 * 1024
MAX_DELIVER_MS: Final = 1000
MAX_GROUP: Final = 65_535

# How often an interface that says nothing is looked after.
_LOOK_S: Final = 0.2

# linux/if_packet.h, linux/if_ether.h, linux/sockios.h, linux/if.h, linux/if_arp.h
_SOL_PACKET: Final = 263
_PACKET_ADD_MEMBERSHIP, _PACKET_RX_RING, _PACKET_STATISTICS = 1, 5, 6
_PACKET_VERSION, _PACKET_FANOUT, _PACKET_IGNORE_OUTGOING = 10, 18, 23
_TPACKET_V3: Final = 2
_PROMISCUOUS: Final = 1
# By a hash that both directions of an exchange share; fragments are put together before.
_FANOUT_HASH, _FANOUT_DEFRAGMENT = 0, 0x8000
_ALL_PROTOCOLS: Final = 3
_FRAME_OCTETS: Final = 2048  # of no meaning to TPACKET_V3, but checked
_SIOCGIFFLAGS, _SIOCGIFHWADDR = 0x8913, 0x8927
_IFF_UP: Final = 1
_ETHERNETS: Final = (1, 772)  # ARPHRD_ETHER, ARPHRD_LOOPBACK
_MAP_FIXED: Final = 0x10

_FORBIDDEN: Final = (
    "you may not listen on {}: it takes the capability CAP_NET_RAW and no other. Run this with "
    "sudo, or give its service AmbientCapabilities=CAP_NET_RAW"
)


class Interface:
    """One interface that is listened to, from `with` to its end. Not thread-safe.

    `say` hears one line whenever the interface goes, or comes back. Raises ListeningError.
    """

    def __init__(
        self,
        wanted: Listening,
        say: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        _check(wanted)
        self.wanted = wanted
        self.state = LISTENING
        self._say = say
        self._clock = clock
        self._next = 0
        self._lost = self._outages = 0
        self._closed = False
        link = _link(wanted.interface)
        self._shape = Shape(BLOCK_OCTETS, wanted.ring_octets // BLOCK_OCTETS)
        self._memory = mmap.mmap(
            -1, self._shape.octets + ARENA_OCTETS, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        )
        self.decoder = LiveDecoder(self._memory, self._shape, link)
        self._socket = self._open()
        self._poll = _poll(self._socket)
        self._look()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Listen no more, and give the kernel its memory back; rows turn to zeros."""
        if not self._closed:
            self._closed = True
            self._count_lost()
            _lay(self._memory, self._shape.octets, None)
            self._socket.close()

    def fileno(self) -> int:
        """Readable when a block is ready; another one after the interface was gone."""
        return self._socket.fileno()

    def tables(self, timeout_s: float) -> Iterator[MessageTable]:
        """Messages that come within this time, each table valid until the next."""
        for block in self.blocks(timeout_s):
            yield from block.tables()

    def blocks(self, timeout_s: float) -> Iterator[Block]:
        """Blocks that come within this time, each ours until the next.

        Also in a flood it ends when the time is over, after a few blocks at least.
        """
        until, taken = self._clock() + timeout_s, 0
        while True:
            while self._is_ready():
                number = self._next
                try:
                    yield self.decoder.take(number)
                finally:
                    self._give_back(number)
                taken += 1
                if taken >= MIN_BLOCKS and self._clock() >= until:
                    return
            left = until - self._clock()
            if self._closed or left <= 0:
                return
            self._wait(left)

    def finish(self) -> Iterator[MessageTable]:
        """Messages that were not whole yet, as far as they go; the last before `close`."""
        return self.decoder.finish()

    def heard(self) -> Heard:
        """Totals until now."""
        self._count_lost()
        decoder = self.decoder
        return Heard(
            packets=decoder.batch.packets,
            lost=self._lost,
            twice=max(0, decoder.packets - decoder.batch.packets),
            blocks=decoder.taken,
            damaged=decoder.damaged,
            outages=self._outages,
            state=self.state,
        )

    def _is_ready(self) -> bool:
        return not self._closed and self.decoder.is_ready(self._next)

    def _give_back(self, number: int) -> None:
        if not self._closed:
            self.decoder.give_back(number)
            self._next = (number + 1) % self._shape.blocks

    def _wait(self, seconds: float) -> None:
        """Until a block is ready, or a little; see to the interface when none comes."""
        events = self._poll.poll(min(seconds, _LOOK_S) * 1000)
        if not events or events[0][1] & (select.POLLERR | select.POLLHUP | select.POLLNVAL):
            self._look()

    def _look(self) -> None:
        """Is it there, is it up? A socket keeps an interface that went down, not one that left."""
        name = self.wanted.interface
        self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)  # said once, then forgotten
        if name == ANY:
            return
        flags = _flags(self._socket, name)
        if flags is not None and self._socket.getsockname()[0] != name:
            flags = self._reopened(flags)
        if flags is None:
            self._turn(GONE)
        else:
            self._turn(LISTENING if flags & _IFF_UP else DOWN)

    def _reopened(self, flags: int) -> int | None:
        """Listen to the new interface of this name; the flags, None when that failed."""
        try:
            opened = self._open()
        except ListeningError:
            return None  # it left again: the next look tries again
        self._count_lost()
        self._socket.close()
        self._socket, self._poll, self._next = opened, _poll(opened), 0
        if self.state == LISTENING:  # gone and back between two looks
            self._turn(GONE)
        return flags

    def _turn(self, state: str) -> None:
        if state == self.state:
            return
        self._outages += self.state == LISTENING
        self.state = state
        name = shown(self.wanted.interface)
        self._say(
            {
                LISTENING: f"{name} is up: listening",
                DOWN: f"{name} is down: nothing is seen there until it is up again",
                GONE: f"{name} is gone: nothing is seen there until it comes back",
            }[state]
        )

    def _open(self) -> socket.socket:
        """A socket that listens, its ring at the front of the memory."""
        wanted, name = self.wanted, shown(self.wanted.interface)
        ethernet = self.decoder.batch.link == ETHERNET
        kind = socket.SOCK_RAW if ethernet else socket.SOCK_DGRAM
        with contextlib.ExitStack() as undo:
            try:
                # With protocol 0 it hears nothing before it is bound; what comes by "any"
                # before there is a filter is thrown away when the ring is made.
                protocol = socket.htons(_ALL_PROTOCOLS) if wanted.interface == ANY else 0
                opened = undo.enter_context(socket.socket(socket.AF_PACKET, kind, protocol))
                if not wanted.everything:
                    attach(opened, assemble(signalling(wanted.ports, ethernet=ethernet)))
                if not wanted.replies:
                    opened.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
                _make_ring(opened, self._shape, wanted.deliver_ms)
                _lay(self._memory, self._shape.octets, opened)
                if wanted.interface != ANY:
                    opened.bind((wanted.interface, _ALL_PROTOCOLS))
                _join(opened, wanted)
            except PermissionError as error:
                raise ListeningError(_FORBIDDEN.format(name)) from error
            except OSError as error:
                raise ListeningError(f"{name}: {_why(error, wanted)}") from error
            undo.pop_all()
        return opened

    def _count_lost(self) -> None:
        """The kernel's own count, which starts again with each look."""
        with contextlib.suppress(OSError):
            said = self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 12)
            self._lost += struct.unpack("III", said)[1]


def _check(wanted: Listening) -> None:
    if sys.platform != "linux":
        raise ListeningError("listening on an interface takes Linux")
    there = [name for _, name in socket.if_nameindex()]
    if wanted.interface != ANY and wanted.interface not in there:
        raise ListeningError(
            f"there is no interface named {shown(wanted.interface)}: "
            f"there are {', '.join([*there, ANY])}"
        )
    try:
        signalling(wanted.ports)
    except ValueError as error:
        raise ListeningError(str(error)) from error
    if not MIN_RING_OCTETS <= wanted.ring_octets <= MAX_RING_OCTETS:
        raise ListeningError(f"a ring has {MIN_RING_OCTETS:,} to {MAX_RING_OCTETS:,} octets")
    if not 1 <= wanted.deliver_ms <= MAX_DELIVER_MS:
        raise ListeningError(f"packets are handed over after 1 to {MAX_DELIVER_MS} ms")
    if wanted.group is not None and not 0 <= wanted.group <= MAX_GROUP:
        raise ListeningError(f"a group has a number from 0 to {MAX_GROUP}")


def _link(name: str) -> int:
    """ETHERNET where packets have such a header; else (tunnels, PPP, all together) COOKED."""
    if name == ANY:
        return COOKED
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            said = fcntl.ioctl(asking, _SIOCGIFHWADDR, _named(name))
        except OSError as error:
            raise ListeningError(f"{shown(name)}: {error.strerror}") from error
    return ETHERNET if struct.unpack_from("H", said, 16)[0] in _ETHERNETS else COOKED


def _flags(asking: socket.socket, name: str) -> int | None:
    """Flags of the interface, None when there is none of this name."""
    try:
        said = fcntl.ioctl(asking, _SIOCGIFFLAGS, _named(name))
    except OSError:
        return None
    flags: int = struct.unpack_from("H", said, 16)[0]
    return flags


def _named(name: str) -> bytes:
    """A struct ifreq for this interface."""
    return struct.pack("15sx24x", os.fsencode(name))


def _make_ring(opened: socket.socket, shape: Shape, deliver_ms: int) -> None:
    frames = shape.octets // _FRAME_OCTETS
    opened.setsockopt(_SOL_PACKET, _PACKET_VERSION, _TPACKET_V3)
    request = struct.pack(
        "7I", shape.block_octets, shape.blocks, _FRAME_OCTETS, frames, deliver_ms, 0, 0
    )
    opened.setsockopt(_SOL_PACKET, _PACKET_RX_RING, request)


def _join(opened: socket.socket, wanted: Listening) -> None:
    """What takes a bound socket: the group that shares packets, frames to others."""
    if wanted.promiscuous and wanted.interface != ANY:
        index = socket.if_nametoindex(wanted.interface)
        request = struct.pack("iHH8x", index, _PROMISCUOUS, 0)
        opened.setsockopt(_SOL_PACKET, _PACKET_ADD_MEMBERSHIP, request)
    if wanted.group is not None:
        how = _FANOUT_HASH | _FANOUT_DEFRAGMENT
        request = struct.pack("I", how << 16 | wanted.group)
        opened.setsockopt(_SOL_PACKET, _PACKET_FANOUT, request)


def _lay(memory: mmap.mmap, octets: int, ring: socket.socket | None) -> None:
    """Lay a socket's ring over the front of the memory; None: plain memory again.

    What lay there before goes in the same step: nobody ever reads where nothing is.
    """
    front = ctypes.c_char.from_buffer(memory)
    address = ctypes.addressof(front)
    del front  # it would hold the memory
    plain = _MAP_FIXED | mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    if ring is None:
        _map(address, octets, plain, -1)
        return
    try:
        _map(address, octets, _MAP_FIXED | mmap.MAP_SHARED, ring.fileno())
    except OSError:
        _map(address, octets, plain, -1)
        raise


def _map(address: int, octets: int, how: int, descriptor: int) -> None:
    call = ctypes.CDLL(None, use_errno=True).mmap
    call.restype = ctypes.c_void_p
    call.argtypes = [
        ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long,
    ]  # fmt: skip
    if call(address, octets, mmap.PROT_READ | mmap.PROT_WRITE, how, descriptor, 0) != address:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _poll(opened: socket.socket) -> select.poll:
    poll = select.poll()
    poll.register(opened, select.POLLIN | select.POLLERR)
    return poll


def _why(error: OSError, wanted: Listening) -> str:
    if error.errno == errno.ENOMEM:
        return f"the kernel has no {wanted.ring_octets:,} octets for the ring: ask for fewer"
    if error.errno == errno.EINVAL and wanted.group is not None:
        return f"group {wanted.group} is in use for another interface or in another way"
    return error.strerror or str(error)
