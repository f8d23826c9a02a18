"""What captures show of the owner's own servers, without asking anybody, and what it means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from ringfence.audit import exposures as rules
from ringfence.audit.exposure import is_md5, weigh_header
from ringfence.audit.exposures import broken
from ringfence.audit.networks import Address
from ringfence.audit.releases import TABLE_OF
from ringfence.model.pbx import Extension, Place
from ringfence.model.text import count
from ringfence.model.weakness import Weakness

# Days on which something was seen before "nobody ever did" means anything.
DAYS_TO_TELL = 14


@dataclass(frozen=True, slots=True)
class Server:
    """One server of ours, as it was seen."""

    address: Address
    headers: tuple[str, ...] = ()
    algorithms: tuple[str, ...] = ()  # of its challenges; "" where none is named
    differs: str = ""  # how it answered users that do not exist; empty: not seen to
    guests: tuple[Address, ...] = ()  # strangers whose calls went through without a password
    clear: tuple[str, ...] = ()  # accounts that proved themselves unencrypted from outside


@dataclass(frozen=True, slots=True)
class Seen:
    """What captures show."""

    servers: tuple[Server, ...] = ()
    outside: dict[str, date] = field(default_factory=dict)  # account to its last registration
    days: int = 0  # on which anything was seen
    source: str = "captures"


def weigh(
    seen: Seen,
    extensions: Sequence[Extension] = (),
    today: date = TABLE_OF,
    days_to_tell: int = DAYS_TO_TELL,
) -> list[Weakness]:
    """The rules that these captures show broken; `extensions` are those of the owner's settings."""
    found = [w for server in seen.servers for w in _weigh_server(server, seen.source, today)]
    if seen.days >= days_to_tell:
        found += _never_outside(seen, extensions)
    return found


def unsure(
    seen: Seen, extensions: Sequence[Extension] = (), days_to_tell: int = DAYS_TO_TELL
) -> tuple[str, ...]:
    """What the captures are too short, or too silent, to tell."""
    says: list[str] = []
    if any(e.outside for e in extensions) and seen.days < days_to_tell:
        says.append(
            f"who needs to register from outside: the captures are of {count(seen.days, 'day')}, "
            f"{days_to_tell} are needed"
        )
    says += (
        f"{server.address}: no answers for users that do not exist were seen"
        for server in seen.servers
        if not server.differs
    )
    return tuple(says)


def _weigh_server(server: Server, source: str, today: date) -> list[Weakness]:
    place = Place(source, name=str(server.address))
    found: list[Weakness] = []
    for header in server.headers:
        found += weigh_header(header, place, today)
    if server.differs:
        found.append(broken(rules.TELLS_UNKNOWN, place, detail=server.differs))
    if any(is_md5(algorithm) for algorithm in server.algorithms):
        alone = all(is_md5(algorithm) for algorithm in server.algorithms)
        found.append(broken(rules.MD5 if alone else rules.MD5_TOO, place))
    if server.guests:
        some = ", ".join(str(guest) for guest in server.guests[:3])
        detail = f"seen from {some}; name your providers if these are theirs"
        found.append(broken(rules.GUESTS, place, detail=detail, severity=rules.HIGH))
    if server.clear:
        found.append(broken(rules.CLEAR_LOGIN, place, extensions=server.clear))
    return found


def _never_outside(seen: Seen, extensions: Iterable[Extension]) -> list[Weakness]:
    unused = [
        e
        for e in extensions
        if e.outside and not e.disabled and not {e.number, e.auth_id} & seen.outside.keys()
    ]
    detail = f"on {count(seen.days, 'day')} of captures"
    return [
        broken(rules.OUTSIDE_UNUSED, e.place, detail=detail, extensions=(e.number,)) for e in unused
    ]
