"""`ringfence settings`: who you are, for the letters: show, init, check-mail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.shell import ERROR, fail
from ringfence.model.settings import SettingsError
from ringfence.model.text import shown

if TYPE_CHECKING:
    from ringfence.flow.settings import Found
    from ringfence.model.post import CheckedServer
    from ringfence.model.settings import Settings

settings = typer.Typer(no_args_is_help=True, help="Who you are, for the letters: show, init.")

SettingsFile = Annotated[
    str | None,
    typer.Option(
        "--settings", metavar="FILE", help="The settings, in place of your usual ones (TOML)."
    ),
]


def settings_of(file: str | None = None) -> Settings:
    """The settings of this file, else of the usual place; the command ends where they are wrong."""
    from ringfence.flow.settings import load_settings

    try:
        return load_settings(file)
    except SettingsError as error:
        fail(str(error))


@settings.callback()
def _settings() -> None:
    """Who you are, for the letters."""


@settings.command()
def show(settings: SettingsFile = None) -> None:
    """Show what is set and where, what is missing, and which letter needs it.

    A password is told to be set, never shown.
    """
    from ringfence.flow.settings import read_settings

    try:
        found = read_settings(settings)
    except SettingsError as error:
        fail(str(error))
    for line in describe(found):
        typer.echo(shown(line))


@settings.command()
def init(
    out: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Where to; in your configuration when not given."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a file that is there.")
    ] = False,
) -> None:
    """Write a settings file to fill in, which only you can read."""
    from ringfence.flow.settings import write_template

    try:
        path = write_template(out, force=force)
    except SettingsError as error:
        fail(str(error))
    typer.echo(shown(f"{path}: written; fill it in, then: ringfence settings show"))


@settings.command("check-mail")
def check_mail(
    settings: SettingsFile = None,
    in_the_clear: Annotated[
        bool, typer.Option("--in-the-clear", help="Without TLS to another machine, too.")
    ] = False,
) -> None:
    """Connect to your mail server, check its certificate, log in; send nothing."""
    from ringfence.flow.settings import check_mail, load_settings, sender_of
    from ringfence.model.post import PostError

    try:
        loaded = load_settings(settings)
        checked = check_mail(loaded, in_the_clear=in_the_clear)
        sender = sender_of(loaded)
    except (SettingsError, PostError) as error:
        fail(str(error))
    for line in _checked(checked, sender):
        typer.echo(shown(line))


@settings.command("check-machines")
def check_machines(settings: SettingsFile = None) -> None:
    """Ask the routers and the 3CX that blocks are carried to for their lists; change nothing.

    Exit status: 0 all of them answer, 2 one does not, or error.
    """
    from ringfence.flow.outside import outsiders_of

    try:
        outsiders = outsiders_of(settings_of(settings))
    except SettingsError as error:
        fail(str(error))
    if outsiders is None:
        fail("no machine is named: [mikrotik], [opnsense], [pfsense], [ssh], or threecx.blocklist")
    failed = False
    for state in outsiders.look():
        if state.trouble:
            failed = True
            typer.echo(shown(f"NOT usable: {state.trouble}"))
            continue
        ours, others = len(state.carried), len(state.others)
        typer.echo(shown(f"{state.name}: answers; {ours:,} of ours, {others:,} of others"))
        if state.doubt:
            typer.echo(shown(f"  but {state.doubt}"))
    outsiders.close()
    if failed:
        raise typer.Exit(ERROR)


def describe(found: Found) -> Iterator[str]:
    """Lines: each field that is set, then each that a letter wants."""
    from ringfence.flow.settings import SECRETS, field_names, missing_fields, value_of

    yield (
        f"{found.file}"
        if found.exists
        else (f"{found.file}: not there; `ringfence settings init` writes one to fill in")
    )
    for field in field_names():
        if origin := found.origins.get(field):
            value = "set, not shown" if field in SECRETS else value_of(found.settings, field)
            place = "" if origin == str(found.file) else f"  ({origin})"
            yield f"  {field:20} {value}{place}"
    missing = missing_fields(found.settings)
    if missing:
        yield "Missing, and who needs it:"
    for field, letters in missing.items():
        yield f"  {field:20} {letters}"


def _checked(checked: CheckedServer, sender: str) -> Iterator[str]:
    yield f"{checked.server} would take letters from {sender}; nothing was sent"
    if checked.secured:
        yield f"  {checked.secured}, its certificate holds until {checked.certificate_until}"
    else:
        yield "  in the clear, without TLS"
    yield "  logged in" if checked.logged_in else "  not logged in: no mail.user is set"
    if checked.max_octets:
        yield f"  takes letters of up to {checked.max_octets:,} octets"
