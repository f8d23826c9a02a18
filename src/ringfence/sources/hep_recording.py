"""What comes to the HEP port, recorded: each packet as it came, in a pcapng file.

A packet stands in the file as the datagram that it was, or would have been, had it
not come by TCP: from the agent to the port. So nothing that the agent said is lost,
and `ringfence investigate`, Wireshark and others read it. Our key is blotted out.
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable
from ipaddress import ip_network
from typing import BinaryIO

from ringfence.model.endpoint import Address, endpoint, plain_address
from ringfence.model.recording import HepRecording, Recorded, RecordingError
from ringfence.model.text import shown
from ringfence.sources.hep_port import HEP_PORT, HepPort, HepPortError, HepSettings
from ringfence.wire.pcapng_writer import PcapngWriter

RAW_IP = 101
# What an IPv4 datagram has room for behind its headers; a packet by TCP may be 28 octets longer.
MAX_PAYLOAD = 65_535 - 28
_LOOK_S = 0.1


def record_hep(
    wanted: HepRecording,
    started: Callable[[str], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Recorded:
    """Record until the time is over, the file is full, or Ctrl-C. Raises RecordingError."""
    try:
        # First the port: a file that is there is not written over for nothing.
        with HepPort(_settings(wanted)) as port, _open(wanted) as stream:
            return _record(wanted, port, _File(stream, wanted, port), started, clock)
    except HepPortError as error:
        raise RecordingError(str(error)) from error
    except OSError as error:
        raise RecordingError(f"{shown(wanted.out)}: {error.strerror}") from error


def _open(wanted: HepRecording) -> BinaryIO:
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if wanted.force else os.O_EXCL)
    try:
        return os.fdopen(os.open(wanted.out, flags, 0o600), "wb")
    except FileExistsError as error:
        said = f"{shown(wanted.out)} is there already: --force writes over it"
        raise RecordingError(said) from error


def _record(
    wanted: HepRecording,
    port: HepPort,
    file: _File,
    started: Callable[[str], None] | None,
    clock: Callable[[], float],
) -> Recorded:
    port.tap = file.write
    if started is not None:
        started(endpoint(*file.listens_at))
    try:
        ended = _listen(port, file, wanted, clock)
    except KeyboardInterrupt:
        ended = "you"
    figures = port.figures
    refused = ", ".join(f"{count:,} {reason}" for reason, count in figures.refused.items() if count)
    return Recorded(
        (wanted.out,), file.octets, file.packets, figures.lost, ended,
        f"not taken: {refused}" if refused else "",
    )  # fmt: skip


def _listen(port: HepPort, file: _File, wanted: HepRecording, clock: Callable[[], float]) -> str:
    until = clock() + wanted.seconds
    while clock() < until:
        for _ in port.poll(_LOOK_S):
            pass
        if file.octets >= wanted.max_octets:
            return "size"
    return "time"


def _settings(wanted: HepRecording) -> HepSettings:
    address, colon, number = wanted.where.rpartition(":")
    address = address.strip("[]") if colon else "127.0.0.1"
    if not (number.isascii() and number.isdigit() and len(number) <= 5 and plain_address(address)):
        raise HepPortError(
            f"{shown(wanted.where)} is no place to listen: say {HEP_PORT}, "
            f"192.0.2.1:{HEP_PORT} or [2001:db8::1]:{HEP_PORT}"
        )
    try:
        senders = tuple(ip_network(sender) for sender in wanted.senders)
    except ValueError as error:
        raise HepPortError(f"who may send: {shown(str(error))}") from error
    return HepSettings(((address, int(number)),), wanted.key.encode(), senders)


class _File:
    """The file as it grows."""

    def __init__(self, stream: BinaryIO, wanted: HepRecording, port: HepPort) -> None:
        self.listens_at = port.listening[0][1:]
        self.packets = 0
        self._stream = stream
        self._key = wanted.key.encode()
        self._most = wanted.max_octets
        self._writer = PcapngWriter("ringfence")
        start = "HEP packets as they came to the port; those of TCP as datagrams"
        self.octets = stream.write(self._writer.start(start))

    def write(self, packet: memoryview, sender: tuple[str, int], time_ns: int) -> None:
        """One packet, as long as the file is not full."""
        if self.octets >= self._most:
            return
        octets = bytes(packet)
        if self._key:
            octets = octets.replace(self._key, b"*" * len(self._key))
        source = plain_address(sender[0].partition("%")[0])
        target = plain_address(self.listens_at[0])
        if source is None or target is None:
            return
        framed = datagram_of(octets[:MAX_PAYLOAD], source, target, sender[1], self.listens_at[1])
        original = len(framed) + max(0, len(octets) - MAX_PAYLOAD)
        block = self._writer.packet(RAW_IP, "hep", time_ns, framed, original)
        self.octets += self._stream.write(block)
        self.packets += 1


def datagram_of(octets: bytes, source: Address, target: Address, *ports: int) -> bytes:
    """UDP in IP, without checksums: they would be of packets that nobody sent like this."""
    udp = struct.pack(">HHHH", *ports, 8 + len(octets), 0) + octets
    if source.version == target.version == 4:
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0)
        return head + source.packed + target.packed + udp
    head = struct.pack(">IHBB", 6 << 28, len(udp), 17, 64)
    return head + _wide(source) + _wide(target) + udp


def _wide(address: Address) -> bytes:
    return address.packed if address.version == 6 else bytes(10) + b"\xff\xff" + address.packed
