"""The commands of `ringfence`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="ringfence",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From an attack on a phone system to a verdict: who attacks, and did they get in?",
)

NOTHING_FOUND = 0
ATTACKERS_FOUND = 1
ERROR = 2

Captures = Annotated[
    list[str],
    typer.Argument(metavar="FILE...", help="Captures: pcap, pcapng, also .gz .xz .zst; - is standard input."),
]


@app.callback()
def main(
    version: Annotated[bool, typer.Option("--version", help="Show the version and stop.")] = False,
) -> None:
    """Ringfence."""
    if version:
        from ringfence import __version__

        typer.echo(f"ringfence {__version__}")
        raise typer.Exit


@app.command()
def investigate(
    files: Captures,
    json: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write the incident document (JSON) there; - prints it alone."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no first screen.")] = False,
) -> None:
    """Read captures; say who attacks, whether they got in, and who only needs help.

    Exit status: 0 nothing found, 1 attackers or suspects found, 2 error.
    """
    from ringfence import flow

    try:
        found = flow.investigate(files)
        if json is not None:
            _write_json(found.incident, json)
    except (flow.CaptureError, OSError) as error:
        fail(str(error))
    if json != "-" and not quiet:
        from ringfence.cli.screen import show_first_screen

        show_first_screen(found.incident)
    raise typer.Exit(ATTACKERS_FOUND if found.incident.suspects else NOTHING_FOUND)


def _write_json(document: object, where: str) -> None:
    import msgspec

    octets = msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
    if where == "-":
        sys.stdout.buffer.write(octets)
        sys.stdout.buffer.flush()
    else:
        Path(where).write_bytes(octets)


def fail(text: str) -> None:
    """Print one line on standard error and stop with status 2."""
    from ringfence.model.text import shown

    typer.echo(f"ringfence: {shown(text)}", err=True)
    raise typer.Exit(ERROR)
