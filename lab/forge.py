"""Packets with an invented or a stolen sender (raw sockets, inside the lab only)."""

import asyncio
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Final

from lab.addresses import FORGED_NETWORK, HOSTS, PBX, SIP_PORT
from lab.namespaces import World

# One scenario forges at most this many packets: the lab stays a lab.
MAX_FORGED: Final = 5000
_IP_HEAD: Final = struct.Struct(">BBHHHBBH4s4s")
_UDP_HEAD: Final = struct.Struct(">HHHH")


@dataclass(frozen=True, slots=True)
class Forgery:
    """One packet: the sender it claims and what it says."""

    source: str
    port: int
    text: str
    ttl: int = 54


def packet(forgery: Forgery, number: int) -> bytes:
    """IPv4 and UDP around a forgery's text; the kernel fills in the IP checksum."""
    body = forgery.text.encode()
    length = _UDP_HEAD.size + len(body)
    source, target = IPv4Address(forgery.source).packed, IPv4Address(PBX).packed
    ip = _IP_HEAD.pack(
        0x45, 0, _IP_HEAD.size + length, number & 0xFFFF, 0, forgery.ttl, 17, 0, source, target
    )
    return ip + _UDP_HEAD.pack(forgery.port, SIP_PORT, length, 0) + body


async def send(world: World, host: str, forgeries: Iterable[Forgery], per_s: float) -> int:
    """Send forgeries to the PBX at a steady rate; how many were sent."""
    with world.entered(host):
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    loop, sent = asyncio.get_running_loop(), 0
    begin = loop.time()
    try:
        for forgery in forgeries:
            if sent == MAX_FORGED:
                raise ValueError(f"more than {MAX_FORGED} forged packets")
            if not _is_ours(forgery.source):
                raise ValueError(f"{forgery.source} is no address of the lab")
            raw.sendto(packet(forgery, sent), (PBX, 0))
            sent += 1
            await asyncio.sleep(max(0.0, begin + sent / per_s - loop.time()))
    finally:
        raw.close()
    return sent


def _is_ours(source: str) -> bool:
    known = {address.split("/")[0] for host in HOSTS for address in host.addresses}
    return source in known or ip_address(source) in ip_network(FORGED_NETWORK)
