"""`ringfence lockdown door`: a way through a closed port for users on changing addresses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from ringfence.cli.lasting import seconds_of
from ringfence.cli.shell import fail, warn
from ringfence.model.text import count, shown

if TYPE_CHECKING:
    from ringfence.flow.door import Doors

app = typer.Typer(no_args_is_help=True, help="A way in for users on changing addresses.")
name = typer.Typer(no_args_is_help=True, help="Dynamic-DNS names that are let in: add.")
app.add_typer(name, name="name")

Interface = Annotated[
    str | None,
    typer.Option(metavar="IF", help="The tunnel: who registered there is let in outside as well."),
]


@app.callback()
def _door() -> None:
    """A way in for users on changing addresses."""


@name.callback()
def _name() -> None:
    """Dynamic-DNS names that are let in."""


@app.command()
def invite(
    who: Annotated[str, typer.Argument(metavar="NAME", help="Whom the link is for.")],
    extension: Annotated[str, typer.Option(metavar="N", help="The extension.")] = "",
    lasts: Annotated[
        str, typer.Option("--for", metavar="TIME", help="How long it opens: 90m, 12h, 7d.")
    ] = "12h",
    uses: Annotated[int, typer.Option(metavar="N", help="How often it can be used.")] = 1,
    valid: Annotated[
        str, typer.Option(metavar="TIME", help="How long the link waits to be used.")
    ] = "7d",
    url: Annotated[
        str, typer.Option(metavar="URL", help="Where the page is reached; kept for the next.")
    ] = "",
    png: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The QR code as a picture, mode 0600.")
    ] = None,
) -> None:
    """Make a link that opens the phone system for the address where it is used."""
    from ringfence.flow.qr import terminal

    with _doors() as doors:
        link = doors.invite(who, extension, _seconds(lasts), uses, _seconds(valid), url)
    typer.echo(link)
    typer.echo(terminal(link))
    if png is not None:
        _write_picture(png, link)
    times = "once" if uses == 1 else f"{uses} times"
    typer.echo(f"for {shown(who)}: works {times}, within {valid}, and opens for {lasts}")
    typer.echo("  it is shown only now; end it: ringfence lockdown door close NAME")


@app.command()
def serve(
    certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The certificate with its chain, PEM.")
    ] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="Its key, PEM.")] = None,
    listen: Annotated[
        str, typer.Option(metavar="ADDRESS:PORT", help="Where it listens.")
    ] = "[::]:8443",
    behind: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Believe X-Forwarded-For of this proxy, no other's."),
    ] = None,
    tunnel: Interface = None,
) -> None:
    """Serve the page, and look names and the tunnel up once a minute."""
    import signal

    from ringfence.flow import door_service
    from ringfence.model.endpoint import plain_address

    proxy = plain_address(behind) if behind is not None else None
    if behind is not None and proxy is None:
        fail("--behind takes one address: --behind 127.0.0.1")
    if (certificate is None) is not (key is None):
        fail("--certificate and --key belong together")
    host, _, port = listen.rpartition(":")
    with _doors() as doors:
        # All that is slow to load comes before the rights go, or it could not be read.
        tls = door_service.tls_of(certificate, key) if certificate and key else None
        listening = door_service.listen(host.strip("[]"), int(port) if port.isdigit() else -1)
        with door_service.Service(
            listening, doors, tls, proxy, lambda: _refresh_quietly(doors, tunnel)
        ) as service:
            signal.signal(signal.SIGTERM, _end)
            typer.echo(f"the door is served at {shown(listen)}")
            try:
                service.run()
            except KeyboardInterrupt:
                return
    fail("the part that serves the page ended")


@app.command()
def refresh(tunnel: Interface = None) -> None:
    """Look names and the tunnel up now, and put back what should be open."""
    with _doors() as doors:
        for line in _refresh(doors, tunnel):
            warn(line)


@app.command("list")
def list_() -> None:
    """Who is let in, from where, until when; links that wait; names."""
    with _doors() as doors:
        state = doors.listed()
    for one in sorted(state.opened, key=lambda one: one.until):
        typer.echo(f"{one.address}  {shown(one.name)}  by {one.how}  until {_when(one.until)}")
    for link in state.invites:
        left = count(link.uses_left, "use")
        typer.echo(f"link {link.hash[:12]}  {shown(link.name)}  {left}  until "
                   f"{_when(link.valid_until)}")  # fmt: skip
    for host in state.names:
        typer.echo(f"name {host.host}  {shown(host.name)}")
    if not (state.opened or state.invites or state.names):
        typer.echo("no door is open, no link waits, no name is looked up")


@app.command()
def close(
    who: Annotated[str, typer.Argument(metavar="NAME", help="As in the list.")],
) -> None:
    """End all that somebody has: doors, links and names."""
    with _doors() as doors:
        gone, links = doors.close(who)
    typer.echo(f"{shown(who)}: {count(len(gone), 'door')} closed, {count(links, 'link')} ended")


@name.command()
def add(
    host: Annotated[str, typer.Argument(metavar="HOST", help="Like home.dyn.example.")],
    as_: Annotated[str, typer.Option("--as", metavar="NAME", help="Whose it is.")],
) -> None:
    """Let in whatever this name leads to, at most four addresses."""
    with _doors() as doors:
        host = doors.add_name(host, as_)
    typer.echo(f"{host} is looked up by `door serve`, or now: ringfence lockdown door refresh")


@contextmanager
def _doors() -> Iterator[Doors]:
    from ringfence.flow.door import Doors
    from ringfence.flow.door_folder import DoorFolder
    from ringfence.flow.door_table import DoorTable
    from ringfence.flow.places import places
    from ringfence.model.door import DoorError

    try:
        yield Doors(DoorFolder(places().data / "door"), DoorTable())
    except DoorError as error:
        fail(str(error))


def _refresh(doors: Doors, tunnel: str | None) -> list[str]:
    """What went wrong; one that fails keeps none of the others back."""
    from ringfence.flow.door import resolve
    from ringfence.flow.door_table import DoorTable, tunnel_peers
    from ringfence.model.door import DoorError

    wrong: list[str] = []
    try:
        doors.restore()
    except DoorError as error:
        wrong.append(str(error))
    try:
        wrong += doors.refresh_names(resolve)
    except DoorError as error:
        wrong.append(str(error))
    try:
        if tunnel is not None:
            doors.refresh_tunnel(tunnel_peers(tunnel), DoorTable().registered())
    except DoorError as error:
        wrong.append(str(error))
    return list(dict.fromkeys(wrong))


def _refresh_quietly(doors: Doors, tunnel: str | None) -> None:
    for line in _refresh(doors, tunnel):
        warn(line)


def _end(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _seconds(text: str) -> int:
    seconds = seconds_of(text)
    if seconds is None:
        fail(f"{text}: no time, like 90m, 12h or 7d")
    return seconds


def _when(until: float) -> str:
    return datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _write_picture(path: Path, link: str) -> None:
    from ringfence.flow.qr import write_png

    try:
        write_png(path, link)
    except OSError as error:
        fail(f"{path}: {error.strerror}")
