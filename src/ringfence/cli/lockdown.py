"""`ringfence lockdown`: the ports of SIP for those who need them, and for nobody else."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli import door
from ringfence.cli.book import Store
from ringfence.cli.shell import fail, warn
from ringfence.model.text import count, shown

if TYPE_CHECKING:
    from ringfence.flow.lockdown import Status
    from ringfence.model.lockdown import Admitted, CutOff, Plan

SOME_CUT_OFF = 1  # plan: somebody would be
NOT_CLOSED = 1  # status: nothing is closed, or not as planned
_SECONDS = re.compile(r"([1-9]\d{0,4})(s|m)?", re.ASCII)
_SHOWN = 40
_HEADS = {
    "trunk": "carriers", "media": "media of carriers", "peer": "called by us", "known": "named",
    "allowed": "on the allow list", "operator": "administrators", "user": "phones",
    "inside": "phones inside",
}  # fmt: skip

lockdown = typer.Typer(
    no_args_is_help=True, help="The ports of SIP for those who need them: plan, apply, confirm."
)

Sources = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SOURCE...",
        help="Captures, logs, incident documents, settings of the PBX; or a plan that was kept.",
    ),
]
Trunk = Annotated[
    list[str] | None,
    typer.Option(metavar="HOST", help="A carrier: name, address, network. May be repeated."),
]
Admit = Annotated[
    list[str] | None,
    typer.Option(metavar="ADDRESS", help="A user or office, also ADDRESS=NAME. May be repeated."),
]
Pbx = Annotated[
    list[str] | None,
    typer.Option(metavar="ADDRESS", help="Our server, where it is not found. May be repeated."),
]
Days = Annotated[int, typer.Option(metavar="N", help="Who was let in within so many days.")]
TrunksOnly = Annotated[
    bool, typer.Option("--trunks-only", help="No phone from outside: they come by the tunnel.")
]
SettingsFile = Annotated[
    str | None, typer.Option("--settings", metavar="FILE", help="Your settings.")
]
NoStore = Annotated[
    bool, typer.Option("--no-store", help="Leave out what the guard's store remembers.")
]


@lockdown.callback()
def _lockdown() -> None:
    """The ports of SIP for those who need them."""


lockdown.add_typer(door.app, name="door")


@lockdown.command()
def plan(
    source: Sources = None,
    trunk: Trunk = None,
    admit: Admit = None,
    pbx: Pbx = None,
    days: Days = 30,
    trunks_only: TrunksOnly = False,
    out: Annotated[
        str | None, typer.Option(metavar="FILE", help="Keep the plan there, for apply.")
    ] = None,
    forms: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Write it for routers, firewalls and 3CX as well."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON, alone.")] = False,
    settings: SettingsFile = None,
    store: Store = None,
    no_store: NoStore = False,
) -> None:
    """Show who would be admitted and why, and who would be cut off; change nothing.

    Exit status: 0 nobody of the last days would be cut off, 1 somebody would, 2 error.
    """
    from pathlib import Path

    from ringfence.flow.lockdown import encode, write_forms

    with _told():
        made = _plan(
            source, trunk, admit, pbx, days, settings, store, trunks_only=trunks_only,
            no_store=no_store,
        )  # fmt: skip
        written = write_forms(made, forms) if forms else []
        if out:
            Path(out).write_bytes(encode(made))
    if json:
        sys.stdout.buffer.write(encode(made))
        sys.stdout.buffer.flush()
    else:
        for line in lines(made):
            typer.echo(line)
        for name, what in written:
            typer.echo(f"{forms}/{name}: {what}")
        if not made.cut_off:
            typer.echo("try it: ringfence lockdown apply (the same words), then confirm")
    raise typer.Exit(SOME_CUT_OFF if made.cut_off else 0)


@lockdown.command()
def apply(
    source: Sources = None,
    trunk: Trunk = None,
    admit: Admit = None,
    pbx: Pbx = None,
    days: Days = 30,
    trunks_only: TrunksOnly = False,
    confirm_within: Annotated[
        str, typer.Option(metavar="TIME", help="Opens again by itself unless confirmed: 120s, 5m.")
    ] = "120s",
    settings: SettingsFile = None,
    store: Store = None,
    no_store: NoStore = False,
) -> None:
    """Close the ports to all others, on trial: unless you confirm, the kernel opens them again.

    Exit status: 0 they are closed for now, 2 refused, or error.
    """
    from ringfence.flow.lockdown import Lockdown

    seconds = _seconds(confirm_within)
    with _told():
        made = _plan(
            source, trunk, admit, pbx, days, settings, store, trunks_only=trunks_only,
            no_store=no_store,
        )  # fmt: skip
        for line in lines(made):
            typer.echo(line)
        after = Lockdown().apply(made, seconds)
    typer.echo(f"CLOSED ON TRIAL for {seconds} s, from now.")
    typer.echo(
        "  Make a call, let one come in, look at your phones. Then: ringfence lockdown confirm"
    )
    typer.echo("  Do nothing, and all of it opens again by itself: the kernel counts, no program.")
    if not after:
        typer.echo("  (nobody tidies up after it: ringfence lockdown off)")


@lockdown.command()
def confirm() -> None:
    """Keep what is on trial, from now on and after each start of the machine.

    Exit status: 0 it is kept, 2 there is no trial, its time is over, or error.
    """
    from ringfence.flow.lockdown import Lockdown

    with _told():
        made = Lockdown().confirm()
    typer.echo(
        f"confirmed: {count(len(made.admitted), 'address', 'addresses')} and networks are admitted"
    )
    typer.echo("  who is turned away: ringfence lockdown status; open all: ringfence lockdown off")


@lockdown.command()
def off() -> None:
    """Open everything again, now and after a start of the machine."""
    from ringfence.flow.lockdown import Lockdown

    with _told():
        was_closed = Lockdown().off()
    typer.echo("the ports are open to everybody" if was_closed else "nothing was closed")


@lockdown.command()
def status(
    json: Annotated[bool, typer.Option("--json", help="As JSON, alone.")] = False,
) -> None:
    """Show whether the ports are closed, for whom not, and who was turned away.

    Exit status: 0 closed as planned, 1 open, on trial or not whole, 2 error.
    """
    from ringfence.flow.lockdown import Lockdown

    with _told():
        found = Lockdown().status()
    if json:
        _write_status(found)
    else:
        for line in status_lines(found):
            typer.echo(line)
    is_closed = found.standing.is_kept and found.is_whole and not found.standing.trial_left_s
    raise typer.Exit(0 if is_closed else NOT_CLOSED)


@lockdown.command()
def refresh() -> None:
    """Look up the carriers' names again; what they led to stays admitted for a day."""
    from ringfence.flow.lockdown import Lockdown

    with _told():
        came, went, troubles = Lockdown().refresh()
    for trouble in troubles:
        warn(trouble)
    for word, found in (("admitted", came), ("no longer admitted", went)):
        for network in found:
            typer.echo(f"{network}: {word}")


