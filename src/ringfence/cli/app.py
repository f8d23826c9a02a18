"""The commands of `ringfence`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.capture import capture
from ringfence.cli.case import case
from ringfence.cli.evidence import key, stamp, verify
from ringfence.cli.ladder import ladder
from ringfence.cli.messages import messages
from ringfence.cli.shell import ATTACKERS_FOUND, NOTHING_FOUND, Captures, fail

if TYPE_CHECKING:
    from ringfence.flow import Address, Owner

app = typer.Typer(
    name="ringfence",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From an attack on a phone system to a verdict: who attacks, and did they get in?",
)

Pbx = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ADDRESS", help="Our server; found by itself when not given. May be repeated."
    ),
]
Trunk = Annotated[
    list[str] | None,
    typer.Option(metavar="ADDRESS", help="A carrier's address. May be repeated."),
]
Known = Annotated[
    list[str] | None,
    typer.Option(metavar="ADDRESS", help="A user's or office's address. May be repeated."),
]


Home = Annotated[
    str | None,
    typer.Option(
        metavar="REGION", help="Your country (ISO 3166: US, DE, ...): how numbers are dialled."
    ),
]
RatesFile = Annotated[
    str | None,
    typer.Option(
        "--rates", metavar="FILE", help="Your carrier's rates (CSV); rough ones are built in."
    ),
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
        typer.Option(
            metavar="FILE", help="Write the incident document (JSON) there; - prints it alone."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print no first screen.")] = False,
    pbx: Pbx = None,
    trunk: Trunk = None,
    known: Known = None,
    home: Home = None,
    rates: RatesFile = None,
) -> None:
    """Read captures; say who attacks, whether they got in, and who only needs help.

    Exit status: 0 nothing found, 1 attackers or suspects found, 2 error.
    """
    from ringfence import flow

    if not quiet:
        _say_if_slow()
    try:
        found = flow.investigate(files, owner_of(pbx, trunk, known, home, rates))
        if json is not None:
            _write_json(found.incident, json)
    except (flow.CaptureError, flow.OwnerError, OSError) as error:
        fail(str(error))
    if json != "-" and not quiet:
        from ringfence.cli.screen import show_first_screen

        show_first_screen(found.incident)
    raise typer.Exit(ATTACKERS_FOUND if found.incident.suspects else NOTHING_FOUND)


@app.command()
def explain(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE... ADDRESS", help="Captures, as for investigate, then the source."
        ),
    ],
    address: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="The source, when it is not named last.")
    ] = None,
    pbx: Pbx = None,
    trunk: Trunk = None,
    known: Known = None,
    home: Home = None,
    rates: RatesFile = None,
) -> None:
    """Show the verdict on one source, clue by clue, and what would have changed it.

    Exit status: 0 when the source was found, 2 otherwise.
    """
    from ringfence import flow
    from ringfence.cli.explanation import show_explanation

    _say_if_slow()
    if address is None and len(files) < 2:
        fail("name the source as well: ringfence explain FILE ADDRESS")
    *captures, last = files if address is None else [*files, address]
    (wanted,) = _addresses([last], "--address" if address else "ADDRESS")
    try:
        found = flow.investigate(captures, owner_of(pbx, trunk, known, home, rates))
    except (flow.CaptureError, flow.OwnerError, OSError) as error:
        fail(str(error))
    verdict = found.verdict_on(wanted)
    if verdict is None:
        fail(f"{wanted} did nothing in these captures that a clue could rest on")
    show_explanation(verdict)


def owner_of(
    pbx: list[str] | None,
    trunk: list[str] | None,
    known: list[str] | None,
    home: str | None,
    rates: str | None,
) -> Owner:
    """What the owner told us; stops with status 2 where it makes no sense."""
    from ringfence import flow

    return flow.Owner(
        servers=_addresses(pbx or [], "--pbx"),
        known=_addresses(trunk or [], "--trunk") + _addresses(known or [], "--known"),
        home=home.upper() if home else None,
        rates_file=rates,
    )


def _say_if_slow() -> None:
    import ringfence

    if not ringfence.compiled():
        typer.echo(
            "ringfence: runs interpreted, and slower: its kernels are not compiled", err=True
        )


def _addresses(texts: list[str], option: str) -> tuple[Address, ...]:
    from ipaddress import ip_address

    found = []
    for text in texts:
        try:
            found.append(ip_address(text))
        except ValueError:
            fail(f"{option} {text}: not an IP address (like 192.0.2.1 or 2001:db8::1)")
    return tuple(found)


def _write_json(document: object, where: str) -> None:
    import msgspec

    octets = msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
    if where == "-":
        sys.stdout.buffer.write(octets)
        sys.stdout.buffer.flush()
    else:
        Path(where).write_bytes(octets)


app.command()(capture)
app.command()(messages)
app.command()(ladder)
app.add_typer(case, name="case")
app.command()(verify)
app.command()(key)
app.command()(stamp)
