"""`ringfence ladder`: one exchange, drawn."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.messages import failures
from ringfence.cli.shell import Captures, fail

if TYPE_CHECKING:
    from ringfence.model.ladder import LadderLine

# More messages than fit on any screen; --limit shows more.
DEFAULT_LIMIT = 200
# Columns when the output is no terminal.
_PLAIN_WIDTH = 100


def ladder(
    files: Captures,
    call_id: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The call with this Call-ID; its beginning is enough."),
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Everything to and from this address or network."),
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, metavar="N", help="Draw at most this many messages.")
    ] = DEFAULT_LIMIT,
    svg: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Write a picture (SVG) there instead; - is standard output."
        ),
    ] = None,
) -> None:
    """Draw an exchange: who sent what to whom, when, with credentials and media.

    Exit status: 0 drawn, 2 nothing found or error.
    """
    from ringfence import flow

    if not call_id and not address:
        fail(
            "which exchange? Name it with --call-id or --address; "
            "`ringfence messages FILE` lists Call-IDs"
        )
    with failures():
        exchange = flow.find_exchange(files, call_id, address, limit)
        if svg is not None:
            _write(flow.draw_svg(exchange), svg)
            return
    utf8 = "utf" in (sys.stdout.encoding or "").lower()
    width, colour = _screen()
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    for line in flow.draw_ladder(exchange, width, ascii_only=not utf8):
        sys.stdout.write((_painted(line) if colour else line.text) + "\n")


def _write(picture: str, where: str) -> None:
    if where == "-":
        sys.stdout.buffer.write(picture.encode())
        sys.stdout.buffer.flush()
    else:
        Path(where).write_text(picture, encoding="utf-8")
        typer.echo(f"written to {where}", err=True)


def _screen() -> tuple[int, bool]:
    from rich.console import Console

    if not sys.stdout.isatty():
        return _PLAIN_WIDTH, False
    console = Console()
    return console.width, console.color_system is not None and not console.no_color


def _painted(line: LadderLine) -> str:
    from ringfence.cli.colour import painted

    toned = painted(line.text[line.start : line.end], line.tone)
    return line.text[: line.start] + toned + line.text[line.end :]
