"""`ringfence alert`: whom the guard tells: test."""

from __future__ import annotations

from typing import Annotated

import typer

from ringfence.cli.settings import SettingsFile, settings_of
from ringfence.cli.shell import ERROR, fail
from ringfence.model.settings import SettingsError
from ringfence.model.text import shown

alert = typer.Typer(no_args_is_help=True, help="Whom the guard tells: test.")


@alert.callback()
def _alert() -> None:
    """Whom the guard tells."""


@alert.command("test")
def send_test(
    settings: SettingsFile = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Send without asking.")] = False,
) -> None:
    """Send one trial alarm to each that the settings name, and say what became of it."""
    from datetime import UTC, datetime

    from ringfence.flow.alerting import channels_of, send_trial

    try:
        channels = channels_of(settings_of(settings))
    except SettingsError as error:
        fail(str(error))
    if not channels:
        fail("nobody is told: write [alerts] in the settings (`ringfence settings init` has it)")
    names = ", ".join(channel.name for channel in channels)
    if not yes and not typer.confirm(shown(f"Send a trial alarm to {names}?")):
        raise typer.Exit
    failed = False
    for delivery in send_trial(channels, datetime.now(UTC)):
        what = "handed over" if delivery.delivered else f"NOT delivered: {delivery.says}"
        typer.echo(shown(f"{delivery.channel}: {what}"))
        failed = failed or not delivery.delivered
    if failed:
        raise typer.Exit(ERROR)
