"""`ringfence drill`: attack your own phone system, a little, and see what the defence does."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from ringfence.cli.book import Store
from ringfence.cli.guard import Run
from ringfence.cli.shell import ERROR, fail, warn
from ringfence.model.drill import FAIL, OK, WARN, DrillError
from ringfence.model.text import count, shown

if TYPE_CHECKING:
    from datetime import datetime

    from typer._click.core import Context

    from ringfence.model.drill import Drilled, Step

SCHEMA = "ringfence.drill/1"
SOMETHING_FAILS = 1
_AT = "at"
_STYLES = {OK: "green", WARN: "yellow", FAIL: "red"}


class _Drill(TyperGroup):
    """`ringfence drill PBX` is `ringfence drill at PBX`."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, "--help"):
            args = [_AT, *args]
        return super().parse_args(ctx, args)


drill = typer.Typer(
    cls=_Drill,
    no_args_is_help=True,
    help="Attack your own phone system, a little, and see what the defence does.",
)
Port = Annotated[
    int, typer.Option("--port", min=1, max=65535, metavar="N", help="The UDP port of the proof.")
]


@drill.callback()
def _drill() -> None:
    """Attack your own phone system, a little, and see what the defence does."""


@drill.command()
def token(
    pbx: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="As the drill calls it. May be repeated."),
    ] = None,
    port: Port = 5099,
    run: Run = None,
    store: Store = None,
) -> None:
    """On the phone system's machine: show a one-time code, and answer for it for 15 minutes.

    Exit status: 0 its time is over, or Ctrl-C, 2 error.
    """
    from ringfence.flow.drill.start import hold_token

    def show(code: str, addresses: tuple[str, ...], until: datetime) -> None:
        typer.echo(code)
        warn(
            f"good for one drill of {', '.join(addresses)} until {until:%H:%M:%S} UTC; leave this "
            f"running, let port {port}/UDP through, and elsewhere: ringfence drill "
            f"{addresses[0]} --token CODE; Ctrl-C ends it"
        )

    try:
        hold_token(pbx or (), port, run, store, show, warn)
    except KeyboardInterrupt:
        return
    except (DrillError, OSError) as error:
        fail(str(error))


@drill.command()
def at(
    pbx: Annotated[str, typer.Argument(metavar="PBX", help="Your phone system's address or name.")],
    token: Annotated[
        str, typer.Option(metavar="CODE", help="What `ringfence drill token` shows there.")
    ] = "",
    closed: Annotated[
        bool, typer.Option("--closed", help="5060 is closed for strangers: an answer is a failure.")
    ] = False,
    source: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Send from this address of this machine.")
    ] = "",
    port: Port = 5099,
    sip_port: Annotated[
        int, typer.Option(min=1, max=65535, metavar="N", help="SIP over UDP and TCP.")
    ] = 5060,
    tls_port: Annotated[
        int, typer.Option(min=1, max=65535, metavar="N", help="SIP over TLS.")
    ] = 5061,
    wireguard_port: Annotated[
        int, typer.Option(min=1, max=65535, metavar="N", help="WireGuard's.")
    ] = 51820,
    json: Annotated[
        bool, typer.Option("--json", help="Print all of it as one JSON object; ask nothing.")
    ] = False,
) -> None:
    """Drill your own phone system: 60 packets at most, no call, each of them in a journal.

    Exit status: 0 nothing fails, 1 something fails, 2 refused, stopped, or error.
    """
    from ringfence.flow.drill.course import Course
    from ringfence.flow.drill.start import drill as carry_out

    course = Course(
        token_port=port, sip_port=sip_port, tls_port=tls_port, wireguard_port=wireguard_port,
        closed=closed,
    )  # fmt: skip
    confirm = None if json or not sys.stdin.isatty() else _confirm
    try:
        done = carry_out(pbx, token, course, source, confirm, _ignore if json else _show)
    except (DrillError, OSError) as error:
        fail(str(error))
    if json:
        _write_json(done)
    else:
        _tell_sent(done)
    if done.stopped:
        raise typer.Exit(ERROR)
    raise typer.Exit(SOMETHING_FAILS if done.failed else 0)


def _show(step: Step) -> None:
    typer.secho(f"{step.state.upper():11} ", fg=_STYLES.get(step.state), nl=False)
    typer.echo(f"{step.name}: {shown(step.says)}")
    if step.means:
        typer.echo(f"            {shown(step.means)}")
    if step.do:
        typer.echo(f"            > {shown(step.do)}")


def _ignore(_: Step) -> None:
    """For programs all comes at the end."""


def _confirm(question: str) -> bool:
    return typer.confirm(question)


def _tell_sent(done: Drilled) -> None:
    if done.stopped:
        typer.echo("Stopped.")
    typer.echo(f"Sent: {count(done.packets, 'packet')} with the mark {done.drill}:")
    counts: dict[str, int] = {}
    for one in done.sent:
        what = f"{one.what} to {one.address} port {one.port}/{one.transport}: {one.heard}"
        counts[what] = counts.get(what, 0) + 1
    for what, number in counts.items():
        typer.echo(f"  {number:>2} x {shown(what)}")


def _write_json(done: Drilled) -> None:
    import msgspec

    document = {
        "schema": SCHEMA, "failed": done.failed, "packets": done.packets,
        **msgspec.to_builtins(done),
    }  # fmt: skip
    typer.echo(msgspec.json.encode(document).decode())