@lockdown.command()
def load() -> None:
    """Close the ports as they were confirmed, at a start of the machine; else do nothing."""
    from ringfence.flow.lockdown import Lockdown

    with _told():
        found = Lockdown().load()
    typer.echo("nothing was confirmed" if found is None else "closed, as it was confirmed")


@lockdown.command(hidden=True)
def settle(
    plan_id: Annotated[str, typer.Argument()],
    after: Annotated[int, typer.Option(hidden=True)] = 0,
) -> None:
    """Tidy up after a trial that nobody confirmed."""
    from ringfence.flow.lockdown import Lockdown

    with _told():
        Lockdown().settle(plan_id, after)


def lines(made: Plan) -> Iterator[str]:
    """The plan for people: who is admitted and why, who would be cut off, what is missing."""
    first, last = made.ports.media
    media = f", media {first}-{last}" if last else ", media left open"
    yield f"closed to strangers: UDP {_ports(made.ports.udp)}, TCP {_ports(made.ports.tcp)}{media}"
    if made.ports.tunnel:
        yield f"  and the phone system's tunnel: {_ports(made.ports.tunnel)}"
    for kind, head in _HEADS.items():
        found = [one for one in made.admitted if one.kind == kind]
        if found:
            yield f"{head}: {len(found)}"
        for one in found[:_SHOWN]:
            yield _admitted(one)
        if len(found) > _SHOWN:
            yield f"  … and {len(found) - _SHOWN} more (--json)"
    yield f"WOULD BE CUT OFF, of the last {made.days} days: {len(made.cut_off)}"
    for one_off in made.cut_off[:_SHOWN]:
        yield from _cut_off(one_off)
    if len(made.cut_off) > _SHOWN:
        yield f"  … and {len(made.cut_off) - _SHOWN} more (--json)"
    yield from _notes(made)


