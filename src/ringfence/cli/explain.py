"""`ringfence explain`: one verdict, clue by clue."""

from __future__ import annotations

from typing import Annotated

import typer

from ringfence.cli.owner import Home, Known, Pbx, RatesFile, Trunk, addresses_of, owner_of
from ringfence.cli.shell import fail, say_if_slow


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

    say_if_slow()
    if address is None and len(files) < 2:
        fail("name the source as well: ringfence explain FILE ADDRESS")
    *captures, last = files if address is None else [*files, address]
    (wanted,) = addresses_of([last], "--address" if address else "ADDRESS")
    try:
        found = flow.investigate(captures, owner_of(pbx, trunk, known, home, rates))
    except (flow.CaptureError, flow.OwnerError, OSError) as error:
        fail(str(error))
    verdict = found.verdict_on(wanted)
    if verdict is None:
        fail(f"{wanted} did nothing in these captures that a clue could rest on")
    show_explanation(verdict)
