"""The packets of the accused and their answers, as captured, with comments: one pcapng file.

How it works: for each table, rows whose source or destination is accused, and rows that
a clue names, are found with NumPy; their packets, with all fragments and segments they
came in, are written unchanged. Media is never decoded to a row, so it stays out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, BinaryIO

from ringfence.evidence.remarks import Remarks
from ringfence.evidence.roles import name_roles, packed_names
from ringfence.model.incident import Incident
from ringfence.wire.pcapng_writer import PcapngWriter
from ringfence.wire.records import packets_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ringfence.wire.decoder import Decoder
    from ringfence.wire.table import MessageTable

FILTER = (
    "SIP messages whose source or destination is an accused address, or which a clue names; "
    "all packets that these messages came in; no media"
)
# Inputs named in the file's header; incident.json names all.
_MAX_INPUTS = 40
_MAX_PATH = 200
# 2**64 divided by the golden ratio, as in Fibonacci hashing: any odd number would do.
_MIX = 0x9E3779B97F4A7C15
_MAPPED_HIGH, _MAPPED_PREFIX = 0, 0xFFFF << 32


@dataclass(frozen=True, slots=True)
class Slice:
    """What was written, and what was not found any more."""

    messages: int
    packets: int
    without_packets: int  # messages whose packets were given up by the reassembly
    lost_remarks: int  # packets that a clue names, but no message of the slice came in


def write_slice(
    stream: BinaryIO,
    incident: Incident,
    tables: Iterable[tuple[int, Decoder, MessageTable]],
    tool: str,
) -> Slice:
    """Write the accused's packets of these tables; decoders should keep packets."""
    roles = name_roles(incident)
    remarks = Remarks(incident, roles)
    writer = PcapngWriter(tool)
    chooser = _Chooser(incident, remarks)
    stream.write(writer.start(describe(incident, tool)))
    if roles:
        stream.write(writer.names(packed_names(roles)))
    messages = packets = without = 0
    for number, decoder, table in tables:
        rows = chooser.rows(table, number)
        messages += len(rows)
        name = incident.inputs[number].path
        for records in packets_of(decoder, table, rows):
            without += records is None
            for r in records or ():
                said = remarks.take(number, r.packet)
                stream.write(writer.packet(r.link, name, r.time_ns, r.octets, r.original, said))
                packets += 1
    return Slice(messages, packets, without, remarks.lost)


def describe(incident: Incident, tool: str) -> str:
    """How the file was made: for its header, and for whoever opens it."""
    lines = [
        f"Made by {tool} from captures that were not changed.",
        f"Holds: {FILTER}.",
        "Comments that begin with 'ringfence:' were added; octets and times were not touched.",
        "Names ending in .ringfence are roles, not host names.",
        "Captures:",
    ]
    lines += [
        f"  {n}: {i.path[-_MAX_PATH:]} ({i.bytes} octets, SHA-256 {i.sha256})"
        for n, i in enumerate(incident.inputs[:_MAX_INPUTS])
    ]
    if len(incident.inputs) > _MAX_INPUTS:
        lines.append(f"  and {len(incident.inputs) - _MAX_INPUTS} more, named in incident.json")
    return "\n".join(lines)


class _Chooser:
    """Which rows of a table belong into the slice."""

    def __init__(self, incident: Incident, remarks: Remarks) -> None:
        import numpy as np

        self._remarks = remarks
        self._words = {_words(suspect.address) for suspect in incident.suspects}
        mixed = [(high * _MIX & (1 << 64) - 1) ^ low for high, low in self._words]
        self._mixed = np.array(sorted(mixed), np.uint64)
        self._named: dict[int, NDArray[np.uint64]] = {}

    def rows(self, table: MessageTable, number: int) -> list[int]:
        """Rows of the accused and rows that clues name, ascending; remarks are noted before."""
        import numpy as np

        numbers, wide = table.numbers, table.wide
        from_accused = self._accused(wide, "source")
        to_accused = self._accused(wide, "destination")
        success = to_accused & (numbers["status"] >= 200) & (numbers["status"] < 300)
        self._remarks.note_answers(table, np.flatnonzero(success).tolist(), number)
        named = np.isin(wide["packet"], self._packets(number))
        chosen: list[int] = np.flatnonzero(from_accused | to_accused | named).tolist()
        return chosen

    def _accused(self, wide: dict[str, NDArray[np.uint64]], side: str) -> NDArray[np.bool_]:
        """The hash of an address decides fast that it is not accused; the address, that it is."""
        import numpy as np

        high, low = wide[f"{side}_high"], wide[f"{side}_low"]
        maybe = np.isin(high * np.uint64(_MIX) ^ low, self._mixed)
        rows = np.flatnonzero(maybe)
        pairs = zip(high[rows].tolist(), low[rows].tolist(), strict=True)
        maybe[rows] = [pair in self._words for pair in pairs]
        return maybe

    def _packets(self, number: int) -> NDArray[np.uint64]:
        import numpy as np

        if number not in self._named:
            packets = sorted(self._remarks.packets_of_input(number))
            self._named[number] = np.array(packets, np.uint64)
        return self._named[number]


def _words(address: str) -> tuple[int, int]:
    """The address as the table has it: two words, IPv4 as ::ffff:a.b.c.d."""
    packed = ip_address(address).packed
    if len(packed) == 4:
        return _MAPPED_HIGH, _MAPPED_PREFIX | int.from_bytes(packed)
    return int.from_bytes(packed[:8]), int.from_bytes(packed[8:])
