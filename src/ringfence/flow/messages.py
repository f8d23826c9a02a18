"""Messages, looked at one by one: listed, exported, drawn as a ladder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ringfence.flow.investigation import read_messages

if TYPE_CHECKING:
    from ringfence.model.exchange import Exchange
    from ringfence.model.ladder import LadderLine
    from ringfence.model.question import Question
    from ringfence.search.selection import Selection


def find_messages(
    paths: list[str],
    question: Question,
    limit: int | None = None,
    problems: list[str] | None = None,
) -> Selection:
    """The messages that answer a question. Raises QuestionError now, CaptureError as it is read."""
    from ringfence.search.selection import Selection

    return Selection(read_messages(paths, problems), question, limit)


def export_messages(
    paths: list[str],
    question: Question,
    form: str,
    out: str,
    limit: int | None = None,
    problems: list[str] | None = None,
) -> Selection:
    """Write them to a file. Raises QuestionError, CaptureError, ExportError, OSError."""
    from ringfence import __version__
    from ringfence.search.export import open_writer
    from ringfence.search.selection import Selection

    tables = read_messages(paths, problems, keep_packets=form == "pcapng")
    selection = Selection(tables, question, limit)
    with open_writer(form, out, paths, f"ringfence {__version__}") as writer:
        selection.export(writer)
    if writer.without_packets and problems is not None:
        problems.append(f"{out}: the packets of {writer.without_packets} messages were not found")
    return selection


def find_exchange(
    paths: list[str], call_id: str | None, address: str | None, limit: int
) -> Exchange:
    """One call, or all that an address sent and received. Raises QuestionError, CaptureError."""
    from ringfence.model.question import Question
    from ringfence.search import selection as search

    addresses = (address,) if address else ()
    if call_id:
        selection = find_messages(paths, Question(call_ids=(call_id,), addresses=addresses))
        return search.exchange_of_call(selection, call_id, limit)
    selection = find_messages(paths, Question(addresses=addresses))
    return search.exchange_of_address(selection, address or "", limit)


def draw_ladder(exchange: Exchange, width: int, *, ascii_only: bool = False) -> list[LadderLine]:
    """The exchange as lines of text, `width` characters wide."""
    from ringfence.reports.ladder import draw_text

    return draw_text(exchange, width, ascii_only=ascii_only)


def draw_svg(exchange: Exchange) -> str:
    """The exchange as an SVG picture that stands alone."""
    from ringfence.reports.ladder_svg import draw_svg

    return draw_svg(exchange)
