"""What captures show of the owner's own servers, without asking anybody: `Watching`, `weigh`.

How it works: `Watching.take` looks at the answers of every table and keeps a little for each
server: what it calls itself, which algorithms its challenges name, how it answers which users,
who registered from where, whose call it let through. `seen` gives that for the servers that are
ours. Rules: floods must not fill it (of each kind of answer to each asker only so many are
looked at in a table, and every table has an end), and no credentials are kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from ringfence.audit import exposures as rules
from ringfence.audit.exposure import is_md5, weigh_header
from ringfence.audit.exposures import broken
from ringfence.audit.networks import Address, Network, is_inside
from ringfence.audit.probe import CHALLENGES, NOBODY
from ringfence.audit.releases import TABLE_OF
from ringfence.model.pbx import Extension, Place
from ringfence.model.text import count
from ringfence.model.weakness import Weakness
from ringfence.wire import _columns as columns
from ringfence.wire.errors import WireError
from ringfence.wire.message import parse_message

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ringfence.wire.table import MessageTable

# Servers of one capture; more addresses that answer are phones, or invented.
MAX_SERVERS = 1_000
# What a server may call itself: changes only with its version, or on purpose.
MAX_HEADERS = 16
# Askers of a server whose answers are compared, and users of each: enough to tell that they
# differ; a scanner that asks for more shows nothing new.
MAX_ASKERS, MAX_USERS = 2_000, 200
# Accounts that came from outside; 200,000 is the most that a source may hold.
MAX_ACCOUNTS = 200_000
# Addresses from which one account came; the oldest is forgotten first.
MAX_PLACES = 16
# Rows of one kind (asker, server, method, status) that are looked at in one table.
MAX_ROWS = 20
# Challenges that are read whole, of each server: they are all alike.
MAX_CHALLENGES = 50
# Calls whose credentials, or whose beginning, are remembered. Oldest first out.
MAX_CALLS = 50_000

# Days on which something was seen before "nobody ever did" means anything.
DAYS_TO_TELL = 14

_TO_PHONES = (columns.M_INVITE, columns.M_REGISTER, columns.M_OPTIONS, columns.M_NOTIFY)
_UNLIKE_NOBODY = frozenset({200, 480, 486, 489})
_TEXT: Final = 128


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


@dataclass(slots=True)
class _Server:
    headers: dict[str, None] = field(default_factory=dict)
    perhaps: str = ""  # what it, or who is behind it, called itself elsewhere
    algorithms: dict[str, None] = field(default_factory=dict)
    challenges: int = 0
    # asker and method to users: who was challenged, and who was said not to be there
    users: dict[tuple[Address, int], tuple[set[str], set[str]]] = field(default_factory=dict)
    guests: dict[Address, None] = field(default_factory=dict)
    clear: dict[str, None] = field(default_factory=dict)
    # account to those who registered it from outside, and when last, in nanoseconds
    outside: dict[str, dict[Address, int]] = field(default_factory=dict)
    answers: int = 0
    asks: set[Address] = field(default_factory=set)  # whom it asks: carriers, its own phones


class Watching:
    """Tables in, what they show out. `own`: networks of the owner that are not private."""

    def __init__(self, own: Sequence[Network] = ()) -> None:
        self._own = tuple(own)
        self._servers: dict[Address, _Server] = {}
        self._days: set[int] = set()
        self._proven: dict[int, None] = {}  # calls with credentials, by hash
        self._challenged: dict[int, None] = {}

    def take(self, table: MessageTable) -> None:
        """Look at one table."""
        import numpy as np

        if not len(table):
            return
        slots, wide = table.numbers, table.wide
        times = wide["time"]
        self._days.update(np.unique(times // np.uint64(86_400_000_000_000)).tolist())
        methods, statuses, calls = slots["method"], slots["status"], wide["call_hash"]
        auth = _spans(table, columns.AUTH)
        _remember(self._proven, calls[(methods > 0) & (auth > 0)].tolist())
        _remember(self._challenged, calls[np.isin(statuses, list(CHALLENGES))].tolist())
        told = (methods == 0) & (statuses >= 180)
        for row in _some(table, np.flatnonzero(told), ("cseq_method", "status")):
            self._take_answer(table, row)
        asking = np.isin(methods, _TO_PHONES)
        for row in _some(table, np.flatnonzero(asking), ()):
            self._take_request(table, row)

    def seen(
        self,
        ours: Iterable[Address],
        accused: Collection[Address] = (),
        known: Collection[Address] = (),
        source: str = "captures",
    ) -> Seen:
        """What is known of these servers.

        What the `accused` registered is no need of the owner's; the calls of those who are
        `known` (his carriers) may go through.
        """
        mine = set(ours)
        servers: list[Server] = []
        outside: dict[str, date] = {}
        for address in mine & self._servers.keys():
            s = self._servers[address]
            friends = s.asks | mine | set(known)
            guests = tuple(guest for guest in s.guests if guest not in friends)
            headers = tuple(s.headers) or ((s.perhaps,) if s.perhaps else ())
            algorithms = tuple(s.algorithms)
            differs = _difference(s)
            servers.append(Server(address, headers, algorithms, differs, guests, tuple(s.clear)))
            for account, askers in s.outside.items():
                honest = [when for asker, when in askers.items() if asker not in accused]
                if honest:
                    day = _day(max(honest))
                    outside[account] = max(day, outside.get(account, day))
        servers.sort(key=lambda server: (server.address.version, int(server.address)))
        return Seen(tuple(servers), outside, len(self._days), source)

    def _server(self, address: Address) -> _Server:
        """What is kept of it. Where there are too many, those that answer least are forgotten."""
        server = self._servers.get(address)
        if server is None:
            if len(self._servers) >= MAX_SERVERS:
                busiest = sorted(self._servers.items(), key=lambda item: -item[1].answers)
                self._servers = dict(busiest[: MAX_SERVERS // 2])
            server = self._servers[address] = _Server()
        return server

    def _take_request(self, table: MessageTable, row: int) -> None:
        """Whom a server asks of itself is a phone of its own, or a carrier: no stranger."""
        server = self._servers.get(ip_address(table.address(row, "source")))
        if server is None or len(server.asks) >= MAX_ASKERS:
            return
        table.fill_parts_of(row)
        if not table.text(row, "to_tag"):  # within a call it asks strangers too
            server.asks.add(ip_address(table.address(row, "destination")))

    def _take_answer(self, table: MessageTable, row: int) -> None:
        server = self._server(ip_address(table.address(row, "source")))
        server.answers += 1
        status, method = table.number(row, "status"), table.number(row, "cseq_method")
        self._take_header(server, method, status, _text(table.text(row, "user_agent")))
        if status in CHALLENGES:
            self._take_challenge(server, table, row)
        table.fill_parts_of(row)
        asker = ip_address(table.address(row, "destination"))
        call = table.number(row, "call_hash")
        account = _text(table.text(row, "to_user"))
        if method == columns.M_REGISTER and 200 <= status < 300:
            self._take_registration(server, table, row, asker)
        elif method == columns.M_INVITE and 180 <= status < 300:
            open_to = call not in self._proven and call not in self._challenged
            if open_to and len(server.guests) < MAX_ASKERS and not is_inside(asker, self._own):
                server.guests.setdefault(asker)
        if account and (status in CHALLENGES or call not in self._proven):
            _compare(server, (asker, method), account, status)

    @staticmethod
    def _take_header(server: _Server, method: int, status: int, header: str) -> None:
        """Registrations and challenges are its own; in other answers a phone behind it speaks."""
        if not header:
            return
        if method != columns.M_REGISTER and status not in CHALLENGES:
            server.perhaps = server.perhaps or (header if method == columns.M_OPTIONS else "")
        elif len(server.headers) < MAX_HEADERS:
            server.headers.setdefault(header)

    def _take_challenge(self, server: _Server, table: MessageTable, row: int) -> None:
        if server.challenges >= MAX_CHALLENGES:
            return
        server.challenges += 1
        try:
            message = parse_message(table.message(row))
        except WireError:
            return
        for challenge in message.challenges[:8]:
            if challenge.scheme.lower() == b"digest":
                server.algorithms.setdefault(_text(challenge.algorithm or b""))

    def _take_registration(
        self, server: _Server, table: MessageTable, row: int, asker: Address
    ) -> None:
        account = _text(table.text(row, "to_user"))
        if not account or is_inside(asker, self._own):
            return
        if account in server.outside or len(server.outside) < MAX_ACCOUNTS:
            askers = server.outside.setdefault(account, {})
            askers.pop(asker, None)
            askers[asker] = table.number(row, "time")
            if len(askers) > MAX_PLACES:
                del askers[next(iter(askers))]
        in_clear = table.number(row, "transport") in {columns.T_UDP, columns.T_TCP, columns.T_WS}
        proven = table.number(row, "call_hash") in self._proven
        if in_clear and proven and len(server.clear) < MAX_ACCOUNTS:
            server.clear.setdefault(account)


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


# ---- what answers tell -----------------------------------------------------------------


def _compare(server: _Server, of: tuple[Address, int], account: str, status: int) -> None:
    """Note how this asker is answered about this user."""
    told = server.users.get(of)
    if told is None:
        if len(server.users) >= MAX_ASKERS:
            return
        told = server.users[of] = (set(), set())
    there, nobody = told
    is_there = status in CHALLENGES or (of[1] == columns.M_OPTIONS and status in _UNLIKE_NOBODY)
    kind = there if is_there else nobody if status in NOBODY else None
    if kind is not None and len(kind) < MAX_USERS:
        kind.add(account)


def _difference(server: _Server) -> str:
    """How one asker was answered for users that are there and for others; the clearest case."""
    cases = [
        (len(nobody - there), len(there), columns.METHODS[method])
        for (_, method), (there, nobody) in server.users.items()
        if there and nobody - there
    ]
    if not cases:
        return ""
    unknown, known, method = max(cases)
    return f"{method}: {count(unknown, 'user')} not there, {known} asked for more"


def _spans(table: MessageTable, slot: int) -> NDArray[np.int32]:
    """Lengths of a span column."""
    import numpy as np

    rows = np.frombuffer(table.batch.slots, np.int32).reshape(-1, columns.SLOT_WIDTH)
    lengths: NDArray[np.int32] = rows[: len(table), slot + 1]
    return lengths


def _some(table: MessageTable, rows: NDArray[np.intp], by: tuple[str, ...]) -> Iterable[int]:
    """At most MAX_ROWS of each kind: the same two addresses and the same `by`."""
    slots, wide = table.numbers, table.wide
    names = ("source_low", "source_high", "destination_low", "destination_high")
    kinds = zip(
        *(wide[name][rows].tolist() for name in names),
        *(slots[name][rows].tolist() for name in by),
        strict=True,
    )
    most = MAX_ROWS if by else 1
    taken: dict[tuple[int, ...], int] = {}
    for row, kind in zip(rows.tolist(), kinds, strict=True):
        already = taken.get(kind, 0)
        if already < most:
            taken[kind] = already + 1
            yield row


def _remember(calls: dict[int, None], more: Iterable[int]) -> None:
    for call in more:
        calls[call] = None
    while len(calls) > MAX_CALLS:
        del calls[next(iter(calls))]


def _text(octets: bytes) -> str:
    return octets[:_TEXT].decode("utf-8", "replace")


def _day(time_ns: int) -> date:
    return datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).date()
