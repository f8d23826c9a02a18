"""The layers of one packet, rewritten: addresses by the rules, the payload left empty.

How it works: the same walk as `wire/_packet.py`, interpreted: each function takes the
offset of its header, copies what may stay, and returns the offset of the next layer,
-1 at the end. Ports, lengths, flags and sequence numbers stay; hardware addresses,
tunnel numbers, options and whatever is unknown do not.
Rules: a layer that the walk does not know ends it: then the packet carries nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ringfence.evidence.redaction.checksums import crc32c, internet_checksum, transport_checksum
from ringfence.evidence.redaction.names import Names
from ringfence.evidence.redaction.shell import FRAGMENT, MESSAGE, SEGMENT, Shell
from ringfence.evidence.redaction.tunnels import udp_payload
from ringfence.evidence.redaction.walk import ETHERNET, IP, Walk
from ringfence.wire.records import Record

# As in `wire/_packet.py`.
MAX_LAYERS: Final = 24
_PPP, _SLL, _SLL2, _LOOPBACK, _TRANSPORT, _CISCO = range(65538, 65544)
_FIRST: Final = {
    1: ETHERNET, 113: _SLL, 276: _SLL2, 0: _LOOPBACK, 108: _LOOPBACK, 101: IP, 12: IP,
    14: IP, 228: IP, 229: IP, 9: _PPP, 50: _PPP, 104: _CISCO,
}  # fmt: skip
_TAGS: Final = frozenset((0x8100, 0x88A8, 0x9100, 0x9200))
_EXTENSIONS: Final = frozenset((0, 43, 60, 135, 51))
_SNAP: Final = bytes.fromhex("aaaa03")
# TCP options that hold nothing but numbers of the connection: MSS, window scale, SACK, times.
_TCP_OPTIONS: Final = frozenset((2, 3, 4, 5, 8))


def shell_of(record: Record, names: Names) -> Shell:
    """The packet without its payload; its kind says what the payload is."""
    shell = Shell(record.octets, bytearray(len(record.octets)), record)
    layer = _FIRST.get(record.link)
    if layer is not None:
        _run(Walk(shell, names), layer, 0)
    return shell


def datagram_shell(payload: bytes, first: Shell, names: Names) -> Shell:
    """The same for an IP payload put together from fragments, of which `first` is the first."""
    shell = Shell(payload, bytearray(len(payload)), first.record)
    shell.source, shell.destination = first.source, first.destination
    shell.shown_source, shell.shown_destination = first.shown_source, first.shown_destination
    shell.protocol = first.protocol
    _run(Walk(shell, names), _TRANSPORT, 0)
    return shell


def _run(walk: Walk, layer: int, at: int) -> None:
    """Walk from this layer on, until a payload or the end."""
    walk.layer = layer
    for _ in range(MAX_LAYERS):
        steps = _TRANSPORTS if walk.layer == _TRANSPORT else _LAYERS
        step = steps.get(walk.shell.protocol if walk.layer == _TRANSPORT else walk.layer)
        if step is None:
            return
        at = step(walk, at)
        if at < 0:
            return


def _ethernet(walk: Walk, at: int) -> int:
    for place in (at, at + 6):
        if walk.has(place, 6):
            walk.put(place, walk.names.pseudonyms.hardware(walk.octets[place : place + 6]))
    return _ethertype(walk, at + 12, 2)


def _ethertype(walk: Walk, at: int, rest: int) -> int:
    """The two octets at `at` name the layer that begins at `at + rest`."""
    if not walk.has(at, rest):
        return -1
    walk.keep(at, 2)
    walk.layer = walk.number(at)
    return _llc(walk, at + rest) if walk.layer < 1536 else at + rest


def _llc(walk: Walk, at: int) -> int:
    if not walk.has(at, 8) or walk.octets[at : at + 3] != _SNAP:
        return -1
    walk.keep(at, 8)
    walk.layer = walk.number(at + 6)
    return at + 8


def _tag(walk: Walk, at: int) -> int:
    return _ethertype(walk, at + 2, 2)


def _pppoe(walk: Walk, at: int) -> int:
    if not walk.has(at, 6):
        return -1
    walk.keep(at, 2)
    walk.keep(at + 4, 2)
    walk.layer = _PPP
    return at + 6


def _ppp(walk: Walk, at: int) -> int:
    if walk.has(at, 2) and walk.number(at) == 0xFF03:
        walk.keep(at, 2)
        at += 2
    if not walk.has(at, 2):
        return -1
    size = 1 if walk.octets[at] & 1 else 2
    walk.keep(at, size)
    protocol = walk.number(at, size)
    walk.layer = {0x21: IP, 0x57: IP, 0x281: 0x8847}.get(protocol, -1)
    return at + size


def _sll(walk: Walk, at: int) -> int:
    if not walk.has(at, 16):
        return -1
    walk.keep(at, 6)
    walk.put(at + 6, walk.names.pseudonyms.hardware(walk.octets[at + 6 : at + 12]))
    return _ethertype(walk, at + 14, 2)


def _sll2(walk: Walk, at: int) -> int:
    if not walk.has(at, 20):
        return -1
    walk.keep(at + 8, 4)
    walk.put(at + 12, walk.names.pseudonyms.hardware(walk.octets[at + 12 : at + 18]))
    return _ethertype(walk, at, 20)


def _loopback(walk: Walk, at: int) -> int:
    walk.keep(at, 4)
    walk.layer = IP
    return at + 4


def _mpls(walk: Walk, at: int) -> int:
    for _ in range(MAX_LAYERS):
        if not walk.has(at, 5):
            return -1
        bottom = walk.octets[at + 2] & 1
        walk.put(at, bytes((0, 1, bottom, 64)))  # label 16: the first that is not reserved
        at += 4
        if bottom:
            version = walk.octets[at] >> 4
            walk.layer = IP if version in (4, 6) else ETHERNET
            return at + 4 if version == 0 else at
    return -1


def _erspan(walk: Walk, at: int) -> int:
    size = 8
    if walk.layer == 0x22EB:
        if not walk.has(at, 12):
            return -1
        walk.put(at + 11, bytes((walk.octets[at + 11] & 1,)))
        size = 20 if walk.octets[at + 11] & 1 else 12
    walk.put(at, bytes((walk.octets[at] & 0xF0,)) if walk.has(at, 1) else b"")
    walk.layer = ETHERNET
    return at + size


def _frame_in_gre(walk: Walk, at: int) -> int:
    walk.layer = ETHERNET
    return at


def _ip(walk: Walk, at: int) -> int:
    version = walk.octets[at] >> 4 if walk.has(at, 1) else 0
    walk.layer = {4: 0x0800, 6: 0x86DD}.get(version, -1)
    return at


def _ipv4(walk: Walk, at: int) -> int:
    size = (walk.octets[at] & 15) * 4 if walk.has(at, 20) else 0
    length = walk.number(at + 2)
    if size < 20 or walk.octets[at] >> 4 != 4 or 0 < length < size:
        return -1
    if length:
        walk.end = min(walk.end, at + length)
    if not walk.has(at, size):
        return -1
    walk.keep(at, 10)
    walk.put(at + 20, b"\x01" * (size - 20))  # options: they record routes
    walk.addresses(at + 12, 4)
    shell = walk.shell
    shell.protocol = walk.octets[at + 9]
    shell.fixes.append(lambda: _fix(shell, at + 10, at, at + size))
    walk.layer = _TRANSPORT
    fragment = walk.number(at + 6)
    if fragment & 0x3FFF:
        return _fragment(walk, at + size, walk.number(at + 4), (fragment & 0x1FFF) * 8)
    return at + size


def _ipv6(walk: Walk, at: int) -> int:
    if not walk.has(at, 40) or walk.octets[at] >> 4 != 6:
        return -1
    length = walk.number(at + 4)
    if length:
        walk.end = min(walk.end, at + 40 + length)
    walk.keep(at, 8)
    walk.addresses(at + 8, 16)
    walk.shell.protocol = walk.octets[at + 6]
    walk.layer = _TRANSPORT
    return at + 40


def _fragment(walk: Walk, at: int, ident: int, offset: int) -> int:
    walk.shell.ident, walk.shell.offset = ident, offset
    return walk.carries(FRAGMENT, at, walk.end)


def _ipv6_fragment(walk: Walk, at: int) -> int:
    if len(walk.shell.source) != 16 or not walk.has(at, 8):
        return -1
    walk.keep(at, 8)
    walk.shell.protocol = walk.octets[at]
    field = walk.number(at + 2)
    if field & 0xFFF9 == 0:
        return at + 8
    return _fragment(walk, at + 8, walk.number(at + 4, 4), field & 0xFFF8)


def _extension(walk: Walk, at: int) -> int:
    """Only what comes next, and the length: the rest reads as padding."""
    if not walk.has(at, 8):
        return -1
    count = walk.octets[at + 1]
    size = (count + 2) * 4 if walk.shell.protocol == 51 else (count + 1) * 8
    if not walk.has(at, size):
        return -1
    walk.keep(at, 2)
    walk.shell.protocol = walk.octets[at]
    return at + size


def _to(layer: int) -> Callable[[Walk, int], int]:
    def step(walk: Walk, at: int) -> int:
        walk.layer = layer
        return at

    return step


def _gre(walk: Walk, at: int) -> int:
    """The key and the numbers are the network's own; a checksum is made anew."""
    if not walk.has(at, 4):
        return -1
    flags, protocol = walk.number(at), walk.number(at + 2)
    size = 4 + 4 * (bool(flags & 0xC000) + bool(flags & 0x2000) + bool(flags & 0x1000))
    size += 4 * (flags & 7 == 1 and bool(flags & 0x80))
    if not walk.has(at, size):
        return -1
    walk.keep(at, 4)
    shell, end = walk.shell, walk.end
    if flags & 0x8000:
        shell.fixes.append(lambda: _fix(shell, at + 4, at, end))
    is_first_type = protocol == 0x88BE and not flags & 0x1000
    walk.layer = {0x880B: _PPP}.get(protocol, ETHERNET if is_first_type else protocol)
    return at + size


