"""`wire/_packet`: link, network and transport layers off one captured packet.

The first octet chooses the link, the rest is the packet. Invariant: the result
is 0 or one of three requests for help, and nothing is raised; at most one row;
octets handed over for help lie inside the packet; what stands around the packet
changes nothing; each packet without a row or help is counted.
"""

from __future__ import annotations

import array

from fuzz import packets
from fuzz.harness import hold
from fuzz.messages import request, response
from fuzz.rows import GUARDS, Desk
from ringfence.wire import _columns as columns
from ringfence.wire._packet import datagram, hep
from ringfence.wire._pcap import take

LINKS = (1, 113, 276, 0, 108, 101, 12, 14, 228, 229, 9, 50, 104, 147)
# Beyond the links: what reassembly makes whole.
_DATAGRAM, _HEP = len(LINKS), len(LINKS) + 1
TOKENS = (
    b"\x08\x00\x45", b"\x86\xdd\x60", b"\x81\x00", b"\x88\xa8", b"\x88\x47", b"\x88\x64",
    b"\x65\x58",
    b"\x88\xbe", b"\x22\xeb", b"HEP3", b"\x30\xff", b"\x08\x68", b"\x12\xb5", b"\x00\x21",
    b"\xff\x03",
    b"\xaa\xaa\x03\x00\x00\x00", b"OPTIONS sip:a SIP/2.0\r\nv:\r\n\r\n", b"\x00\x0f", b"\x00\x10",
)  # fmt: skip
_HELP = (columns.STOP_TCP, columns.STOP_FRAGMENT, columns.STOP_HEP)

_DESK = Desk()
_COUNTS = array.array("Q", bytes(8 * columns.REASONS))
_DESK.batch.counts = _COUNTS


def quick(octets: bytes) -> object:
    """One packet with one guard."""
    return _decode(octets, GUARDS[0])


def check(octets: bytes) -> object:
    """The same with another guard."""
    seen = _decode(octets, GUARDS[0])
    hold(_decode(octets, GUARDS[1]) == seen, "it reads what is not its own")
    return seen


def _decode(octets: bytes, guard: bytes) -> object:
    if not octets:
        return None
    batch = _DESK.batch
    start, end = _DESK.lay(octets[1:], guard)
    batch.start_packet()
    batch.packets = 0
    batch.time = 1_700_000_000 * packets.SECOND_NS
    for reason in range(columns.REASONS):
        _COUNTS[reason] = 0
    stop = _start(octets[0], start, end)
    hold(stop == 0 or stop in _HELP, f"stopped for {stop}")
    hold(batch.n in (0, 1), f"{batch.n} rows")
    if stop:
        hold(batch.n == 0, "a row and a request for help")
        hold(start <= batch.help_start <= batch.help_end <= end, "help outside the packet")
        return (stop, batch.help_start, batch.help_end, batch.help_sequence, batch.help_flags,
                batch.help_ident, batch.help_offset, batch.help_more, *_around())  # fmt: skip
    if batch.n == 0:
        hold(sum(_COUNTS) > 0, "neither a row nor counted")
        return _COUNTS.tobytes()
    _DESK.check_row(0, start, end)
    return _DESK.row(0)


