"""`ringfence messages`: list, filter and export messages."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from ringfence.cli.shell import ERROR, Captures, fail, warn

if TYPE_CHECKING:
    from ringfence.cli.listing import Listing
    from ringfence.model.question import Question, QuestionError


class Counted(Protocol):
    """How many messages were read, and how many of them were wanted."""

    read: int
    chosen: int
    stopped: bool


_Texts = list[str] | None
# Lines that are written at once.
_CHUNK = 256


def messages(
    files: Captures,
    method: Annotated[
        _Texts,
        typer.Option(
            metavar="NAME", help="Requests of this method: INVITE, or several: INVITE,BYE."
        ),
    ] = None,
    from_: Annotated[
        _Texts,
        typer.Option(
            "--from", metavar="ADDRESS", help="Sent by this address or network (192.0.2.0/24)."
        ),
    ] = None,
    towards: Annotated[
        _Texts, typer.Option(metavar="ADDRESS", help="Sent to this address or network.")
    ] = None,
    address: Annotated[
        _Texts, typer.Option(metavar="ADDRESS", help="Sent by or to this address or network.")
    ] = None,
    status: Annotated[
        _Texts,
        typer.Option(metavar="STATUS", help="Responses with this status: 401, 4xx, 400-499."),
    ] = None,
    user: Annotated[
        _Texts,
        typer.Option(
            metavar="NAME", help="User in From, To, request-URI or credentials; * and ? are wild."
        ),
    ] = None,
    call_id: Annotated[
        _Texts, typer.Option(metavar="ID", help="Call-ID, or how it begins.")
    ] = None,
    agent: Annotated[
        _Texts,
        typer.Option(
            metavar="TEXT", help="Part of User-Agent or Server, in any case; * and ? are wild."
        ),
    ] = None,
    anomaly: Annotated[
        _Texts, typer.Option(metavar="NAME", help="What is odd about it: BARE_LF, NO_VIA …")
    ] = None,
    where: Annotated[
        str,
        typer.Option(
            metavar="EXPRESSION", help="A filter: \"status == 4xx and not user ~ '10*'\"."
        ),
    ] = "",
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Stop after this many.")
    ] = None,
    text: Annotated[bool, typer.Option("--text", help="Show all of each message's text.")] = False,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT", help="Export: parquet, csv, pcapng or json (one object a line)."
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Where the export goes; - is standard output."),
    ] = None,
) -> None:
    """List the SIP messages in captures, filter them, write them to other formats.

    Exit status: 0 also when nothing was found, 2 error.
    """
    from ringfence.model.question import Question

    question = Question(
        methods=_split(method),
        sources=_split(from_),
        destinations=_split(towards),
        addresses=_split(address),
        statuses=_split(status),
        users=tuple(user or ()),
        call_ids=tuple(call_id or ()),
        agents=tuple(agent or ()),
        anomalies=_split(anomaly),
        where=where,
    )
    problems: list[str] = []
    with failures():
        if to is None and out is None:
            _list(files, question, limit, problems, whole=text)
        else:
            _export(files, question, limit, problems, *_target(to, out))
    _show_problems(problems)


def _split(texts: _Texts) -> tuple[str, ...]:
    """Values of an option that may be repeated, or hold several with commas between."""
    return tuple(part.strip() for text in texts or () for part in text.split(",") if part.strip())


def _list(
    files: list[str], question: Question, limit: int | None, problems: list[str], *, whole: bool
) -> None:
    from ringfence import flow

    selection = flow.find_messages(files, question, limit, problems)
    listing = _listing()
    waiting: list[str] = []
    for message in selection.lines(whole=whole):
        waiting += listing.lines(message)
        if len(waiting) >= _CHUNK:
            _print(waiting)
    _print(waiting)
    if sys.stderr.isatty():
        typer.echo(_count(selection), err=True)


def _listing() -> Listing:
    from rich.console import Console

    from ringfence.cli.listing import Listing

    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    arrow = "→" if "utf" in (sys.stdout.encoding or "").lower() else ">"
    if not sys.stdout.isatty():
        return Listing(None, arrow=arrow)
    console = Console()
    return Listing(
        console.width, colour=console.color_system is not None and not console.no_color, arrow=arrow
    )


def _print(waiting: list[str]) -> None:
    if waiting:
        sys.stdout.write("\n".join(waiting) + "\n")
        sys.stdout.flush()
        waiting.clear()


def _target(to: str | None, out: str | None) -> tuple[str, str]:
    """Format and file; each may follow from the other."""
    from ringfence.model.export import FORMATS

    if to is None:
        to = Path(out or "").suffix.removeprefix(".")
        if to not in FORMATS:
            fail(f"--out {out}: say with --to what to write: {', '.join(FORMATS)}")
    if to not in FORMATS:
        fail(f"--to {to}: formats are {', '.join(FORMATS)}")
    if out is None:
        if to in ("parquet", "pcapng"):
            fail(f"--to {to}: name a file with --out")
        out = "-"
    if out == "-" and to == "pcapng" and sys.stdout.isatty():
        fail("a terminal cannot show pcapng; name a file with --out, or pipe it to a program")
    return to, out


def _export(
    files: list[str], question: Question, limit: int | None, problems: list[str], to: str, out: str
) -> None:
    from ringfence import flow

    selection = flow.export_messages(files, question, to, out, limit, problems)
    if out != "-" or sys.stderr.isatty():
        typer.echo(f"{'' if out == '-' else f'{out}: '}{_count(selection)}", err=True)


def _count(selection: Counted) -> str:
    if selection.stopped:
        return f"the first {selection.chosen:,} messages; there may be more"
    if selection.chosen == selection.read:
        return f"{selection.read:,} messages"
    return f"{selection.chosen:,} of {selection.read:,} messages"


def _show_problems(problems: list[str]) -> None:

    for problem in problems:
        warn(problem)


@contextmanager
def failures() -> Iterator[None]:
    """Turn what may go wrong with captures and questions into a line and status 2."""
    from ringfence import flow
    from ringfence.model.export import ExportError
    from ringfence.model.question import QuestionError

    try:
        yield
    except BrokenPipeError:
        raise  # nobody reads on: the command line ends quietly
    except QuestionError as error:
        _fail_with_place(error)
    except (flow.CaptureError, ExportError, OSError) as error:
        fail(str(error))


def _fail_with_place(error: QuestionError) -> None:
    """The mistake, and below it the place in what was asked."""
    from ringfence.model.text import shown

    warn(str(error))
    if error.text:
        start = max(0, error.column - 41)
        before = shown(error.text[start : error.column - 1])
        after = shown(error.text[error.column - 1 : error.column + 38])
        typer.echo(f"  {before}{after}\n  {' ' * len(before)}^", err=True)
    raise typer.Exit(ERROR)
