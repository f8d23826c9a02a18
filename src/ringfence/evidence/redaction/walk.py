"""A walk through the layers of a packet: what `packet.py` and `tunnels.py` step with."""

from __future__ import annotations

from typing import Final

from ringfence.evidence.redaction.names import Names
from ringfence.evidence.redaction.shell import Shell

# Layers that have no EtherType; values below 65536 are EtherTypes.
ETHERNET: Final = 65536
IP: Final = 65537


class Walk:
    """One walk through the layers of a packet."""

    def __init__(self, shell: Shell, names: Names) -> None:
        self.shell = shell
        self.names = names
        self.octets = shell.octets
        self.end = len(shell.octets)
        self.layer = 0

    def keep(self, at: int, size: int) -> None:
        """Copy octets as they are."""
        self.shell.out[at : at + size] = self.octets[at : at + size]

    def put(self, at: int, octets: bytes) -> None:
        self.shell.out[at : at + len(octets)] = octets

    def number(self, at: int, size: int = 2) -> int:
        return int.from_bytes(self.octets[at : at + size], "big")

    def has(self, at: int, size: int) -> bool:
        return at + size <= self.end

    def address(self, at: int, size: int) -> bytes:
        """Write the address that may be shown for the one here, and return it."""
        shown = self.names.address(self.octets[at : at + size], claimed=False)
        self.put(at, shown)
        return shown

    def addresses(self, at: int, size: int) -> None:
        """Source and destination, one behind the other."""
        shell = self.shell
        shell.source = self.octets[at : at + size]
        shell.destination = self.octets[at + size : at + 2 * size]
        shell.shown_source = self.address(at, size)
        shell.shown_destination = self.address(at + size, size)

    def carries(self, kind: str, start: int, end: int) -> int:
        """The walk ends here: this is the payload."""
        self.shell.kind, self.shell.start, self.shell.end = kind, start, end
        return -1

    def ports(self, at: int) -> None:
        self.keep(at, 4)
        self.shell.source_port, self.shell.destination_port = self.number(at), self.number(at + 2)
