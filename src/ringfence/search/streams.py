"""Where the accused's messages came from and went to: ports on both sides, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ringfence.model.clock import utc
from ringfence.model.letter import Stream
from ringfence.search.accused import Accused
from ringfence.search.cells import address
from ringfence.search.rows import Rows
from ringfence.wire import _columns as columns

if TYPE_CHECKING:
    from ringfence.search.rows import Numbers
    from ringfence.wire.decoder import Decoder
    from ringfence.wire.table import MessageTable

# A flood of forged addresses has a stream each: the first ones are kept, others counted nowhere.
MAX_STREAMS = 4096
# Ports of one stream that are told apart; one that changes with each packet tells no more.
MAX_PORTS = 1024
# Ports that are named, the busiest first.
_NAMED_PORTS = 16


@dataclass(slots=True)
class _Count:
    messages: int = 0
    first_ns: int = 2**64 - 1
    last_ns: int = 0
    ports: Counter[int] = field(default_factory=Counter)


def streams_of(
    tables: Iterable[tuple[int, Decoder, MessageTable]], addresses: Iterable[str]
) -> tuple[Stream, ...]:
    """What these addresses sent, by transport and destination: the busiest first."""
    accused = Accused(addresses)
    counts: dict[tuple[int, int, int, int], _Count] = {}
    for _, _, table in tables:
        _take(counts, Rows(table), accused)
    streams = [
        Stream(
            address=accused.addresses[who],
            transport=columns.TRANSPORTS[transport],
            ports=tuple(port for port, _ in count.ports.most_common(_NAMED_PORTS)),
            destination=address(to),
            destination_port=to_port,
            messages=count.messages,
            first_seen=utc(count.first_ns) or "",
            last_seen=utc(count.last_ns) or "",
        )
        for (who, transport, to, to_port), count in counts.items()
    ]
    return tuple(sorted(streams, key=lambda s: (-s.messages, s.address, s.destination)))


def _take(counts: dict[tuple[int, int, int, int], _Count], table: Rows, accused: Accused) -> None:
    rows = table.all()
    who = accused.numbers(table, "source", rows)
    rows, who = rows[who >= 0], who[who >= 0]
    for one, keys in zip(who.tolist(), _keys(table, rows), strict=True):
        transport, source_port, to, to_port, time_ns = keys
        key = (one, transport, to, to_port)
        count = counts.get(key)
        if count is None:
            if len(counts) >= MAX_STREAMS:
                continue
            count = counts[key] = _Count()
        count.messages += 1
        count.first_ns = min(count.first_ns, time_ns)
        count.last_ns = max(count.last_ns, time_ns)
        if source_port in count.ports or len(count.ports) < MAX_PORTS:
            count.ports[source_port] += 1


def _keys(table: Rows, rows: Numbers) -> list[tuple[int, int, int, int, int]]:
    """Transport, source port, destination, its port, time of these rows."""
    if not len(rows):
        return []
    return list(
        zip(
            table.narrow("transport", rows).tolist(),
            table.narrow("source_port", rows).tolist(),
            table.packed("destination", rows),
            table.narrow("destination_port", rows).tolist(),
            table.wide("time", rows).astype(np.uint64).tolist(),
            strict=True,
        )
    )
