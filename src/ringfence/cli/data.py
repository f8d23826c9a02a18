"""`ringfence data`: data of others that ringfence keeps a copy of."""

from __future__ import annotations

from typing import Annotated

import typer

from ringfence.cli.shell import fail

data = typer.Typer(no_args_is_help=True, help="Data of others that is kept here: update.")


@data.callback()
def _data() -> None:
    """Data of others that is kept here."""


@data.command()
def update(
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="URL", help="Another place that has IANA's files."),
    ] = None,
) -> None:
    """Fetch which registry answers for which addresses, as IANA publishes it now."""
    from ringfence.flow.responsible import AttributionError, update_data

    try:
        where, published = update_data(from_)
    except AttributionError as error:
        fail(str(error))
    dates = ", ".join(f"{family} of {date}" for family, date in published.items())
    typer.echo(f"{where}: {dates}")
