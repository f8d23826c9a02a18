"""`ringfence guard --would-have`: who would have been hit, users after all first."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from ringfence.cli.shell import ATTACKERS_FOUND, fail
from ringfence.model.decision import BLOCK, LIMIT, NARROW
from ringfence.model.text import count, shown

if TYPE_CHECKING:
    from ringfence.model.would_have import Hit, WouldHave

SCHEMA = "ringfence.would_have/1"
DEFAULT_DAYS, DEFAULT_LIMIT = 7, 50
MAX_DAYS = 90
_WORDS = {BLOCK: "blocked", NARROW: "blocked", LIMIT: "slowed down"}
_COUNTED = {BLOCK: "blocked", NARROW: "by port only", LIMIT: "slowed down"}


def show_would_have(
    store: str | None, days: int = DEFAULT_DAYS, *, json: bool = False, limit: int = DEFAULT_LIMIT
) -> None:
    """Print it. Exit status: 0 no user would have been hit, 1 some would, 2 error."""
    from ringfence.flow.casebook import CaseError, StoreError
    from ringfence.flow.would_have import would_have

    if not 1 <= days <= MAX_DAYS:
        fail(f"--days {days}: 1 to {MAX_DAYS}, which is as long as the journal is kept")
    try:
        found = would_have(store, days)
    except (StoreError, CaseError, OSError) as error:
        fail(str(error))
    if json:
        _write_json(found)
    else:
        for line in lines(found, limit):
            typer.echo(line)
    raise typer.Exit(ATTACKERS_FOUND if found.users else 0)


def lines(found: WouldHave, limit: int = DEFAULT_LIMIT) -> Iterator[str]:
    """How many first, then users, then the others, as many as asked for."""
    yield _first(found)
    if found.since:
        yield f"The journal of this guard has decisions since {_moment(found.since)}."
    else:
        yield "The journal is empty: was the guard running? `ringfence guard status`"
    if found.summed:
        yield (
            f"And {count(found.summed, 'measure')} against addresses that may be made up, so many "
            "that they are only counted."
        )
    for hit in found.hits[:limit]:
        yield from _told(hit)
    if len(found.hits) > limit:
        yield f"and {count(len(found.hits) - limit, 'address', 'addresses')} more"


def _first(found: WouldHave) -> str:
    within = f"In the last {count(found.days, 'day')}" if found.days > 1 else "In the last day"
    if not found.hits:
        return f"{within} nobody would have been hit."
    parts = [
        f"{number:,} {word}"
        for action, word in _COUNTED.items()
        if (number := sum(hit.action == action for hit in found.hits))
    ]
    done = sum(hit.enforced for hit in found.hits)
    if done == len(found.hits):
        verb = "was" if len(found.hits) == 1 else "were"
    else:
        verb = "would have been"
    users = len(found.users)
    after_all = (
        "none of them was a user, as far as is known"
        if not users
        else f"{users:,} of them {'was a user' if users == 1 else 'were users'} after all"
    )
    who = count(len(found.hits), "address", "addresses")
    return f"{within} {who} {verb} hit ({', '.join(parts)}); {after_all}."


def _told(hit: Hit) -> Iterator[str]:
    sign = "USER  " if hit.mistakes else "      "
    ports = f" port {','.join(map(str, hit.ports))}" if hit.ports else ""
    times = f", {hit.times:,} times" if hit.times > 1 else ""
    proven = "" if hit.proven else ", may be forged"
    dry = "" if hit.enforced else "would have been "
    yield (
        f"{sign}{shown(hit.address)}{ports}: {dry}{_WORDS[hit.action]} for "
        f"{_lasting(hit.lasted_s)}{times}{proven}"
    )
    last = f" to {_moment(hit.last_at)}" if hit.last_at != hit.first_at else ""
    yield f"      {_moment(hit.first_at)}{last}: {shown(hit.why)}"
    for mistake in hit.mistakes:
        yield f"      but {shown(mistake)}"


def _moment(at: str) -> str:
    return at[:16].replace("T", " ")


def _lasting(seconds: int) -> str:
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds} s"


def _write_json(found: WouldHave) -> None:
    import msgspec

    document = {"schema": SCHEMA, "users": len(found.users), **msgspec.to_builtins(found)}
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")
    sys.stdout.buffer.flush()
