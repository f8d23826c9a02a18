"""The messages of captures that answer a question: listed, exported, or as one exchange."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ringfence.model.exchange import Event, Exchange
from ringfence.model.message_line import MessageLine
from ringfence.model.question import Question, QuestionError
from ringfence.model.text import shown
from ringfence.search.choose import choose
from ringfence.search.lines import EventReader, lines_of
from ringfence.search.rows import Rows

if TYPE_CHECKING:
    from ringfence.search.export import Writer
    from ringfence.search.rows import Numbers
    from ringfence.wire.decoder import Decoder
    from ringfence.wire.table import MessageTable

# Calls that the beginning of a Call-ID may name before it is given back as unclear.
MAX_CALLS = 8


class Selection:
    """Iterate it once, in one of its ways; `read` and `chosen` count as it goes."""

    def __init__(
        self,
        tables: Iterable[tuple[int, Decoder, MessageTable]],
        question: Question,
        limit: int | None = None,
    ) -> None:
        self._condition = choose(question)
        self._tables = tables
        self._limit = limit
        self.read = 0
        self.chosen = 0
        self.stopped = False  # because of the limit: nothing is known of the rest

    def lines(self, *, whole: bool = False) -> Iterator[MessageLine]:
        """One by one, in the order of the captures; `whole`: with all octets."""
        for number, _, table, rows in self._chosen():
            yield from lines_of(table, rows, number, whole=whole)

    def export(self, writer: Writer) -> None:
        """All of them to a writer, which stays open."""
        for number, decoder, table, rows in self._chosen():
            writer.take(table, rows, number, decoder)

    def events(self) -> Iterator[Event]:
        """All of them as events."""
        reader = EventReader()
        for number, _, table, rows in self._chosen():
            yield from reader.read(table, rows, number)

    def _chosen(self) -> Iterator[tuple[int, Decoder, Rows, Numbers]]:
        for number, decoder, message_table in self._tables:
            table = Rows(message_table)
            rows = table.all()
            rows = rows[self._condition.holds(table, rows)]
            self.read += len(table)
            if self._limit is not None:
                rows = rows[: self._limit - self.chosen]
            self.chosen += len(rows)
            if len(rows) or decoder.keeper:
                yield number, decoder, table, rows
            if self.chosen == self._limit:
                self.stopped = True
                return


def exchange_of_call(selection: Selection, call_id: str, limit: int) -> Exchange:
    """The call whose Call-ID is, or alone begins with, `call_id`. Raises QuestionError."""
    calls: dict[str, list[Event]] = {}
    counts: dict[str, int] = {}
    for event in selection.events():
        name = shown(event.call_id)
        if name not in calls and len(calls) == MAX_CALLS:
            continue
        events = calls.setdefault(name, [])
        counts[name] = counts.get(name, 0) + 1
        if len(events) < limit:
            events.append(event)
    name = call_id if call_id in calls else _only(list(calls), call_id)
    return _exchange(f"Call-ID {name}", calls[name], counts[name])


def exchange_of_address(selection: Selection, address: str, limit: int) -> Exchange:
    """Everything to and from the address. Raises QuestionError."""
    events: list[Event] = []
    for event in selection.events():
        if len(events) < limit:
            events.append(event)
    if not events:
        raise QuestionError(f"no message comes from or goes to {address}", option="--address")
    return _exchange(address, events, selection.chosen)


def _exchange(of: str, events: list[Event], count: int) -> Exchange:
    """In the order of time: several captures may have seen the same exchange."""
    ordered = sorted(events, key=lambda event: event.time_ns)
    return Exchange(of, tuple(ordered), count - len(events))


def _only(names: list[str], call_id: str) -> str:
    if not names:
        raise QuestionError(f"no Call-ID begins with {call_id}", option="--call-id")
    if len(names) > 1:
        some = ", ".join(names[:4]) + (", …" if len(names) > 4 else "")
        raise QuestionError(f"{call_id} begins several: {some}", option="--call-id")
    return names[0]
