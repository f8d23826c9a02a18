"""Where the packets of a table lie in its buffer: many at once, without an object each.

How it works: each row names the position of its packet's record; the records' headers are
read as columns of NumPy. Only layouts in which a packet lies as it was captured: records
of pcap, and packets in a block of a ring (TPACKET_V3) that the kernel took nothing off.
For anything else there is `records.py`, packet by packet.
Sources: draft-ietf-opsawg-pcap; linux/if_packet.h, struct tpacket3_hdr.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ringfence.wire._batch import Batch

    Positions = NDArray[np.uint64]
    Numbers = NDArray[np.int64]
    Octets = NDArray[np.uint8]

_SECOND = 1_000_000_000
_RING_HEAD = 68  # struct tpacket3_hdr (48), struct sockaddr_ll (20)
_HAS_TAG = 0x10  # TP_STATUS_VLAN_VALID: the kernel took the tag off


@dataclass(frozen=True, slots=True)
class Spans:
    """Where each packet begins, its octets there and on the wire, its time and link."""

    starts: Numbers
    lengths: Numbers
    originals: Numbers
    times: NDArray[np.uint64]
    link: int


@runtime_checkable
class SpanHolder(Protocol):
    """A decoder whose packets can be found many at once."""

    def spans(self, positions: Positions) -> Spans | None:
        """Packets at these positions; None where they have to be read one by one."""
        ...


def pcap_spans(
    batch: Batch, buffer: bytearray | memoryview, end: int, positions: Positions
) -> Spans | None:
    """Of records of pcap in buffer[:end]; None where one of them is not all there."""
    import numpy as np

    head = batch.record_header
    at = positions.astype(np.int64) - batch.base
    if not _within(at, head, end):
        return None
    octets = np.frombuffer(buffer, np.uint8)
    order = ">" if batch.big_endian else "<"
    seconds, fraction, captured, original = (
        _column(octets, at, offset, f"{order}u4") for offset in (0, 4, 8, 12)
    )
    if not _within(at + head, captured, end):
        return None
    times = (seconds * _SECOND + fraction * batch.fraction_ns).astype(np.uint64)
    return Spans(at + head, captured, original, times, batch.link)


def ring_spans(
    buffer: bytearray | memoryview, base: int, end: int, link: int, positions: Positions
) -> Spans | None:
    """Of packets in blocks of a ring before `end`; None where the kernel took a tag off.

    `link` is that of what begins at the MAC header; of a ring whose links' headers were
    taken off (LINKTYPE_LINUX_SLL) packets have to be read one by one.
    """
    import numpy as np

    at = positions.astype(np.int64) - base
    if not _within(at, _RING_HEAD, end):
        return None
    octets = np.frombuffer(buffer, np.uint8)
    seconds, fraction, captured, original, status = (
        _column(octets, at, offset, "=u4") for offset in (4, 8, 12, 16, 20)
    )
    start = at + _column(octets, at, 24, "=u2")
    if (status & _HAS_TAG).any() or not _within(start, captured, end):
        return None
    times = (seconds * _SECOND + fraction).astype(np.uint64)
    return Spans(start, captured, original, times, link)


def _within(start: Numbers, length: Numbers | int, end: int) -> bool:
    return bool((start >= 0).all() and (start + length <= end).all())


def _column(octets: Octets, at: Numbers, offset: int, kind: str) -> Numbers:
    """The number `offset` octets behind each of these places."""
    import numpy as np

    places = at[:, None] + np.arange(offset, offset + np.dtype(kind).itemsize)
    column: Numbers = octets[places].view(kind)[:, 0].astype(np.int64)
    return column
