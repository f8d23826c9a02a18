"""What the decoder makes of octets, as values that tests compare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address

from ringfence.wire import _columns as columns
from ringfence.wire._batch import Batch
from ringfence.wire._parts import parts
from ringfence.wire._sip import message
from ringfence.wire.anomaly import Anomaly
from ringfence.wire.decoder import Decoder
from ringfence.wire.table import MessageTable

Row = dict[str, "int | bytes"]
REASONS = {name: value for name, value in vars(columns).items() if name.startswith("R_")}


@dataclass(slots=True)
class Decoded:
    """All rows of a capture, every column filled; what was not decoded, and why."""

    rows: list[Row] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    damages: list[tuple[int, int]] = field(default_factory=list)
    packets: int = 0

    @property
    def lines(self) -> list[str]:
        """Rows and counts as a case of wire_cases/ writes them."""
        return [describe(row) for row in self.rows] + [
            f"{name} {count}" for name, count in self.counts.items()
        ]


def decode(octets: bytes, step: int | None = None, rows: int = 64) -> Decoded:
    """Decode a capture that comes in pieces of `step` octets. Raises WireError."""
    decoder = Decoder(rows)
    found = Decoded()
    for table in tables(decoder, octets, step):
        table.fill_parts()
        found.rows += [row_of(table, row) for row in table.rows()]
        found.texts += [table.message(row) for row in table.rows()]
    found.counts = counts_of(decoder.batch)
    found.damages = [(damage.offset, damage.skipped) for damage in decoder.damages]
    found.packets = decoder.batch.packets
    return found


def tables(decoder: Decoder, octets: bytes, step: int | None = None) -> Iterator[MessageTable]:
    """Feed the decoder; the tables it makes, each valid until the next."""
    at = 0
    while at < len(octets):
        room = decoder.room()
        size = min(len(room), step or len(room), len(octets) - at)
        room[:size] = octets[at : at + size]
        at += size
        yield from decoder.decode(size)
    yield from decoder.decode(0, last=True)


def counts_of(batch: Batch) -> dict[str, int]:
    """Counters that are not zero, by the names of `_columns.py`."""
    return {name: batch.counts[n] for name, n in sorted(REASONS.items()) if batch.counts[n]}


def row_of(table: MessageTable, row: int) -> Row:
    """Every column of one row."""
    numbers: Row = {name: table.number(row, name) for name in columns.NUMBERS}
    numbers |= {name: table.number(row, name) for name in columns.WIDE}
    numbers |= {name: table.text(row, name) for name in columns.SPANS}
    del numbers["text"]  # where in the buffer: depends on how the capture was fed
    numbers["message"] = table.message(row)
    numbers["source"] = table.address(row, "source")
    numbers["destination"] = table.address(row, "destination")
    return numbers


def read_message(octets: bytes, port: int = 5060) -> Row | None:
    """Every column of the message in these octets, None when they are none."""
    buffer = bytearray(b"#" * 8 + octets + b"#" * 8)
    batch = Batch(buffer, 1)
    batch.source_port = batch.destination_port = port
    if not message(batch, 8, 8 + len(octets)):
        return None
    parts(batch, 0, 1)
    return row_of(MessageTable(batch, buffer), 0)


def anomalies(row: Row) -> set[str]:
    """Names of the anomalies of a row."""
    return {bit.name for bit in Anomaly(int(row["anomalies"])) if bit.name}


def describe(row: Row) -> str:
    """Transport, addresses, method or status, Call-ID, anomalies: one line."""
    method = columns.METHODS[int(row["method"])] or str(row["status"])
    call_id = bytes(row["call_id"]).decode("ascii", "backslashreplace")
    words = [
        columns.TRANSPORTS[int(row["transport"])],
        _end(row, "source"),
        ">",
        _end(row, "destination"),
        method,
        call_id.partition("@")[0] or "-",
    ]
    return " ".join([*words, *sorted(anomalies(row))])


def _end(row: Row, side: str) -> str:
    address = ip_address(row[side])
    shown = f"[{address}]" if address.version == 6 else str(address)
    return f"{shown}:{int(row[f'{side}_port'])}"
