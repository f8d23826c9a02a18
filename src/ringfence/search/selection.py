"""The messages of captures that answer a question: listed, exported, or as one exchange."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ringfence.model.exchange import Event, Exchange
from ringfence.model.message_line import MessageLine
from ringfence.model.question import Question, QuestionError
from ringfence.search.cells import decoded
from ringfence.search.choose import choose
from ringfence.search.events import EventReader
from ringfence.search.lines import lines_of
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
        for number, _, table, rows in self.chosen_rows():
            yield from lines_of(table, rows, number, whole=whole)

    def export(self, writer: Writer) -> None:
        """All of them to a writer, which stays open."""
        for number, decoder, table, rows in self.chosen_rows():
            writer.take(table, rows, number, decoder)

    def chosen_rows(self) -> Iterator[tuple[int, Decoder, Rows, Numbers]]:
        """Table after table: its input, its decoder, and the rows that are wanted."""
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
    reader = EventReader()
    calls: dict[str, list[Event]] = {}
    counts: Counter[str] = Counter()
    for number, _, table, rows in selection.chosen_rows():
        for row, octets in zip(rows.tolist(), table.texts("call_id", rows), strict=True):
            name = decoded(octets)
            if name not in calls and len(calls) == MAX_CALLS and name != call_id:
                continue
            counts[name] += 1
            events = calls.setdefault(name, [])
            if len(events) < limit:
                events.append(reader.read(table, row, number))
    name = call_id if call_id in calls else _only(list(calls), call_id)
    return _exchange(f"Call-ID {name}", calls[name], counts[name])


def exchange_of_address(selection: Selection, address: str, limit: int) -> Exchange:
    """Everything to and from the address. Raises QuestionError."""
    reader = EventReader()
    events: list[Event] = []
    for number, _, table, rows in selection.chosen_rows():
        wanted = rows[: limit - len(events)].tolist()
        events += [reader.read(table, row, number) for row in wanted]
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
