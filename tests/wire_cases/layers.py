"""One line of a wire case to the octets of one layer, around what it carries.

How it works: `wrap` goes through the layers from the innermost out; each builder
takes the octets inside it and the name of the layer there, and returns one frame,
or several where it splits (fragments, segments). Checksums are wrong on purpose:
nothing that reads captures may depend on them.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address

WRONG_CHECKSUM = b"\xba\xd1"

ETHERTYPES = {
    "ip4": 0x0800, "arp": 0x0806, "ip6": 0x86DD, "vlan": 0x8100, "qinq": 0x88A8,
    "mpls": 0x8847, "pppoe": 0x8864, "eth": 0x6558, "ppp": 0x880B,
    "erspan1": 0x88BE, "erspan2": 0x88BE, "erspan3": 0x22EB,
}  # fmt: skip
IP_PROTOCOLS = {
    "hopopts": 0, "ip4": 4, "tcp": 6, "udp": 17, "ip6": 41, "routing": 43, "frag": 44, "gre": 47,
    "esp": 50, "ah": 51, "dstopts": 60, "sctp": 132, "mobility": 135, "mpls": 137,
}  # fmt: skip
PPP_PROTOCOLS = {"ip4": 0x0021, "ip6": 0x0057, "mpls": 0x0281}
TCP_FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16}


@dataclass(frozen=True, slots=True)
class Layer:
    """A line of a case: its first word, further words, and what is written name=value."""

    name: str
    words: tuple[str, ...] = ()
    options: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, line: str) -> Layer:
        """The layer that one line describes."""
        name, *rest = line.split()
        words = tuple(word for word in rest if "=" not in word)
        return cls(name, words, dict(word.split("=", 1) for word in rest if "=" in word))

    def number(self, name: str, otherwise: int = 0) -> int:
        return int(self.options.get(name, str(otherwise)), 0)

    def word(self, at: int, otherwise: int = 0) -> int:
        return int(self.words[at], 0) if at < len(self.words) else otherwise

    def has(self, word: str) -> bool:
        return word in self.words


@dataclass(slots=True)
class Sequences:
    """Where each direction of TCP stands, so that cases need not count octets."""

    due: dict[tuple[str, ...], int] = field(default_factory=dict)

    def take(self, layer: Layer, octets: int) -> int:
        """Sequence number of the next `octets` octets of this direction."""
        key = layer.words[:3]
        sequence = layer.number("seq", self.due.get(key, 1000))
        self.due[key] = sequence + octets + ("S" in layer.options.get("flags", ""))
        return sequence


Builder = Callable[[Layer, str, bytes, Sequences], Iterator[bytes]]


def wrap(layers: list[Layer], payload: bytes, sequences: Sequences) -> list[bytes]:
    """Frames that carry the payload through these layers, the outermost first."""
    frames = [payload]
    inner = ""
    for layer in reversed(layers):
        build = BUILDERS[layer.name]
        frames = [frame for octets in frames for frame in build(layer, inner, octets, sequences)]
        inner = layer.name
    return frames


def _u16(*numbers: int) -> bytes:
    return b"".join((number & 0xFFFF).to_bytes(2, "big") for number in numbers)


def _u32(*numbers: int) -> bytes:
    return b"".join((number & 0xFFFFFFFF).to_bytes(4, "big") for number in numbers)


def _ethertype(layer: Layer, inner: str) -> int:
    return layer.number("type", ETHERTYPES.get(inner, 0xFFFF))


def _eth(layer: Layer, inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    kind = len(octets) if inner == "llc" else _ethertype(layer, inner)
    to = bytes.fromhex(layer.options.get("to", "a2000000aa01"))
    yield to + bytes.fromhex("a2000000bb02") + _u16(kind) + octets


def _llc(layer: Layer, inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    yield bytes.fromhex("aaaa03000000") + _u16(_ethertype(layer, inner)) + octets


def _tag(layer: Layer, inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    yield _u16(layer.word(0, 1), _ethertype(layer, inner)) + octets


def _pppoe(layer: Layer, inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    inside = _u16(PPP_PROTOCOLS[inner]) + octets
    yield b"\x11\x00" + _u16(layer.word(0, 1), len(inside)) + inside


def _ppp(layer: Layer, inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    protocol = layer.number("protocol", PPP_PROTOCOLS.get(inner, 0))
    number = bytes([protocol]) if layer.has("short") else _u16(protocol)
    yield (b"" if layer.has("bare") else b"\xff\x03") + number + octets


def _mpls(layer: Layer, inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    bottom = 0 if inner == "mpls" or layer.has("endless") else 0x100
    control = bytes(4) if layer.has("control") else b""
    yield _u32(layer.word(0, 16) << 12 | bottom | 64) + control + octets


def _gre(layer: Layer, inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    fields = (("checksum", 0x8000), ("routing", 0x4000), ("key", 0x2000), ("seq", 0x1000))
    flags = sum(bit for name, bit in fields if name in layer.options)
    count = sum(name in layer.options for name in ("key", "seq", "ack"))
    count += bool(flags & 0xC000)
    if "ack" in layer.options:
        flags |= 0x0081
    yield _u16(flags, _ethertype(layer, inner)) + bytes(4 * count) + octets


def _erspan(layer: Layer, _inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    head = {"erspan1": b"", "erspan2": b"\x10" + bytes(7), "erspan3": b"\x20" + bytes(11)}
    begun = head[layer.name]
    if layer.has("subheader"):
        begun = begun[:-1] + b"\x01" + bytes(8)
    yield begun + octets


def _sll(layer: Layer, inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    kind = 4 if inner == "llc" else _ethertype(layer, inner)
    yield _u16(0, 1, 6) + bytes.fromhex("a2000000bb020000") + _u16(kind) + octets


def _sll2(layer: Layer, inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    kind = 4 if inner == "llc" else _ethertype(layer, inner)
    yield _u16(kind, 0) + _u32(3) + _u16(1, 0x0006) + bytes.fromhex("a2000000bb020000") + octets


def _loopback(layer: Layer, inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    """NULL writes the family in the order of the machine, LOOP in that of the network."""
    family = layer.number("family", 2 if inner == "ip4" else 30)
    big = layer.name == "loop" or layer.has("big")
    yield family.to_bytes(4, "big" if big else "little") + octets


def _raw(_layer: Layer, _inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    yield octets


def _chdlc(layer: Layer, inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    yield b"\x0f\x00" + _u16(_ethertype(layer, inner)) + octets


def _cuts(layer: Layer, size: int) -> list[tuple[int, int]]:
    """Where `split=a,b` cuts: (start, end) of each piece."""
    at = [int(cut) for cut in layer.options.get("split", "").split(",") if cut]
    return list(zip([0, *at], [*at, size], strict=True))


def _ip4(layer: Layer, inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    protocol = layer.number("protocol", IP_PROTOCOLS.get(inner, 253))
    options = bytes(layer.number("options"))
    words = 5 + len(options) // 4
    addresses = ip_address(layer.words[0]).packed + ip_address(layer.words[2]).packed
    for start, end in _cuts(layer, len(octets)):
        last = end == len(octets) and not layer.has("more")
        flags = (start + layer.number("at")) // 8 | (0 if last else 0x2000)
        length = layer.number("length", 4 * words + end - start)
        yield (
            bytes([layer.number("version", 4) << 4 | layer.number("words", words), 0])
            + _u16(length, layer.number("id", 1), flags)
            + bytes([64, protocol])
            + WRONG_CHECKSUM
            + addresses
            + options
            + octets[start:end]
        )


def _ip6(layer: Layer, inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    protocol = layer.number("protocol", IP_PROTOCOLS.get(inner, 253))
    length = layer.number("length", len(octets))
    addresses = ip_address(layer.words[0]).packed + ip_address(layer.words[2]).packed
    yield (
        _u32(layer.number("version", 6) << 28)
        + _u16(length)
        + bytes([protocol, 64])
        + addresses
        + octets
    )


def _extension(layer: Layer, inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    """Hop-by-hop, routing, destination options, mobility: `size` in octets, 8 at least."""
    size = layer.number("size", 8)
    length = layer.number("length", size // 8 - 1)
    yield bytes([_next(layer, inner), length]) + bytes(size - 2) + octets


def _ah(layer: Layer, inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    yield bytes([_next(layer, inner), 4, 0, 0]) + bytes(20) + octets


def _frag(layer: Layer, inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    for start, end in _cuts(layer, len(octets)):
        more = end < len(octets) or layer.has("more")
        offset = start + layer.number("at") | more
        yield (
            bytes([_next(layer, inner), 0])
            + _u16(offset)
            + _u32(layer.number("id", 1))
            + octets[start:end]
        )


def _next(layer: Layer, inner: str) -> int:
    return layer.number("protocol", IP_PROTOCOLS.get(inner, 253))


def _udp(layer: Layer, _inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    length = layer.number("length", 8 + len(octets))
    yield _u16(layer.word(0), layer.word(2), length) + WRONG_CHECKSUM + octets


def _tcp(layer: Layer, _inner: str, octets: bytes, sequences: Sequences) -> Iterator[bytes]:
    options = bytes(layer.number("options"))
    words = layer.number("words", 5 + len(options) // 4)
    flags = sum(TCP_FLAGS[flag] for flag in layer.options.get("flags", "A"))
    sequence = sequences.take(layer, len(octets))
    for start, end in _cuts(layer, len(octets)):
        yield (
            _u16(layer.word(0), layer.word(2))
            + _u32(sequence + start, layer.number("ack"))
            + bytes([words << 4, flags])
            + _u16(65535)
            + WRONG_CHECKSUM
            + _u16(0)
            + options
            + octets[start:end]
        )


def _sctp(layer: Layer, _inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    """One DATA chunk; `flags` 3 says that it is a whole message (RFC 9260 3.3.1)."""
    head = _u16(layer.word(0), layer.word(2)) + _u32(1, 0)
    chunk = bytes([layer.number("chunk"), layer.number("flags", 3)])
    length = layer.number("length", 16 + len(octets))
    before = b"\x03\x00\x00\x10" + bytes(12) if layer.has("sack") else b""
    yield head + before + chunk + _u16(length) + _u32(1) + _u16(0, 0) + _u32(0) + octets


def _esp(_layer: Layer, _inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    yield _u32(256, 1) + octets


def _gtpu(layer: Layer, _inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    """G-PDU (3GPP TS 29.281): with a sequence number, with extension headers."""
    first, more = 0x30, b""
    if layer.has("seq"):
        first, more = 0x32, bytes(4)
    if layer.has("extension"):
        first, more = 0x34, b"\x00\x00\x00\x85\x01\x00\x00\x85\x02" + bytes(6) + b"\x00"
    yield (
        bytes([first, layer.number("kind", 0xFF)])
        + _u16(len(more) + len(octets))
        + _u32(layer.word(0, 1))
        + more
        + octets
    )


def _vxlan(layer: Layer, _inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    yield _u32(0x08000000, layer.word(0, 1) << 8) + octets


def _end(text: str) -> tuple[bytes, int]:
    """Address and port of `192.0.2.1:5060` or `[2001:db8::1]:5060`."""
    address, _, port = text.rpartition(":")
    return ip_address(address.strip("[]")).packed, int(port)


def _hep3(layer: Layer, _inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    """Chunks in the order in which Kamailio sends them."""
    source, source_port = _end(layer.words[0])
    destination, destination_port = _end(layer.words[2])
    is_ip4 = len(source) == 4
    seconds, _dot, fraction = layer.options.get("time", "0.0").partition(".")
    packers: dict[str, Callable[[bytes], bytes]] = {"zlib": zlib.compress, "gzip": _gzip}
    payload = packers.get(layer.options.get("packed", ""), bytes)
    kind = 16 if "packed" in layer.options else 15
    chunks = [
        (1, b"\x02" if is_ip4 else b"\x0a"), (2, bytes([layer.number("protocol", 17)])),
        (3 if is_ip4 else 5, source), (4 if is_ip4 else 6, destination),
        (7, _u16(source_port)), (8, _u16(destination_port)),
        (9, _u32(int(seconds))), (10, _u32(int(fraction.ljust(6, "0")))),
        (11, b"\x01"), (12, _u32(2001)), (0x00010000 | 40, b"of another vendor"),
    ]  # fmt: skip
    if not layer.has("empty"):
        chunks.append((kind, payload(octets)))
    inside = b"".join(_u32(kind) + _u16(6 + len(value)) + value for kind, value in chunks)
    yield b"HEP3" + _u16(layer.number("length", 6 + len(inside))) + inside


def _gzip(octets: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(octets) + packer.flush()


def _hep1(layer: Layer, _inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    """Version 1; version 2 with seconds, microseconds and agent in the agent's order."""
    source, source_port = _end(layer.words[0])
    destination, destination_port = _end(layer.words[2])
    family = layer.number("family", 2 if len(source) == 4 else 10)
    version = 2 if layer.name == "hep2" else 1
    size = 8 + len(source) + len(destination)
    head = bytes([version, size, family, layer.number("protocol", 17)])
    behind = bytes.fromhex("0068e577") + bytes(8) if version == 2 else b""
    yield head + _u16(source_port, destination_port) + source + destination + behind + octets