def status_lines(found: Status) -> Iterator[str]:
    """How it stands, for people."""
    standing = found.standing
    if standing.trial_left_s:
        yield f"CLOSED ON TRIAL: opens by itself in {standing.trial_left_s} s"
        yield "  keep it: ringfence lockdown confirm; open it now: ringfence lockdown off"
    elif standing.is_kept:
        yield "closed, and confirmed"
    else:
        yield "open to everybody: ringfence lockdown plan"
        if found.kept is not None:
            yield "  a confirmed plan is kept, and not in force: ringfence lockdown load"
        return
    if not found.is_whole:
        yield "NOT WHOLE: another program took away rules of it; ringfence lockdown load"
    if found.plan is not None:
        yield f"admitted: {count(len(found.plan.admitted), 'address', 'addresses')} and networks"
    for address in standing.doors:
        yield f"a door is open for {address}"
    for address, who in found.turned_users.items():
        yield f"TURNED AWAY, AND LET IN BEFORE: {address} {shown(who)}"
    if standing.turned_away:
        packets = count(sum(one.packets for one in standing.turned_away), "packet")
        who = count(len(standing.turned_away), "address", "addresses")
        yield f"turned away within a day: {who}, {packets}"
    for one in standing.turned_away[:10]:
        yield f"  {one.address}: {count(one.packets, 'packet')}"


def _admitted(one: Admitted) -> str:
    seen = f", last {_moment(one.last_seen)}" if one.last_seen else ""
    return f"  {one.network:28} {shown(one.name)}: {shown(one.why)}{seen}"


def _cut_off(one: CutOff) -> Iterator[str]:
    who = ", ".join(map(shown, one.accounts[:5])) or "no account"
    name = f" ({shown(one.name)})" if one.name else ""
    yield f"  {who}{name} at {one.address}, last {_moment(one.last_seen)}"
    yield f"    {shown(one.why)}; {shown(one.do)}"


def _notes(made: Plan) -> Iterator[str]:
    if made.too_old:
        old = count(made.too_old, "address", "addresses")
        yield f"not counted: {old} that came before those days"
    if made.hostile:
        hostile = count(made.hostile, "address", "addresses")
        yield f"not admitted, and not missed: {hostile} of attackers"
    if not made.seen:
        yield "nobody was seen: give it a capture of your calls, or the phone system's log"
    for trouble in made.troubles:
        yield f"! {shown(trouble)}"


def _ports(ports: tuple[int, ...]) -> str:
    return ", ".join(map(str, ports)) or "none"


def _moment(at: str) -> str:
    return at[:16].replace("T", " ") or "unknown"


def _write_status(found: Status) -> None:
    import msgspec

    document = {
        "schema": "ringfence.lockdown_status/1",
        **msgspec.to_builtins(found.standing),
        "is_whole": found.is_whole,
        "turned_users": dict(found.turned_users),
        "plan": found.plan,
    }
    octets = msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
    sys.stdout.buffer.write(octets)
    sys.stdout.buffer.flush()


def _plan(
    source: list[str] | None,
    trunk: list[str] | None,
    admit: list[str] | None,
    pbx: list[str] | None,
    days: int,
    settings: str | None,
    store: str | None,
    *,
    trunks_only: bool,
    no_store: bool,
) -> Plan:
    """The plan of a file, or one that is made now."""
    from ringfence.flow.lockdown import Wish, make, plan_in
    from ringfence.flow.settings import load_settings

    if not 1 <= days <= 365:
        fail(f"--days {days}: 1 to 365")
    if len(source or ()) == 1 and (kept := plan_in((source or [""])[0])) is not None:
        if trunk or admit or trunks_only:
            fail("a plan that was kept is applied as it is: give the sources again to change it")
        return kept
    wish = Wish(
        tuple(source or ()), tuple(trunk or ()), tuple(admit or ()), tuple(pbx or ()), days,
        trunks_only, store, not no_store,
    )  # fmt: skip
    return make(wish, load_settings(settings))


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong is said, and the command ends."""
    from ringfence.flow.casebook import CaseError, StoreError
    from ringfence.flow.investigation import CaptureError, OwnerError
    from ringfence.flow.lockdown import FirewallError, LockdownError
    from ringfence.model.settings import SettingsError

    try:
        yield
    except (
        LockdownError, FirewallError, CaptureError, OwnerError, StoreError, CaseError,
        SettingsError, OSError, ValueError,
    ) as error:  # fmt: skip
        fail(str(error))


def _seconds(text: str) -> int:
    found = _SECONDS.fullmatch(text.strip())
    if found is None:
        fail(f"--confirm-within {text}: seconds or minutes, like 120s or 5m")
    return int(found[1]) * (60 if found[2] == "m" else 1)
