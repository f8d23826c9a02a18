"""A message's text → one packet's octets with patches, filled for thousands of packets at once."""

import re
from dataclasses import dataclass
from ipaddress import ip_address

import numpy as np
from numpy.typing import NDArray

from benchmarks.fields import FIELDS, Group, Octets, address_octets, media_port, source_port
from benchmarks.messages import (
    COMPACT_PHONE,
    ODD_CASE_PHONE,
    PBX_HOSTS,
    PHONES,
    TEXTS,
    TOOLS,
    compact,
    odd_case,
    with_crlf,
)

PBX_ADDRESS = {family: ip_address(host).packed for family, host in PBX_HOSTS.items()}
VLAN = 100

_PBX_MAC = bytes.fromhex("02005e000010")
_ROUTER_MAC = bytes.fromhex("02005e0000fe")
_ETHERTYPE = {4: 0x0800, 6: 0x86DD}
_PATCH = re.compile(rb"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Look:
    """Which of the many forms of one message: the key of a template."""

    message: str
    from_source: bool
    variant: int  # the phone's or the tool's make
    family: int
    vlan: bool


@dataclass(frozen=True, slots=True)
class Template:
    """One capture record without its fields."""

    octets: bytes  # record header, frame, padding
    patches: tuple[tuple[int, str], ...]
    look: Look
    ip_at: int
    ip_length: int
    pcapng: bool

    @property
    def label(self) -> str:
        """The method, the status, or "rtp"."""
        if self.look.message.startswith("rtp"):
            return "rtp"
        words = TEXTS[self.look.message].split(" ", 2)
        return words[1] if words[0] == "SIP/2.0" else words[0]


def build(look: Look, pcapng: bool) -> Template:
    """The template of one look, in one capture format."""
    payload, patches = _payload(look)
    link = _ethernet(look)
    network = _network(look, len(payload))
    frame = link + network + payload
    record = _enhanced_block(frame) if pcapng else _pcap_record(frame)
    ip_at = (28 if pcapng else 16) + len(link)
    before = ip_at + len(network)
    return Template(
        octets=record,
        patches=tuple((before + at, name) for at, name in patches),
        look=look,
        ip_at=ip_at,
        ip_length=len(network) + len(payload),
        pcapng=pcapng,
    )


def fill(template: Template, group: Group, time_us: NDArray[np.int64]) -> Octets:
    """The records of a group of packets: (n, length rounded up to even)."""
    length = len(template.octets)
    base = np.frombuffer(template.octets + bytes(length % 2), np.uint8)
    rows: Octets = np.tile(base, (len(time_us), 1))
    for at, name in template.patches:
        field = FIELDS[name]
        rows[:, at : at + field.width(group.family)] = field.fill(group)
    _stamp(rows, template, time_us)
    _address(rows, template, group)
    _sum_up(rows, template)
    return rows


def _payload(look: Look) -> tuple[bytes, list[tuple[int, str]]]:
    """The UDP payload with zeros where fields go, and where they go."""
    text = _wording(look)
    if not look.message.startswith("rtp"):
        text = with_crlf(text)
    marked = text.encode("latin-1")
    head, blank, body = marked.partition(b"\r\n\r\n")
    length = str(len(_cut(body, look.family)[0])).encode()
    return _cut(head.replace(b"<<length>>", length) + blank + body, look.family)


def _wording(look: Look) -> str:
    host = PBX_HOSTS[look.family]
    text = TEXTS[look.message].replace("<<family>>", f"IP{look.family}")
    text = text.replace("<<pbx bare>>", host)
    text = text.replace("<<pbx>>", host if look.family == 4 else f"[{host}]")
    if text.startswith("SIP/2.0 ") or look.message.startswith("rtp"):
        return text
    if "Desk {extension}" not in text:
        return text.replace("<<agent>>", TOOLS[look.variant])
    restyle = {COMPACT_PHONE: compact, ODD_CASE_PHONE: odd_case}.get(look.variant)
    text = text.replace("<<agent>>", PHONES[look.variant])
    return restyle(text) if restyle else text


def _cut(marked: bytes, family: int) -> tuple[bytes, list[tuple[int, str]]]:
    """Replace each {field} by zeros of its width; say where they are."""
    out, patches, done = bytearray(), [], 0
    for mark in _PATCH.finditer(marked):
        out += marked[done : mark.start()]
        name = mark[1].decode()
        patches.append((len(out), name))
        out += bytes(FIELDS[name].width(family))
        done = mark.end()
    return bytes(out + marked[done:]), patches


def _ethernet(look: Look) -> bytes:
    ends = (_PBX_MAC, _ROUTER_MAC) if look.from_source else (_ROUTER_MAC, _PBX_MAC)
    tag = b"\x81\x00" + VLAN.to_bytes(2, "big") if look.vlan else b""
    return b"".join(ends) + tag + _ETHERTYPE[look.family].to_bytes(2, "big")


def _network(look: Look, payload: int) -> bytes:
    """IP and UDP headers; addresses, the source's port and checksums come later."""
    udp = bytes(4) + (payload + 8).to_bytes(2, "big") + bytes(2)
    hops = 54 if look.from_source else 64
    if look.family == 6:
        return (
            b"\x60\0\0\0" + (payload + 8).to_bytes(2, "big") + bytes([17, hops]) + bytes(32) + udp
        )
    total = (payload + 28).to_bytes(2, "big")
    return b"\x45\0" + total + b"\0\0\x40\0" + bytes([hops, 17]) + bytes(10) + udp


def _pcap_record(frame: bytes) -> bytes:
    return bytes(8) + len(frame).to_bytes(4, "little") * 2 + frame


def _enhanced_block(frame: bytes) -> bytes:
    """A pcapng Enhanced Packet Block without its time."""
    padding = bytes(-len(frame) % 4)
    total = (32 + len(frame) + len(padding)).to_bytes(4, "little")
    sizes = len(frame).to_bytes(4, "little") * 2
    return b"\6\0\0\0" + total + bytes(12) + sizes + frame + padding + total


def _stamp(rows: Octets, template: Template, time_us: NDArray[np.int64]) -> None:
    if template.pcapng:
        at, parts = 12, (time_us >> 32, time_us & 0xFFFFFFFF)
    else:
        at, parts = 0, (time_us // 1_000_000, time_us % 1_000_000)
    stamp = np.stack(parts, 1).astype("<u4").view(np.uint8).reshape(-1, 8)
    rows[:, at : at + 8] = stamp


def _address(rows: Octets, template: Template, group: Group) -> None:
    """Write both ends' addresses and ports."""
    look = template.look
    size = 4 if look.family == 4 else 16
    first = template.ip_at + (12 if look.family == 4 else 8)
    source, pbx = (first, first + size) if look.from_source else (first + size, first)
    rows[:, source : source + size] = address_octets(group)
    rows[:, pbx : pbx + size] = np.frombuffer(PBX_ADDRESS[look.family], np.uint8)
    udp = first + 2 * size
    source, pbx = (udp, udp + 2) if look.from_source else (udp + 2, udp)
    if look.message.startswith("rtp"):
        rows[:, source : source + 2] = _port(media_port(group, "phone media"))
        rows[:, pbx : pbx + 2] = _port(media_port(group, "pbx media"))
    else:
        rows[:, source : source + 2] = _port(source_port(group))
        rows[:, pbx : pbx + 2] = np.array([5060 >> 8, 5060 & 0xFF], np.uint8)


def _port(numbers: NDArray[np.uint64]) -> Octets:
    return numbers.astype(">u2").view(np.uint8).reshape(-1, 2)


def _sum_up(rows: Octets, template: Template) -> None:
    """Write the checksums of IPv4 and UDP (RFC 1071: the sum does not mind the byte order)."""
    words = rows.view(np.uint16)
    ip, family = template.ip_at // 2, template.look.family
    addresses = ip + (6 if family == 4 else 4)
    udp = ip + (10 if family == 4 else 20)
    end = ip + (template.ip_length + 1) // 2
    if family == 4:
        words[:, ip + 5] = ~_folded(words[:, ip : ip + 10].sum(axis=1, dtype=np.uint32))
    # The pseudo-header: both addresses, the protocol and the UDP length again.
    rest = np.uint32((17 << 8) + int(words[0, udp + 2])) if len(rows) else np.uint32(0)
    total = ~_folded(words[:, addresses:end].sum(axis=1, dtype=np.uint32) + rest)
    words[:, udp + 3] = np.where(total == 0, np.uint16(0xFFFF), total)


def _folded(total: NDArray[np.uint32]) -> NDArray[np.uint16]:
    for _ in range(2):
        total = (total & np.uint32(0xFFFF)) + (total >> np.uint32(16))
    return total.astype(np.uint16)