def _sctp(walk: Walk, at: int) -> int:
    if not walk.has(at, 28):
        return -1
    walk.ports(at)
    shell, end, begin = walk.shell, walk.end, at
    shell.fixes.append(lambda: _fix_sctp(shell, begin, end))
    at += 12
    while walk.has(at, 16):
        length = walk.number(at + 2)
        if length < 4:
            break
        walk.keep(at, 4)
        is_whole = walk.octets[at] == 0 and walk.octets[at + 1] & 3 == 3
        if is_whole and 16 < length <= end - at:
            walk.keep(at + 4, 12)
            return walk.carries(MESSAGE, at + 16, at + length)
        at += length + 3 & ~3
    return -1


def _udp(walk: Walk, at: int) -> int:
    if not walk.has(at, 8):
        return -1
    walk.ports(at)
    walk.keep(at + 4, 2)
    length = walk.number(at + 4)
    is_whole = length == 0 or at + length <= walk.end
    if length >= 8:
        walk.end = min(walk.end, at + length)
    shell, end = walk.shell, walk.end
    if is_whole:
        pair = shell.shown_source, shell.shown_destination
        shell.fixes.append(lambda: _fix_transport(shell, 17, at, at + 6, end, pair))
    return udp_payload(walk, at + 8)


def _tcp(walk: Walk, at: int) -> int:
    size = (walk.octets[at + 12] >> 4) * 4 if walk.has(at, 20) else 0
    if size < 20 or not walk.has(at, size):
        return -1
    walk.ports(at)
    walk.keep(at + 4, 12)
    walk.keep(at + 18, 2)
    _tcp_options(walk, at + 20, at + size)
    shell, end = walk.shell, walk.end
    shell.sequence, shell.flags = walk.number(at + 4, 4), walk.octets[at + 13]
    pair = shell.shown_source, shell.shown_destination
    if shell.record is None or len(shell.record.octets) >= shell.record.original:
        shell.fixes.append(lambda: _fix_transport(shell, 6, at, at + 16, end, pair))
    return walk.carries(SEGMENT, at + size, end)


