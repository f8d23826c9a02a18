"""`ringfence block | unblock | allow | blocks`: what this machine's firewall drops, and why."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.book import Store
from ringfence.cli.lasting import seconds_of
from ringfence.cli.shell import fail
from ringfence.model.measure import EFFECTIVE, NOT_EFFECTIVE
from ringfence.model.text import count, shown

if TYPE_CHECKING:
    from ringfence.flow.casebook import Casebook
    from ringfence.flow.firewall import Firewall, InForce
    from ringfence.model.measure import Held, Measure

Why = Annotated[str, typer.Option(metavar="TEXT", help="The reason, for others and for later.")]
Address = Annotated[
    str, typer.Argument(metavar="ADDRESS", help="An address; an IPv4 /24, an IPv6 /64.")
]

SCHEMA = "ringfence.blocks/1"
DOES_NOT_HOLD = 1
_SIGNS = {EFFECTIVE: "works", NOT_EFFECTIVE: "FAILS"}


def block(
    address: Address,
    port: Annotated[
        list[int] | None,
        typer.Option(metavar="N", help="Only this source port of it. May be repeated."),
    ] = None,
    lasts: Annotated[
        str, typer.Option("--for", metavar="TIME", help="How long: 90s, 10m, 1h, 7d.")
    ] = "7d",
    why: Why = "by hand",
    case: Annotated[
        str | None, typer.Option(metavar="CASE", help="The case that it belongs to.")
    ] = None,
    device: Annotated[
        list[str] | None,
        typer.Option(metavar="IF", help="Drop it at this interface already. May be repeated."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what nft would get; change nothing.")
    ] = False,
    store: Store = None,
) -> None:
    """Drop everything of an address in this machine's firewall, until its time is over.

    Exit status: 0 it is dropped, 2 it is refused, or error.
    """
    from datetime import UTC, datetime

    from ringfence.flow.firewall import new_measure

    with _firewall(store) as (firewall, book):
        case_id = book.find(case).id if case is not None else ""
        measure = new_measure(
            address, why, _lasting(lasts), datetime.now(UTC), ports=port or (), case_id=case_id
        )
        if objection := firewall.objection(measure.address):
            fail(f"{measure.address} is not blocked: {objection}")
        if dry_run:
            tables, transaction = firewall.preview([measure], device or ())
            typer.echo(f"# where our tables do not stand yet: nft -f -\n{tables}")
            typer.echo(f"# then: nft -j -f -\n{transaction}")
            return
        if device:
            firewall.at_device(device)
        firewall.apply([measure])
        keeps_ssh = firewall.keeps_ssh(measure.address)
    only = f" port {', '.join(map(str, measure.ports))}" if measure.ports else ""
    typer.echo(f"{measure.address}{only} is blocked until {measure.until}")
    if keeps_ssh:
        typer.echo("  but for its connection to the SSH port, which was open")
    typer.echo(f"  does it work: ringfence blocks; undo: ringfence unblock {measure.address}")


def unblock(
    address: Annotated[
        str | None, typer.Argument(metavar="[ADDRESS]", help="As it was blocked.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All of them; nothing of ours is left in the firewall.")
    ] = False,
    why: Why = "by hand",
    store: Store = None,
) -> None:
    """Drop nothing of an address any more."""
    if (address is None) is not everything:
        fail("name one address, or --all")
    with _firewall(store) as (firewall, _):
        ended: list[Measure | Held] = (
            list(firewall.remove(why)) if address is None else firewall.release(address, why)
        )
    if address is None:
        typer.echo(f"{count(len(ended), 'block')} ended; our tables are gone from the firewall")
    elif ended:
        typer.echo(f"{shown(address)} is no longer blocked")
    else:
        typer.echo(f"{shown(address)} was not blocked")


def allow(
    address: Annotated[
        str | None, typer.Argument(metavar="[ADDRESS]", help="An address or network.")
    ] = None,
    why: Why = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take it off the list again.")] = False,
    store: Store = None,
) -> None:
    """Never block an address or network; without one, list them."""
    if address is None and (remove or why):
        fail("which address? `ringfence allow ADDRESS`")
    with _firewall(store) as (firewall, _):
        if address is None:
            found = firewall.allowed()
            for one in found:
                typer.echo(f"{one.network:39} {one.since[:10]} {shown(one.by)}: {shown(one.why)}")
            if not found:
                typer.echo("nobody is on the allow list: `ringfence allow ADDRESS --why carrier`")
        elif remove:
            if not firewall.disallow(address):
                fail(f"{address} is not on the allow list: see `ringfence allow`")
            typer.echo(f"{shown(address)} is off the allow list")
        else:
            ended = firewall.allow(address, why)
            typer.echo(f"{shown(address)} is never blocked")
            for measure in ended:
                typer.echo(f"  {measure.address} was blocked, and is no more")


def blocks(
    json: Annotated[
        str | None,
        typer.Option("--json", metavar="FILE", help="Write them there; - prints them alone."),
    ] = None,
    restore: Annotated[
        bool, typer.Option("--restore", help="Put back what is gone from the firewall first.")
    ] = False,
    store: Store = None,
) -> None:
    """List what is blocked now: since when, until when, why, what was dropped, does it work.

    Exit status: 0 nothing that should hold does not, 1 something does not, 2 error.
    """
    from ringfence.flow.firewall import FirewallError

    with _firewall(store) as (firewall, _):
        if restore:
            for measure in firewall.restore():
                typer.echo(f"{measure.address} is blocked again", err=True)
        try:
            found = firewall.standing()
        except FirewallError as error:
            typer.echo(f"ringfence: what the store says: {shown(str(error))}", err=True)
            found = firewall.recorded()
    if json is not None:
        _write_json(found, json)
    else:
        for line in _table(found):
            typer.echo(line)
    if any(one.effect.state == NOT_EFFECTIVE for one in found):
        raise typer.Exit(DOES_NOT_HOLD)


@contextmanager
def _firewall(store: str | None) -> Iterator[tuple[Firewall, Casebook]]:
    """The firewall and the book; what goes wrong is said, and the command ends."""
    from ringfence.flow.casebook import Casebook, CaseError, StoreError
    from ringfence.flow.firewall import Firewall, FirewallError, MeasureError

    try:
        with Casebook(store) as book:
            yield Firewall(book), book
    except (CaseError, StoreError, FirewallError, MeasureError, OSError) as error:
        fail(str(error))


def _table(found: list[InForce]) -> Iterator[str]:
    if not found:
        yield "nothing is blocked"
    for one in found:
        measure, effect = one.measure, one.effect
        ports = f" port {','.join(map(str, measure.ports))}" if measure.ports else ""
        sign = _SIGNS.get(effect.state, "?")
        since = f"since {_moment(measure.since)} " if measure.since else ""
        yield f"{sign:5} {measure.action:6} {measure.address}{ports}"
        by = f" ({shown(measure.by)})" if measure.by else ""
        case = f" {measure.case_id}" if measure.case_id else ""
        yield f"      {since}until {_moment(measure.until)}{case}: {shown(measure.reason)}{by}"
        yield f"      {shown(effect.why)}"


def _moment(at: str) -> str:
    return at[:16].replace("T", " ")


def _write_json(found: list[InForce], where: str) -> None:
    from pathlib import Path

    import msgspec

    document = {
        "schema": SCHEMA,
        "blocks": [
            {
                **msgspec.to_builtins(one.measure),
                "in_firewall": one.held is not None,
                "left_s": one.held.left_s if one.held else 0,
                "effect": one.effect,
            }
            for one in found
        ],
    }
    octets = msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
    if where == "-":
        sys.stdout.buffer.write(octets)
        sys.stdout.buffer.flush()
    else:
        Path(where).write_bytes(octets)


def _lasting(text: str) -> timedelta:
    seconds = seconds_of(text.strip())
    if seconds is None:
        fail(f"--for {text}: a number and its unit, like 90s, 10m, 1h, 7d")
    return timedelta(seconds=seconds)
