"""`ringfence guard`: live protection; `guard status`, `guard firewall`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.book import Store
from ringfence.cli.guard_firewall import guard_firewall
from ringfence.cli.owner import Known, Pbx, Trunk
from ringfence.cli.settings import SettingsFile, settings_of
from ringfence.cli.shell import ERROR, fail, say_if_slow, warn

if TYPE_CHECKING:
    from ringfence.flow.guard.guard import Guard
    from ringfence.model.guard_status import GuardStatus

guard = typer.Typer(
    invoke_without_command=True,
    no_args_is_help=False,
    help="Live protection: hear, decide, block, prove it, keep the evidence, tell.",
)
Run = Annotated[
    str | None, typer.Option(metavar="DIR", help="The folder of what stands while it runs.")
]


@guard.callback()
def guard_here(
    context: typer.Context,
    enforce: Annotated[
        bool, typer.Option("--enforce", help="Block; without it, it only watches.")
    ] = False,
    interface: Annotated[
        list[str] | None,
        typer.Option("--interface", "-i", metavar="IF", help="Listen here. May be repeated."),
    ] = None,
    port: Annotated[
        list[int] | None,
        typer.Option(metavar="PORT", help="SIP is on this port, too. May be repeated."),
    ] = None,
    hep: Annotated[
        str | None, typer.Option(metavar="[ADDRESS:]PORT", help="Listen for HEP.")
    ] = None,
    log: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND:PATH", help="Follow a log: asterisk, freeswitch, kamailio. Repeatable."
        ),
    ] = None,
    pbx: Pbx = None,
    trunk: Trunk = None,
    known: Known = None,
    would_have: Annotated[
        bool,
        typer.Option("--would-have", help="Say who would have been hit in the last days; stop."),
    ] = False,
    days: Annotated[int, typer.Option(min=1, metavar="N", help="So many days.")] = 7,
    json: Annotated[
        bool, typer.Option("--json", help="With --would-have: one JSON object.")
    ] = False,
    store: Store = None,
    settings: SettingsFile = None,
    run: Run = None,
) -> None:
    """Stand beside the phone system until told to end: hear, decide, act, prove, keep, tell.

    Without --enforce nothing is blocked; what would be is said. Its log is JSON lines on
    standard error. Exit status: 0 it was told to end, 2 error.
    """
    if context.invoked_subcommand is not None:
        return
    if would_have:
        from ringfence.cli.would_have import show_would_have

        show_would_have(store, days, json=json)
        return
    from ringfence.flow.casebook import CaseError, StoreError
    from ringfence.flow.firewall import FirewallError
    from ringfence.flow.guard.asked import Said, asked
    from ringfence.flow.guard.start import guard as stand_guard
    from ringfence.model.guarding import GuardError
    from ringfence.model.settings import SettingsError

    say_if_slow()
    loaded = settings_of(settings)
    said = Said(
        interface or (), port or (), hep or "", log or (), pbx or (), trunk or (), known or (),
        enforce, store or "", run or "",
    )  # fmt: skip
    try:
        stand_guard(asked(loaded, said), loaded, _write, _began)
    except (GuardError, FirewallError, StoreError, CaseError, SettingsError) as error:
        fail(str(error))


guard.command("firewall")(guard_firewall)


@guard.command("status")
def status(
    run: Run = None,
    once: Annotated[bool, typer.Option("--once", help="Show it once, and stop.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object, and stop.")] = False,
) -> None:
    """Show how the guard stands, until Ctrl-C.

    Exit status: 0 all is well, 1 something is wrong or they got in, 2 no guard runs.
    """
    from pathlib import Path

    from ringfence.flow.guard.bearing import read_bearing
    from ringfence.flow.places import runtime_folder
    from ringfence.model.guarding import GuardError

    folder = Path(run) if run else runtime_folder()
    try:
        stands, is_fresh = read_bearing(folder)
        if json:
            _write_json(stands)
        elif once or not sys.stdout.isatty():
            _show(stands)
        else:
            _watch(folder)
            return
    except GuardError as error:
        fail(str(error))
    if not is_fresh:
        warn(f"this is how it stood at {stands.at}: the guard has ended since, or hangs")
        raise typer.Exit(ERROR)
    raise typer.Exit(1 if stands.wrong or stands.got_in else 0)


def _show(stands: GuardStatus) -> None:
    from rich.console import Console

    from ringfence.cli.guard_status import render

    console = Console(highlight=False)
    console.print(render(stands, console.width, 10_000))


def _watch(folder: object) -> None:
    """The same, again each second."""
    from pathlib import Path
    from threading import Event

    from rich.console import Console
    from rich.live import Live

    from ringfence.cli.guard_status import render
    from ringfence.flow.guard.bearing import read_bearing

    console, never = Console(highlight=False), Event()
    with Live(console=console, screen=True, auto_refresh=False) as live:
        try:
            while True:
                stands, is_fresh = read_bearing(Path(str(folder)))
                shown = render(stands, console.width, console.height)
                if not is_fresh:
                    shown.append("\nThe guard has ended since, or hangs.", style="bold red")
                live.update(shown, refresh=True)
                never.wait(1.0)
        except KeyboardInterrupt:
            pass


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def _began(begun: Guard) -> None:
    """For who sits before it: what it hears, and whether it acts."""
    if not sys.stderr.isatty():
        return
    stands = begun.status
    what = "blocks attackers" if stands.enforcing else "only watches (--enforce lets it act)"
    heard = ", ".join(one.name for one in stands.sources)
    warn(f"hears {heard}; {what}; `ringfence guard status` shows it; Ctrl-C ends it")


def _write_json(stands: GuardStatus) -> None:
    import msgspec

    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(stands), indent=2) + b"\n")
