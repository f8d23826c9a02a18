"""`ringfence rehearse`: what the guard would have done with captures, and to whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.owner import Known, Pbx, Trunk, owner_of
from ringfence.cli.shell import ATTACKERS_FOUND, Captures, fail, say_if_slow
from ringfence.model.clock import utc
from ringfence.model.text import shown

if TYPE_CHECKING:
    from ringfence.flow.rehearsal import Rehearsal, Rehearsed

# Decisions that are listed when nobody asks for more: a spread attack makes hundreds.
DEFAULT_LIMIT = 50


def rehearse(
    files: Captures,
    pbx: Pbx = None,
    trunk: Trunk = None,
    known: Known = None,
    limit: Annotated[
        int, typer.Option(min=0, metavar="N", help="List at most this many decisions.")
    ] = DEFAULT_LIMIT,
    guesses: Annotated[
        int,
        typer.Option(min=1, metavar="N", help="Guesses at one account a day before an alarm."),
    ] = 100,
    json: Annotated[
        bool, typer.Option("--json", help="Print each decision as a line of JSON, nothing else.")
    ] = False,
) -> None:
    """Say what the guard would have done, when, and why; nothing is blocked.

    Exit status: 0 nobody ordinary would have been hit, 1 somebody would, 2 error.
    """
    from ringfence import flow
    from ringfence.flow.rehearsal import rehearse as play

    if not json:
        say_if_slow()
    try:
        found = play(files, owner_of(pbx, trunk, known, None, None), guesses)
    except (flow.CaptureError, flow.OwnerError, OSError) as error:
        fail(str(error))
    for line in _json_lines(found) if json else _lines(found, limit):
        typer.echo(line)
    raise typer.Exit(ATTACKERS_FOUND if found.hit else 0)


def _lines(found: Rehearsal, limit: int) -> Iterable[str]:
    for one in found.decisions[:limit]:
        yield from _told(one)
    more = len(found.decisions) - limit
    if more > 0:
        yield f"and {more} decisions more; --limit shows them"
    yield (
        f"{found.messages} messages of {found.sources} sources: {len(found.decisions)} decisions; "
        f"{_kept_out(found)} requests would have come too late to be heard"
    )
    if not found.hit:
        yield "Nobody who is not accused would have been hit."
    for one in found.hit:
        yield f"WOULD HAVE HIT {one.decision.address} ({one.verdict.replace('_', ' ')})"


def _told(one: Rehearsed) -> Iterable[str]:
    d = one.decision
    what = d.action.upper() if d.action == "alarm" else d.action
    if d.lasts_s:
        what += f" for {_duration(d.lasts_s)}"
    where = shown(d.address) + (f" ports {', '.join(map(str, d.ports))}" if d.ports else "")
    account = f", account {shown(d.account)}" if d.account else ""
    seen = f" after {d.messages} requests, {d.refused} refused" if d.messages else ""
    yield f"{utc(d.time_ns) or 'unknown time'}  {what}: {where}{account}{seen}"
    yield f"    {shown(d.reason)}"


def _kept_out(found: Rehearsal) -> int:
    """Requests that came after the first measure against their source."""
    first: dict[str, int] = {}
    for one in found.decisions:
        if one.decision.action in ("block", "limit", "narrow"):
            first.setdefault(one.decision.address, one.messages_after)
    return sum(first.values())


def _json_lines(found: Rehearsal) -> Iterable[str]:
    import msgspec

    for one in found.decisions:
        d = one.decision
        yield msgspec.json.encode(
            {
                "time": utc(d.time_ns),
                "action": d.action,
                "address": d.address,
                "ports": d.ports,
                "lasts_s": d.lasts_s,
                "account": d.account,
                "campaign": d.campaign,
                "kinds": d.kinds,
                "weight_db": d.weight_db,
                "proven": d.proven,
                "requests": d.messages,
                "refused": d.refused,
                "requests_after": one.messages_after,
                "verdict_at_the_end": one.verdict,
                "reason": d.reason,
            }
        ).decode()


def _duration(seconds: int) -> str:
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