def _start(choice: int, start: int, end: int) -> int:
    batch = _DESK.batch
    way = choice % (len(LINKS) + 2)
    if way == _DATAGRAM:
        return datagram(batch, (17, 6, 4, 41, 47, 132)[choice // 16 % 6], start, end)
    if way == _HEP:
        return hep(batch, start, end)
    size = end - start
    return take(batch, start, size, size + choice // 128, LINKS[way])


def _around() -> tuple[int, ...]:
    batch = _DESK.batch
    return (batch.source_high, batch.source_low, batch.destination_high, batch.destination_low,
            batch.source_port, batch.destination_port, batch.protocol, batch.transport)  # fmt: skip


def seeds() -> list[bytes]:
    """Every link and every tunnel, with a message inside."""
    sip = request(b"OPTIONS")
    inside = packets.ipv4(packets.udp(sip))
    ethernet = [
        packets.ethernet(inside),
        packets.ethernet(inside, 0x0800, 0x88A8, 0x8100),
        packets.ethernet(packets.ipv6(packets.udp(sip)), 0x86DD),
        packets.ethernet(packets.ipv6(b"\x11\0\1\4\0\0\0\0" + packets.udp(sip), 0), 0x86DD),
        packets.ethernet(packets.ipv6(b"\x11\0\0\1\0\0\0\7" + packets.udp(sip)[:64], 44), 0x86DD),
        packets.ethernet(
            packets.ipv6(b"\x11\4\0\0\0\0\0\1" + bytes(16) + packets.udp(sip), 51), 0x86DD
        ),
        packets.ethernet(packets.ipv4(packets.udp(sip)[:64], fragment=0x2000)),
        packets.ethernet(packets.ipv4(packets.tcp(sip), packets.TCP)),
        packets.ethernet(packets.ipv4(packets.tcp(b"", flags=2), packets.TCP)),
        packets.ethernet(packets.ipv4(packets.sctp(sip), packets.SCTP)),
        packets.ethernet(packets.ipv4(inside, packets.IPV4)),
        packets.ethernet(packets.ipv4(packets.ipv6(packets.udp(sip)), packets.IPV6)),
        packets.ethernet(packets.ipv4(b"\0\0\x08\0" + inside, packets.GRE)),
        packets.ethernet(
            packets.ipv4(b"\xb0\0\x65\x58" + bytes(12) + packets.ethernet(inside), packets.GRE)
        ),
        packets.ethernet(
            packets.ipv4(b"\x30\x81\x88\x0b" + bytes(12) + b"\xff\3\0\x21" + inside, packets.GRE)
        ),
        packets.ethernet(
            packets.ipv4(b"\x10\0\x88\xbe" + bytes(12) + packets.ethernet(inside), packets.GRE)
        ),
        packets.ethernet(
            packets.ipv4(b"\0\0\x22\xeb" + bytes(12) + packets.ethernet(inside), packets.GRE)
        ),
        packets.ethernet(b"\0\0\x10\x40\0\0\x21\x40" + inside, 0x8847),
        packets.ethernet(b"\0\0\x21\x40\0\0\0\0" + packets.ethernet(inside), 0x8847),
        packets.ethernet(b"\x11\0\0\1\0\0\0\x21" + inside, 0x8864),
        packets.ethernet(b"\xaa\xaa\3\0\0\0\x08\0" + inside, 500),
        packets.ethernet(packets.ipv4(packets.udp(b"\x30\xff\0\0\0\0\0\1" + inside, 9, 2152))),
        packets.ethernet(
            packets.ipv4(packets.udp(b"\x36\xff\0\0\0\0\0\1\0\1\0\x85\1\0\0\0" + inside, 9, 2152))
        ),
        packets.ethernet(
            packets.ipv4(packets.udp(b"\x08\0\0\0\0\0\1\0" + packets.ethernet(inside), 9, 4789))
        ),
        packets.ethernet(packets.ipv4(packets.udp(packets.hep3(sip)))),
        packets.ethernet(packets.ipv4(packets.udp(packets.hep3(b"x\x9c\3\0\0\0\0\1", 16)))),
        packets.ethernet(packets.ipv4(packets.udp(packets.hep1(sip)))),
        packets.ethernet(packets.ipv4(packets.udp(packets.hep1(sip, 1)))),
        packets.ethernet(packets.ipv4(packets.udp(b"\x80\0\0\1" + bytes(20), 9, 49170))),
        packets.ethernet(packets.ipv4(packets.udp(b"\0\0"))),
        packets.ethernet(b"\0" * 28, 0x0806),
    ]
    others = {
        1: b"\0\0\0\1\0\6\2\0\0\0\0\2\0\0\x08\0" + inside,
        2: b"\x08\0\0\0\0\0\0\2\0\1\0\6\2\0\0\0\0\2\0\0" + inside,
        3: b"\2\0\0\0" + inside,
        5: inside,
        8: packets.ipv6(packets.udp(response())),
        10: b"\xff\3\0\x21" + inside,
        11: b"\x21" + inside,
        12: b"\x0f\0\x08\0" + inside,
        13: inside,
        _DATAGRAM: packets.udp(sip),
        _HEP: packets.hep3(sip),
    }
    return [b"\0" + one for one in ethernet] + [bytes((n,)) + one for n, one in others.items()]