def _tcp_options(walk: Walk, at: int, end: int) -> None:
    walk.put(at, b"\x01" * (end - at))
    while at < end and walk.octets[at]:
        if walk.octets[at] == 1:
            at += 1
            continue
        size = walk.octets[at + 1] if at + 1 < end else 0
        if size < 2 or at + size > end:
            return
        if walk.octets[at] in _TCP_OPTIONS:
            walk.keep(at, size)
        at += size


def _fix(shell: Shell, place: int, start: int, end: int) -> None:
    shell.out[place : place + 2] = b"\0\0"
    checksum = internet_checksum(bytes(shell.out[start:end]))
    shell.out[place : place + 2] = checksum.to_bytes(2, "big")


def _fix_transport(
    shell: Shell, protocol: int, start: int, place: int, end: int, pair: tuple[bytes, bytes]
) -> None:
    shell.out[place : place + 2] = b"\0\0"
    checksum = transport_checksum(*pair, protocol, bytes(shell.out[start:end]))
    shell.out[place : place + 2] = checksum.to_bytes(2, "big")


def _fix_sctp(shell: Shell, start: int, end: int) -> None:
    shell.out[start + 8 : start + 12] = bytes(4)
    checksum = crc32c(bytes(shell.out[start:end]))
    shell.out[start + 8 : start + 12] = checksum.to_bytes(4, "little")


_LAYERS: Final[dict[int, Callable[[Walk, int], int]]] = {
    ETHERNET: _ethernet, 0x0800: _ipv4, 0x86DD: _ipv6, IP: _ip, **dict.fromkeys(_TAGS, _tag),
    0x8864: _pppoe, _PPP: _ppp, 0x8847: _mpls, 0x8848: _mpls, _SLL: _sll, _SLL2: _sll2,
    _LOOPBACK: _loopback, _CISCO: lambda walk, at: _ethertype(walk, at + 2, 2),
    0x6558: _frame_in_gre, 0x88BE: _erspan, 0x22EB: _erspan,
}  # fmt: skip
_TRANSPORTS: Final[dict[int, Callable[[Walk, int], int]]] = {
    4: _to(0x0800), 41: _to(0x86DD), 137: _to(0x8847), 47: _gre, 44: _ipv6_fragment,
    **dict.fromkeys(_EXTENSIONS, _extension), 132: _sctp, 17: _udp, 6: _tcp,
}  # fmt: skip
