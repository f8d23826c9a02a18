"""Rows to the lines of a list, and to the events of a ladder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ringfence.model.exchange import Event
from ringfence.model.message_line import MessageLine
from ringfence.search.cells import address, methods, plain
from ringfence.wire import _columns as columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ringfence.search.rows import Numbers, Rows

# A reason phrase is shown this far, in octets of the status line.
_MAX_STATUS_LINE = 256


def lines_of(
    table: Rows, rows: Numbers, source_input: int, *, whole: bool = False
) -> Iterator[MessageLine]:
    """These rows as lines; `whole`: with all their octets."""
    table.fill(rows)
    texts = table.messages(rows) if whole else [b""] * len(rows)
    columns_of_lines = (
        table.wide("packet", rows).tolist(),
        table.wide("time", rows).tolist(),
        *_addresses(table, rows),
        _methods(table, rows),
        table.narrow("status", rows).tolist(),
        *(_plain(table, name, rows) for name in ("from_user", "to_user", "call_id", "user_agent")),
        texts,
    )
    for values in zip(*columns_of_lines, strict=True):
        yield MessageLine(source_input, *values)


def _addresses(table: Rows, rows: Numbers) -> tuple[list[str], list[int], list[str], list[int]]:
    return (
        [address(packed) for packed in table.packed("source", rows)],
        table.narrow("source_port", rows).tolist(),
        [address(packed) for packed in table.packed("destination", rows)],
        table.narrow("destination_port", rows).tolist(),
    )


def _plain(table: Rows, name: str, rows: Numbers) -> list[str]:
    return [plain(text) for text in table.texts(name, rows)]


def _methods(table: Rows, rows: Numbers) -> list[str]:
    """The method of a request, or that of a response's CSeq."""
    of_cseq = methods(table, rows, "cseq_method")
    return [
        own or other for own, other in zip(methods(table, rows, "method"), of_cseq, strict=True)
    ]


class EventReader:
    """Rows to events, in the order of the capture; knows what was sent before."""

    def __init__(self) -> None:
        self._sent: set[tuple[object, ...]] = set()

    def read(self, table: Rows, rows: Numbers, source_input: int) -> Iterator[Event]:
        """The events of these rows."""
        for row in rows.tolist():
            yield self._event(table, row, source_input)

    def _event(self, table: Rows, row: int, source_input: int) -> Event:
        t = table.table
        t.fill_parts_of(row)
        one = table.one(row)
        sources, source_ports, destinations, destination_ports = _addresses(table, one)
        status = t.number(row, "status")
        return Event(
            input=source_input,
            packet=t.number(row, "packet"),
            time_ns=t.number(row, "time"),
            source=sources[0],
            source_port=source_ports[0],
            destination=destinations[0],
            destination_port=destination_ports[0],
            transport=columns.TRANSPORTS[t.number(row, "transport")],
            method=_methods(table, one)[0],
            status=status,
            reason=_reason(t.message(row)) if status else "",
            cseq=t.number(row, "cseq_number"),
            user=plain(t.text(row, "uri_user") or t.text(row, "to_user")),
            call_id=plain(t.text(row, "call_id")),
            repeats=self._repeats(table, row),
            credentials=plain(t.text(row, "auth_user")) if t.text(row, "auth") else None,
            challenges=bool(t.text(row, "challenge")),
            sdp_address=plain(t.text(row, "sdp_address")),
            sdp_port=t.number(row, "sdp_port"),
        )

    def _repeats(self, table: Rows, row: int) -> bool:
        """Whether the same was sent before: a transaction's message again (RFC 3261 17.1, 17.2)."""
        t = table.table
        numbers = (
            "source_high",
            "source_low",
            "destination_high",
            "destination_low",
            "status",
            "cseq_number",
        )
        texts = ("cseq", "call_id", "via_branch", "to_tag", "uri", "auth_response")
        key = (
            *(t.number(row, name) for name in numbers),
            *(t.text(row, name) for name in texts),
            *table.method_texts(table.one(row)),
        )
        known = key in self._sent
        self._sent.add(key)
        return known


def _reason(octets: bytes) -> str:
    """Reason phrase of a status line (RFC 3261 7.2)."""
    words = octets[:_MAX_STATUS_LINE].partition(b"\n")[0].split(None, 2)
    return plain(words[2].rstrip()) if len(words) > 2 else ""
