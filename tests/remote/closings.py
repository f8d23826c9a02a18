"""Plans as rules need them, and the gate of the namespace that has the phone system."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import ip_network

from ringfence.model.lockdown import Ports
from ringfence.remote.gate import Gate
from ringfence.remote.ruleset import Closing
from ringfence.respond.nft.program import Program
from tests.respond.block.wire import FRIENDS, HERE, Wire

CARRIER, USER, STRANGER, SIX = "198.51.100.1", "198.51.100.9", "203.0.113.66", "2001:db8::66"


def closing(*networks: str, identifier: str = "0123abcd", ports: Ports | None = None) -> Closing:
    """A plan that admits these."""
    return Closing(identifier, ports or Ports(), tuple(ip_network(one) for one in networks))


def gate_of(wire: Wire) -> Gate:
    """The real nft, inside."""
    return Gate(Program(("ip", "netns", "exec", f"{wire.prefix}in", "nft")))


def heard(
    wire: Wire, senders: Sequence[str], port: int = 5060, octets: bytes = b"REGISTER"
) -> list[str]:
    """Which of these addresses get a datagram to this port.

    A port that nobody closes gets a word at the end: what is not there before will never be.
    """
    found: list[str] = []
    for version in (4, 6):
        family = socket.AF_INET6 if version == 6 else socket.AF_INET
        here, friend = HERE[version == 6], FRIENDS[version == 6]
        mine = [one for one in senders if (":" in one) == (version == 6)]
        with (
            wire._socket("in", family, here, port) as ours,
            wire._socket("in", family, here, 9) as end,
        ):
            for source in mine:
                with wire._socket("out", family, source, 40000) as theirs:
                    theirs.sendto(octets, (here, port))
            with wire._socket("out", family, friend, 40000) as theirs:
                theirs.sendto(b"end", (here, 9))
            end.settimeout(5)
            end.recv(16)
            ours.setblocking(False)
            while True:
                try:
                    found.append(str(ours.recvfrom(65535)[1][0]))
                except BlockingIOError:
                    break
    return found


def connects(wire: Wire, source: str, port: int) -> bool:
    """Whether a TCP connection comes about; somebody listens."""
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    here = HERE[":" in source]
    with (
        wire._socket("in", family, here, port, socket.SOCK_STREAM) as server,
        wire._socket("out", family, source, 0, socket.SOCK_STREAM) as client,
    ):
        server.listen()
        client.settimeout(0.4)
        try:
            client.connect((here, port))
        except TimeoutError:
            return False
        return True