def _ws(layer: Layer, _inner: str, octets: bytes, _: Sequences) -> Iterator[bytes]:
    """One frame, masked as clients do unless it says `bare` (RFC 6455 5.2)."""
    first = 0x80 | layer.number("opcode", 1)
    masked = 0 if layer.has("bare") else 0x80
    size = bytes([masked | len(octets)])
    if len(octets) > 125:
        size = bytes([masked | 126]) + _u16(len(octets))
    mask = b"" if layer.has("bare") else b"\x37\xfa\x21\x3d"
    if mask:
        octets = bytes(octet ^ mask[i % 4] for i, octet in enumerate(octets))
    yield bytes([first]) + size + mask + octets


BUILDERS: dict[str, Builder] = {
    "eth": _eth, "llc": _llc, "vlan": _tag, "qinq": _tag, "pppoe": _pppoe, "ppp": _ppp,
    "mpls": _mpls, "gre": _gre, "erspan1": _erspan, "erspan2": _erspan, "erspan3": _erspan,
    "sll": _sll, "sll2": _sll2, "null": _loopback, "loop": _loopback, "raw": _raw,
    "chdlc": _chdlc, "ip4": _ip4, "ip6": _ip6, "hopopts": _extension, "routing": _extension,
    "dstopts": _extension, "mobility": _extension, "ah": _ah, "frag": _frag, "esp": _esp,
    "udp": _udp, "tcp": _tcp, "sctp": _sctp, "gtpu": _gtpu, "vxlan": _vxlan, "hep1": _hep1,
    "hep2": _hep1, "hep3": _hep3, "ws": _ws,
}  # fmt: skip
LINKS = {
    "eth": 1, "sll": 113, "sll2": 276, "null": 0, "loop": 108, "raw": 101, "ppp": 9, "chdlc": 104,
}  # fmt: skip
