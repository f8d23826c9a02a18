"""Rows to the events of a ladder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ringfence.model.exchange import Event
from ringfence.search.cells import plain
from ringfence.search.lines import endpoints, own_or_asked
from ringfence.wire import _columns as columns

if TYPE_CHECKING:
    from ringfence.search.rows import Rows

# A reason phrase is shown this far, in octets of the status line.
_MAX_STATUS_LINE = 256
_WHO = ("source_high", "source_low", "destination_high", "destination_low")


class EventReader:
    """Rows to events, in the order of the capture; knows what was sent before."""

    def __init__(self) -> None:
        self._sent: set[tuple[object, ...]] = set()

    def read(self, table: Rows, row: int, source_input: int) -> Event:
        """The event of one row."""
        t = table.table
        t.fill_parts_of(row)
        one = table.one(row)
        sources, source_ports, destinations, destination_ports = endpoints(table, one)
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
            method=own_or_asked(table, one)[0],
            status=status,
            reason=_reason(t.message(row)) if status else "",
            cseq=t.number(row, "cseq_number"),
            user=plain(t.text(row, "uri_user") or t.text(row, "to_user")),
            call_id=plain(t.text(row, "call_id")),
            repeats=self._repeats(table, row, source_input),
            credentials=plain(t.text(row, "auth_user")) if t.text(row, "auth") else None,
            challenges=bool(t.text(row, "challenge")),
            sdp_address=plain(t.text(row, "sdp_address")),
            sdp_port=t.number(row, "sdp_port"),
        )

    def _repeats(self, table: Rows, row: int, source_input: int) -> bool:
        """Whether the same was sent before: a transaction's message again (RFC 3261 17.1, 17.2)."""
        t = table.table
        numbers = (*_WHO, "status", "cseq_number")
        texts = ("cseq", "call_id", "via_branch", "to_tag", "uri", "auth_response")
        key = (
            source_input,
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
