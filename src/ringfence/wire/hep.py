"""HEP, the Homer encapsulation: what capture agents send to a collector, versions 1 to 3.

How it works: version 3 is "HEP3", a total length and chunks of vendor, type,
length and value, in network order. Versions 1 and 2 are a fixed header with the
addresses; version 2 has seconds, microseconds and the agent's number behind it,
least significant octet first (Kamailio swaps them on other machines).
Rules: chunks of vendors and of unknown types are passed over, and so are chunks
whose size is wrong for their type, as the senders' own receivers do; the last of
several counts. The addresses are claims of the agent, not of the network.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from ringfence.wire.errors import WireError

# A payload may inflate to as much as a datagram can carry; more is a bomb.
MAX_INFLATED = 64 * 1024

MAGIC = b"HEP3"
HEADER = 6  # of the packet: magic, length; of a chunk: vendor, type, length
FAMILY_IPV4 = 2
# AF_INET6 of Linux, and of the BSDs and macOS: agents send what their system says.
FAMILIES_IPV6 = (10, 24, 28, 30)

_PAYLOAD, _COMPRESSED_PAYLOAD = 0x0F, 0x10
_MAPPED = bytes(10) + b"\xff\xff"


@dataclass(frozen=True, slots=True)
class HepPacket:
    """One captured payload and what its agent says about it; empty or 0: not said."""

    version: int
    src: bytes = b""  # 4 or 16 octets
    dst: bytes = b""
    sport: int = 0
    dport: int = 0
    transport: int = 17  # IP protocol; 22 is what Kamailio says for TLS and WebSocket
    time_ns: int = 0
    payload: bytes = b""
    protocol_type: int = 1  # 1 SIP, 5 RTCP, 100 log line
    node: int = 0  # the number of the agent
    node_name: bytes = b""
    correlation: bytes = b""
    auth_key: bytes = b""


def decode_hep(octets: bytes, *, whole: bool = False) -> HepPacket | None:
    """The packet at the start of `octets`; None: need more; WireError: not HEP, or damaged.

    `whole`: nothing more will come (a datagram, or a cut one), so that chunks count as
    far as they go and None is never returned.
    """
    if octets[:1] in (b"\x01", b"\x02"):
        return _decode_fixed(octets, whole)
    if not octets.startswith(MAGIC[: len(octets)]):
        raise WireError("neither HEP3 nor a HEP version", offset=0)
    if len(octets) < HEADER:
        return _need_more(whole, len(octets))
    size = int.from_bytes(octets[4:6], "big")
    if size < HEADER:
        raise WireError(f"HEP packet says that it has {size} octets", offset=4)
    if len(octets) < size and not whole:
        return None
    return _from_chunks(_split_chunks(octets[:size], whole))


def _need_more(whole: bool, at: int) -> HepPacket | None:
    if whole:
        raise WireError("HEP packet ends too early", offset=at)
    return None


def _split_chunks(packet: bytes, whole: bool) -> dict[int, bytes]:
    """The last value of each type of vendor 0."""
    chunks: dict[int, bytes] = {}
    at = HEADER
    while at + HEADER <= len(packet):
        size = int.from_bytes(packet[at + 4 : at + 6], "big")
        if size < HEADER:
            raise WireError(f"HEP chunk says that it has {size} octets", offset=at + 4)
        if at + size > len(packet) and not whole:
            raise WireError("HEP chunk is longer than its packet", offset=at + 4)
        vendor_and_type = int.from_bytes(packet[at : at + 4], "big")
        if vendor_and_type < 0x10000:
            chunks[vendor_and_type] = packet[at + HEADER : at + size]
        at += size
    return chunks


def _from_chunks(chunks: dict[int, bytes]) -> HepPacket:
    seconds, microseconds = _number(chunks, 0x09, 4), _number(chunks, 0x0A, 4)
    return HepPacket(
        version=3,
        src=_address(chunks, 0x03, 0x05),
        dst=_address(chunks, 0x04, 0x06),
        sport=_number(chunks, 0x07, 2),
        dport=_number(chunks, 0x08, 2),
        transport=_number(chunks, 0x02, 1, otherwise=17),
        time_ns=_time_ns(seconds, microseconds),
        payload=_payload(chunks),
        protocol_type=_number(chunks, 0x0B, 1, otherwise=1),
        node=_number(chunks, 0x0C, 4),
        node_name=chunks.get(0x13, b""),
        correlation=chunks.get(0x11, b""),
        auth_key=chunks.get(0x0E, b""),
    )


def _number(chunks: dict[int, bytes], kind: int, size: int, otherwise: int = 0) -> int:
    value = chunks.get(kind, b"")
    return int.from_bytes(value, "big") if len(value) == size else otherwise


def _address(chunks: dict[int, bytes], ipv4: int, ipv6: int) -> bytes:
    """4 or 16 octets. SIP3 sends IPv4 as a mapped IPv6 address in the IPv4 chunk."""
    address = chunks.get(ipv4, b"")
    if len(address) == 16 and address.startswith(_MAPPED):
        address = address[12:]
    if len(address) == 4:
        return address
    address = chunks.get(ipv6, b"")
    return address if len(address) == 16 else b""


def _time_ns(seconds: int, microseconds: int) -> int:
    """Nanoseconds since 1970; 0 when the agent has no clock, or a broken one."""
    if not seconds or microseconds >= 1_000_000:
        return 0
    return seconds * 1_000_000_000 + microseconds * 1_000


def _payload(chunks: dict[int, bytes]) -> bytes:
    plain = chunks.get(_PAYLOAD)
    if plain is not None:
        return plain
    compressed = chunks.get(_COMPRESSED_PAYLOAD)
    if compressed is None:
        raise WireError("HEP packet has no payload", offset=HEADER)
    return inflate_payload(compressed)


def inflate_payload(compressed: bytes) -> bytes:
    """What a compressed payload (chunk 0x0010: gzip, zlib or raw deflate) holds."""
    for form in (_inflate_wrapped, _inflate_raw):
        try:
            payload = form(compressed)
        except zlib.error:
            continue
        if len(payload) > MAX_INFLATED:
            raise WireError(f"HEP payload inflates to more than {MAX_INFLATED} octets", offset=0)
        return payload
    raise WireError("HEP payload does not inflate", offset=0)


def _inflate_wrapped(compressed: bytes) -> bytes:
    return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(compressed, MAX_INFLATED + 1)


def _inflate_raw(compressed: bytes) -> bytes:
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(compressed, MAX_INFLATED + 1)


def _decode_fixed(octets: bytes, whole: bool) -> HepPacket | None:
    """Version 1 or 2: the whole rest is payload, so it must be a whole datagram."""
    if len(octets) < 8:
        return _need_more(whole, len(octets))
    version, size, family, transport = octets[:4]
    if family != FAMILY_IPV4 and family not in FAMILIES_IPV6:
        raise WireError(f"HEP names the address family {family}", offset=2)
    width = 4 if family == FAMILY_IPV4 else 16
    if size != 8 + 2 * width:
        raise WireError(f"HEP header says that it has {size} octets", offset=1)
    end = size + (12 if version == 2 else 0)
    if len(octets) < end:
        return _need_more(whole, len(octets))
    seconds, microseconds, node = _fixed_time(octets[size:end])
    return HepPacket(
        version=version,
        src=octets[8 : 8 + width],
        dst=octets[8 + width : size],
        sport=int.from_bytes(octets[4:6], "big"),
        dport=int.from_bytes(octets[6:8], "big"),
        transport=transport,
        time_ns=_time_ns(seconds, microseconds),
        payload=octets[end:],
        node=node,
    )


def _fixed_time(octets: bytes) -> tuple[int, int, int]:
    """Seconds, microseconds and agent of version 2; zeros in version 1."""
    seconds, microseconds, node = octets[:4], octets[4:8], octets[8:10]
    return (
        int.from_bytes(seconds, "little"),
        int.from_bytes(microseconds, "little"),
        int.from_bytes(node, "little"),
    )
