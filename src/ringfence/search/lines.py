"""Rows to the lines of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ringfence.model.message_line import MessageLine
from ringfence.search.cells import address, methods, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ringfence.search.rows import Numbers, Rows


def lines_of(
    table: Rows, rows: Numbers, source_input: int, *, whole: bool = False
) -> Iterator[MessageLine]:
    """These rows as lines; `whole`: with all their octets."""
    table.fill(rows)
    texts = table.messages(rows) if whole else [b""] * len(rows)
    columns_of_lines = (
        table.wide("packet", rows).tolist(),
        table.wide("time", rows).tolist(),
        *endpoints(table, rows),
        own_or_asked(table, rows),
        table.narrow("status", rows).tolist(),
        *(_plain(table, name, rows) for name in ("from_user", "to_user", "call_id", "user_agent")),
        texts,
    )
    for values in zip(*columns_of_lines, strict=True):
        yield MessageLine(source_input, *values)


def endpoints(table: Rows, rows: Numbers) -> tuple[list[str], list[int], list[str], list[int]]:
    """Source addresses and ports, destination addresses and ports."""
    return (
        [address(packed) for packed in table.packed("source", rows)],
        table.narrow("source_port", rows).tolist(),
        [address(packed) for packed in table.packed("destination", rows)],
        table.narrow("destination_port", rows).tolist(),
    )


def _plain(table: Rows, name: str, rows: Numbers) -> list[str]:
    return [plain(text) for text in table.texts(name, rows)]


def own_or_asked(table: Rows, rows: Numbers) -> list[str]:
    """The method of a request, or that of a response's CSeq."""
    of_cseq = methods(table, rows, "cseq_method")
    return [
        own or other for own, other in zip(methods(table, rows, "method"), of_cseq, strict=True)
    ]
