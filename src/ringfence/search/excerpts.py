"""A few messages of each accused source, as they stood on the wire, to be read by people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ringfence.model.clock import utc
from ringfence.model.endpoint import endpoint
from ringfence.model.letter import Excerpt
from ringfence.model.text import shown
from ringfence.search.accused import Accused
from ringfence.search.lines import endpoints
from ringfence.search.rows import Rows
from ringfence.wire import _columns as columns

if TYPE_CHECKING:
    from ringfence.wire.decoder import Decoder
    from ringfence.wire.table import MessageTable

# Sources with excerpts, and messages of each: one with credentials, one call, one other.
MAX_SOURCES = 200
_SORTS = ("credentials", "call", "other")
# Of a message: so many lines of its head, each so long.
MAX_LINES = 16
MAX_LINE = 140


def excerpts_of(
    tables: Iterable[tuple[int, Decoder, MessageTable]], addresses: Iterable[str]
) -> tuple[Excerpt, ...]:
    """The first request of each sort that each address sent; in the order of the addresses.

    Give it redacted captures for letters that leave the house.
    """
    accused = Accused(list(addresses)[:MAX_SOURCES])
    found: dict[tuple[int, str], Excerpt] = {}
    most = len(accused) * len(_SORTS)
    for _, _, table in tables:
        if len(found) >= most:
            break
        _take(found, Rows(table), accused)
    return tuple(found[key] for key in sorted(found, key=lambda k: (k[0], _SORTS.index(k[1]))))


def _take(found: dict[tuple[int, str], Excerpt], table: Rows, accused: Accused) -> None:
    rows = table.all()
    rows = rows[table.narrow("status", rows) == 0]
    who = accused.numbers(table, "source", rows)
    rows, who = rows[who >= 0], who[who >= 0]
    if not len(rows):
        return
    credentials = (table.lengths("auth", rows) > 0).tolist()
    methods = table.narrow("method", rows).tolist()
    for row, one, has_credentials, method in zip(
        rows.tolist(), who.tolist(), credentials, methods, strict=True
    ):
        if method == columns.M_ACK:
            continue
        call = "call" if method == columns.M_INVITE else "other"
        key = (one, "credentials" if has_credentials else call)
        if key not in found:
            found[key] = _excerpt(table, row, accused.addresses[one])


def _excerpt(table: Rows, row: int, who: str) -> Excerpt:
    sources, source_ports, destinations, destination_ports = endpoints(table, table.one(row))
    octets = table.table.message(row)
    whole = octets.decode("utf-8", "replace").replace("\r\n", "\n")
    head, _, body = whole.partition("\n\n")
    lines = head.split("\n")
    kept = [shown(line)[:MAX_LINE] for line in lines[:MAX_LINES]]
    is_cut = len(lines) > MAX_LINES or bool(body) or any(len(line) > MAX_LINE for line in lines)
    return Excerpt(
        address=who,
        time=utc(table.table.number(row, "time")) or "",
        source=endpoint(sources[0], source_ports[0]),
        destination=endpoint(destinations[0], destination_ports[0]),
        transport=columns.TRANSPORTS[table.table.number(row, "transport")],
        text="\n".join(kept),
        cut=is_cut,
    )
