"""A captured packet with nothing in it but what its layers need to be read again.

How it works: `out` begins as zeros, as long as the packet. `packet.py` copies into it,
layer by layer, the fields that name nobody; the payload is put in later, and checksums
are computed last, the innermost first. What no rule copies stays zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ringfence.wire.records import Record

MESSAGE, SEGMENT, FRAGMENT, NOTHING = "message", "segment", "fragment", "nothing"


@dataclass(slots=True)
class Shell:
    """One packet, or one datagram put together, on its way out."""

    octets: bytes
    out: bytearray
    record: Record | None = None
    kind: str = NOTHING
    start: int = 0  # where the payload stands
    end: int = 0
    source: bytes = b""  # as captured, of the innermost layer that has addresses
    destination: bytes = b""
    source_port: int = 0
    destination_port: int = 0
    protocol: int = 0
    sequence: int = 0  # of a segment
    flags: int = 0
    ident: int = 0  # of a fragment
    offset: int = 0
    shown_source: bytes = b""  # as the packet says now
    shown_destination: bytes = b""
    fixes: list[Callable[[], None]] = field(default_factory=list)

    @property
    def payload(self) -> bytes:
        return self.octets[self.start : self.end]

    def fill(self, at: int, octets: bytes) -> None:
        """Put octets into the payload; what would stand outside of it is left out."""
        begin = max(at, 0)
        octets = octets[begin - at : self.end - self.start - at]
        if octets:
            self.out[self.start + begin : self.start + begin + len(octets)] = octets

    def finish(self) -> bytes:
        """The packet, its checksums computed."""
        for fix in reversed(self.fixes):
            fix()
        self.fixes.clear()
        return bytes(self.out)
