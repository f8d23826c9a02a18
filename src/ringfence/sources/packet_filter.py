"""Which packets the kernel hands over: a program of classic BPF, and its assembler.

How it works: a `Step` is one instruction, with labels where it jumps to; `assemble`
turns labels into distances, `attach` gives the program to a socket. Taken are UDP, TCP
and SCTP from or to a port of signalling, behind up to two VLAN tags; later fragments,
which have no ports (a long INVITE comes in pieces); and IPv6 with extension headers,
which are rare, and a place to hide a port in. Loads beyond a packet refuse it.
Source: Documentation/networking/filter.rst.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# SIP, and SIP over TLS (unreadable, but it shows who comes): RFC 3261, 18.
SIP_PORTS = (5060, 5061)
# Ports that may be named: a conditional jump reaches 255 steps far.
MAX_PORTS = 64
# Octets of a packet that are handed over: all of it.
_WHOLE = 262_144
_SO_ATTACH_FILTER = 26

_LOAD_HALF, _LOAD_BYTE = 0x28, 0x30  # from an offset
_LOAD_HALF_X, _LOAD_BYTE_X = 0x48, 0x50  # from X and an offset
_SET_X, _TAX, _TXA = 0x01, 0x07, 0x87
_ADD, _ADD_X, _AND, _SHIFT_LEFT, _SHIFT_RIGHT = 0x04, 0x0C, 0x54, 0x64, 0x74
_JUMP, _IF_EQUAL, _IF_ANY_BIT, _RETURN = 0x05, 0x15, 0x45, 0x06

_TAGS = (0x8100, 0x88A8, 0x9100)
_TRANSPORTS = (socket.IPPROTO_TCP, socket.IPPROTO_UDP, socket.IPPROTO_SCTP)
# Hop-by-hop, routing, fragment, authentication, destination options, mobility.
_EXTENSIONS = (0, 43, 44, 51, 60, 135)
# Behind one of them: what every host says to find its neighbours and groups.
_ICMPV6 = 58


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction; without a label it goes on with the next one."""

    code: int
    k: int = 0
    then: str = ""
    otherwise: str = ""
    label: str = ""


def signalling(ports: Iterable[int] = (), *, ethernet: bool = True) -> list[Step]:
    """Take packets of SIP's ports and these. Without `ethernet` packets begin with IP.

    Raises ValueError for too many ports, and for what is none.
    """
    wanted = tuple(dict.fromkeys((*SIP_PORTS, *ports)))
    if len(wanted) > MAX_PORTS:
        raise ValueError(f"{len(wanted)} ports: at most {MAX_PORTS} can be listened to")
    if any(not 0 < port < 65_536 for port in wanted):
        raise ValueError("a port is a number from 1 to 65535")
    link = _ethernet() if ethernet else _version()
    return [*link, *_ipv4(), *_ipv6(), *_ports(wanted)]


def _ethernet() -> list[Step]:
    """X is where IP begins, after none, one or two tags."""
    steps: list[Step] = []
    for tags in range(3):
        kind_at = 12 + 4 * tags
        steps += [
            Step(_SET_X, kind_at + 2, label=f"tags {tags}"),
            Step(_LOAD_HALF, kind_at),
            Step(_IF_EQUAL, 0x0800, then="ipv4"),
            Step(_IF_EQUAL, 0x86DD, then="ipv6"),
        ]
        if tags < 2:
            steps += [Step(_IF_EQUAL, tag, then=f"tags {tags + 1}") for tag in _TAGS]
        steps.append(Step(_JUMP, then="refuse"))
    return steps


def _version() -> list[Step]:
    """The kernel took the link's header off, and a tag; behind a second one nothing is found."""
    return [
        Step(_SET_X, 0),
        Step(_LOAD_BYTE, 0),
        Step(_SHIFT_RIGHT, 4),
        Step(_IF_EQUAL, 4, then="ipv4"),
        Step(_IF_EQUAL, 6, then="ipv6", otherwise="refuse"),
    ]


def _ipv4() -> list[Step]:
    return [
        Step(_LOAD_BYTE_X, 9, label="ipv4"),
        *_one_of(_TRANSPORTS, "ipv4 transport"),
        Step(_JUMP, then="refuse"),
        Step(_LOAD_HALF_X, 6, label="ipv4 transport"),
        Step(_IF_ANY_BIT, 0x1FFF, then="take"),  # a later fragment
        Step(_LOAD_BYTE_X, 0),
        Step(_AND, 15),
        Step(_SHIFT_LEFT, 2),
        Step(_ADD_X),
        Step(_TAX),
        Step(_JUMP, then="ports"),
    ]


def _ipv6() -> list[Step]:
    return [
        Step(_LOAD_BYTE_X, 6, label="ipv6"),
        *_one_of(_TRANSPORTS, "ipv6 transport"),
        *_one_of(_EXTENSIONS, "ipv6 extension"),
        Step(_JUMP, then="refuse"),
        Step(_LOAD_BYTE_X, 40, label="ipv6 extension"),
        Step(_IF_EQUAL, _ICMPV6, then="refuse", otherwise="take"),
        Step(_TXA, label="ipv6 transport"),
        Step(_ADD, 40),
        Step(_TAX),
    ]


def _ports(ports: Sequence[int]) -> list[Step]:
    return [
        Step(_LOAD_HALF_X, 0, label="ports"),
        *_one_of(ports, "take"),
        Step(_LOAD_HALF_X, 2),
        *_one_of(ports, "take"),
        Step(_RETURN, 0, label="refuse"),
        Step(_RETURN, _WHOLE, label="take"),
    ]


def _one_of(values: Iterable[int], label: str) -> list[Step]:
    return [Step(_IF_EQUAL, value, then=label) for value in values]


def assemble(steps: Sequence[Step]) -> bytes:
    """The program as the kernel takes it. Raises ValueError where a jump is too far."""
    places = {step.label: at for at, step in enumerate(steps) if step.label}
    return b"".join(_instruction(step, at, places) for at, step in enumerate(steps))


def _instruction(step: Step, at: int, places: dict[str, int]) -> bytes:
    then = places[step.then] - at - 1 if step.then else 0
    otherwise = places[step.otherwise] - at - 1 if step.otherwise else 0
    if step.code == _JUMP:
        return struct.pack("=HBBI", step.code, 0, 0, then)
    if not (0 <= then < 256 and 0 <= otherwise < 256):
        raise ValueError(f"step {at} jumps too far")
    return struct.pack("=HBBI", step.code, then, otherwise, step.k)


def attach(to: socket.socket, program: bytes) -> None:
    """Let the socket get what the program takes, and nothing else. Raises OSError."""
    octets = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("HP", len(program) // 8, ctypes.addressof(octets))
    to.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, described)
