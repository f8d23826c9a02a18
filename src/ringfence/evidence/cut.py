"""What was cut out of the rolling buffer: a copy, which any thread may write as pcapng."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ringfence.model.text import count
from ringfence.wire.pcapng_writer import PcapngWriter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Interface names of the file are read by people.
_NAME = "guard"


@dataclass(frozen=True, slots=True)
class Written:
    """A file of packets, and its hash, taken as it was written."""

    packets: int
    octets: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Cut:
    """Packets in the order in which they came, one behind the other."""

    octets: bytes
    lengths: NDArray[np.uint32]
    originals: NDArray[np.uint32]
    times: NDArray[np.uint64]
    links: NDArray[np.uint16]
    # Packets of these addresses that were given up for want of room in about that time, where
    # it is known (`rolling.MAX_THINNED`), and of everybody in that time: 0 says that nothing
    # is missing.
    thinned: int = 0
    thinned_in_all: int = 0

    def __len__(self) -> int:
        return len(self.lengths)

    def write_to(self, write: Callable[[bytes], object], tool: str, comment: str = "") -> Written:
        """As pcapng, through `write` (of a file, say), which raises OSError where it cannot."""
        digest, octets = hashlib.sha256(), 0

        def put(block: bytes) -> None:
            nonlocal octets
            write(block)
            digest.update(block)
            octets += len(block)

        writer = PcapngWriter(tool)
        put(writer.start("\n".join(filter(None, (comment, self.describe())))))
        rows = zip(
            self.links.tolist(), self.times.tolist(), self.lengths.tolist(),
            self.originals.tolist(), strict=True,
        )  # fmt: skip
        at = 0
        for link, time_ns, length, original in rows:
            packet = self.octets[at : at + length]
            put(writer.packet(link, _NAME, time_ns, packet, original))
            at += length
        return Written(len(self), octets, digest.hexdigest())

    def describe(self) -> str:
        """What the file holds and what it does not: for its header, and for its case."""
        held = "Signalling as it arrived, kept from before the verdict; no media."
        if not self.thinned_in_all:
            return f"{held} Nothing was left out."
        if self.thinned:
            whose = f"about {count(self.thinned, 'packet')} of these addresses"
        else:
            whose = "few if any packets of these addresses"
        return (
            f"{held} There was more than the buffer takes. Left out: {whose}, "
            f"of {count(self.thinned_in_all, 'packet')} in all; whole dialogs, drawn by lot."
        )
