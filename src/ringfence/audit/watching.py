"""Tables of captures in, what they show of servers out: `Watching`.

How it works: of every table the answers are looked at that tell something: what a server calls
itself, which algorithms its challenges name, how it answers which users, who registered from
where, whose call it let through. Addresses are pairs of numbers until the end. Rules: floods must
not fill it (of each kind of answer to each asker only so many are looked at in a table, and what
is kept has bounds), and no credentials are kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from ringfence.audit.networks import Address, Network, is_inside
from ringfence.audit.probe import CHALLENGES, NOBODY
from ringfence.audit.seen import Seen, Server
from ringfence.model.text import count
from ringfence.wire import _columns as columns
from ringfence.wire.errors import WireError
from ringfence.wire.message import parse_message
from ringfence.wire.table import unmapped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ringfence.wire.table import MessageTable

    Rows = NDArray[np.intp]

Key = tuple[int, int]  # an address: its upper and lower 64 bits, IPv4 as ::ffff:a.b.c.d

# Servers of one capture; more addresses that answer are phones, or invented.
MAX_SERVERS = 1_000
# What a server may call itself: changes only with its version, or on purpose.
MAX_HEADERS = 16
# Askers of a server whose answers are compared, and users of each: enough to tell that they
# differ; a scanner that asks for more shows nothing new. Oldest first out, and summed up.
MAX_ASKERS, MAX_USERS = 2_000, 200
# Accounts that came from outside; 200,000 is the most that a source may hold.
MAX_ACCOUNTS = 200_000
# Addresses from which one account came; the oldest is forgotten first.
MAX_PLACES = 16
# Rows of one kind (asker, server, method, status) that are looked at in one table.
MAX_ROWS = 20
# Challenges that are read whole, of each server: they are all alike.
MAX_CHALLENGES = 50
# Calls whose credentials, or whose challenge, are remembered. Oldest first out.
MAX_CALLS = 50_000

_TO_PHONES = (columns.M_INVITE, columns.M_REGISTER, columns.M_OPTIONS, columns.M_NOTIFY)
# OPTIONS is answered so for users that exist.
_THERE = frozenset({200, 480, 486})
_CLEAR = frozenset({columns.T_UDP, columns.T_TCP, columns.T_WS})
_PAIR = ("source_high", "source_low", "destination_high", "destination_low")
_DAY_NS: Final = 86_400_000_000_000
_TEXT: Final = 128


@dataclass(slots=True)
class _Server:
    answers: int = 0
    headers: dict[str, None] = field(default_factory=dict)
    perhaps: str = ""  # what it, or who is behind it, called itself elsewhere
    algorithms: dict[str, None] = field(default_factory=dict)
    challenges: int = 0
    # asker and method to users: who was challenged, and who was said not to be there
    users: dict[tuple[Key, int], tuple[set[str], set[str]]] = field(default_factory=dict)
    clearest: tuple[int, int, int] = (0, 0, 0)  # of those forgotten: nobody, there, method
    guests: dict[Key, None] = field(default_factory=dict)
    clear: dict[str, None] = field(default_factory=dict)
    # account to those who registered it from outside, and when last, in nanoseconds
    outside: dict[str, dict[Key, int]] = field(default_factory=dict)
    asks: set[Key] = field(default_factory=set)  # whom it asks: carriers, its own phones


class Watching:
    """Tables in, what they show out. `own`: networks of the owner that are not private."""

    def __init__(self, own: Sequence[Network] = ()) -> None:
        self._own = tuple(own)
        self._servers: dict[Key, _Server] = {}
        self._days: set[int] = set()
        self._proven: dict[int, None] = {}  # calls with credentials, by hash
        self._challenged: dict[int, None] = {}
        self._inside: dict[Key, bool] = {}

    def take(self, table: MessageTable) -> None:
        """Look at one table."""
        import numpy as np

        if not len(table):
            return
        slots, wide = table.numbers, table.wide
        self._days.update(np.unique(wide["time"] // np.uint64(_DAY_NS)).tolist())
        methods, statuses, calls = slots["method"], slots["status"], wide["call_hash"]
        challenges = np.isin(statuses, list(CHALLENGES))
        proofs = (methods > 0) & (_lengths(table, columns.AUTH) > 0)
        _remember(self._proven, calls[proofs].tolist())
        _remember(self._challenged, calls[challenges].tolist())
        self._take_names(table, np.flatnonzero(statuses >= 180))
        self._take_answers(table, np.flatnonzero(_telling(table) | challenges))
        self._take_requests(table, np.flatnonzero(np.isin(methods, _TO_PHONES)))

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
        mine = {_key(address) for address in ours}
        friends, bad = mine | {_key(a) for a in known}, {_key(a) for a in accused}
        servers: list[Server] = []
        outside: dict[str, date] = {}
        for key in sorted(mine & self._servers.keys()):
            s = self._servers[key]
            servers.append(_told(key, s, friends))
            for account, askers in s.outside.items():
                honest = [when for asker, when in askers.items() if asker not in bad]
                if honest:
                    day = _day(max(honest))
                    outside[account] = max(day, outside.get(account, day))
        return Seen(tuple(servers), outside, len(self._days), source)

    def _server(self, key: Key) -> _Server:
        """What is kept of it. Where there are too many, those that answer least are forgotten."""
        server = self._servers.get(key)
        if server is None:
            if len(self._servers) >= MAX_SERVERS:
                busiest = sorted(self._servers.items(), key=lambda item: -item[1].answers)
                self._servers = dict(busiest[: MAX_SERVERS // 2])
            server = self._servers[key] = _Server()
        return server

    def _take_names(self, table: MessageTable, rows: Rows) -> None:
        """What servers call themselves, and what they offer: a few answers of each kind."""
        by = (*_PAIR[:2], "cseq_method", "status")
        for row, (high, low, method, status) in _some(table, rows, by, 2):
            server = self._server((high, low))
            server.answers += 1
            _take_header(server, method, status, _text(table.text(row, "user_agent")))
            if status in CHALLENGES:
                _take_challenge(server, table, row)

    def _take_answers(self, table: MessageTable, rows: Rows) -> None:
        """What they answered to whom."""
        by = (*_PAIR, "cseq_method", "status")
        for row, (high, low, to_high, to_low, method, status) in _some(table, rows, by, MAX_ROWS):
            server, asker = self._server((high, low)), (to_high, to_low)
            server.answers += 1
            if method == columns.M_REGISTER and 200 <= status < 300:
                if not self._is_inside(asker):
                    self._take_registration(server, table, row, asker)
            elif method == columns.M_INVITE and status < 300:
                self._take_call(server, table, row, asker)
            elif status in CHALLENGES:
                _compare(server, (asker, method), table, row, 0)
            elif status in NOBODY:
                if table.number(row, "call_hash") not in self._proven:
                    _compare(server, (asker, method), table, row, 1)
            else:
                _compare(server, (asker, method), table, row, 0)

    def _take_call(self, server: _Server, table: MessageTable, row: int, asker: Key) -> None:
        """A call that rang or was answered, without a word of who calls."""
        call = table.number(row, "call_hash")
        is_open = call not in self._proven and call not in self._challenged
        if is_open and len(server.guests) < MAX_ASKERS and not self._is_inside(asker):
            server.guests.setdefault(asker)

    def _take_registration(
        self, server: _Server, table: MessageTable, row: int, asker: Key
    ) -> None:
        account = _account(table, row)
        if not account:
            return
        if account in server.outside or len(server.outside) < MAX_ACCOUNTS:
            askers = server.outside.setdefault(account, {})
            askers.pop(asker, None)
            askers[asker] = table.number(row, "time")
            if len(askers) > MAX_PLACES:
                del askers[next(iter(askers))]
        proven = table.number(row, "call_hash") in self._proven
        in_clear = table.number(row, "transport") in _CLEAR
        if in_clear and proven and len(server.clear) < MAX_ACCOUNTS:
            server.clear.setdefault(account)

    def _take_requests(self, table: MessageTable, rows: Rows) -> None:
        """Whom a server asks of itself is a phone of its own, or a carrier: no stranger."""
        for row, (high, low, to_high, to_low) in _some(table, rows, _PAIR, 1):
            server = self._servers.get((high, low))
            if server is None or len(server.asks) >= MAX_ASKERS:
                continue
            table.fill_parts_of(row)
            if not table.text(row, "to_tag"):  # within a call it asks strangers too
                server.asks.add((to_high, to_low))

    def _is_inside(self, key: Key) -> bool:
        found = self._inside.get(key)
        if found is None:
            if len(self._inside) >= MAX_CALLS:
                self._inside.clear()
            found = self._inside[key] = is_inside(_address(key), self._own)
        return found


def _told(key: Key, s: _Server, friends: set[Key]) -> Server:
    guests = tuple(_address(guest) for guest in s.guests if guest not in s.asks | friends)
    headers = tuple(s.headers) or ((s.perhaps,) if s.perhaps else ())
    return Server(
        _address(key), headers, tuple(s.algorithms), _difference(s), guests, tuple(s.clear)
    )


# ---- single answers --------------------------------------------------------------------


def _take_header(server: _Server, method: int, status: int, header: str) -> None:
    """Registrations and challenges are its own; in other answers a phone behind it speaks."""
    if not header:
        return
    if method != columns.M_REGISTER and status not in CHALLENGES:
        server.perhaps = server.perhaps or (header if method == columns.M_OPTIONS else "")
    elif len(server.headers) < MAX_HEADERS:
        server.headers.setdefault(header)


def _take_challenge(server: _Server, table: MessageTable, row: int) -> None:
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


def _compare(
    server: _Server, of: tuple[Key, int], table: MessageTable, row: int, kind: int
) -> None:
    """Note that this asker was told that a user is there (0) or that nobody is (1)."""
    told = server.users.get(of)
    if told is None:
        if len(server.users) >= MAX_ASKERS:
            oldest = next(iter(server.users))
            server.clearest = max(server.clearest, _case(oldest[1], server.users.pop(oldest)))
        told = server.users[of] = (set(), set())
    if len(told[kind]) < MAX_USERS and (account := _account(table, row)):
        told[kind].add(account)


def _case(method: int, told: tuple[set[str], set[str]]) -> tuple[int, int, int]:
    there, nobody = told
    unknown = len(nobody - there)
    return (unknown, len(there), method) if there and unknown else (0, 0, 0)


def _difference(server: _Server) -> str:
    """How one asker was answered for users that are there and for others; the clearest case."""
    cases = (_case(method, told) for (_, method), told in server.users.items())
    unknown, known, method = max((server.clearest, *cases))
    if not unknown:
        return ""
    name = columns.METHODS[method]
    return f"{name}: {count(unknown, 'user')} not there, {known} asked for more"


# ---- rows -------------------------------------------------------------------------------


def _telling(table: MessageTable) -> NDArray[np.bool_]:
    """Answers that say who is there, who came, or whose call went through."""
    import numpy as np

    statuses, methods = table.numbers["status"], table.numbers["cseq_method"]
    well = (statuses >= 200) & (statuses < 300)
    rings = (statuses >= 180) & (statuses < 300)
    found: NDArray[np.bool_] = (
        (well & (methods == columns.M_REGISTER))
        | (rings & (methods == columns.M_INVITE))
        | (np.isin(statuses, list(_THERE)) & (methods == columns.M_OPTIONS))
        | np.isin(statuses, list(NOBODY))
    )
    return found


def _some(
    table: MessageTable, rows: Rows, by: tuple[str, ...], most: int
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """At most so many rows of each kind, with what makes the kind: the columns `by`."""
    slots, wide = table.numbers, table.wide
    kinds = zip(
        *((wide[name] if name in columns.WIDE else slots[name])[rows].tolist() for name in by),
        strict=True,
    )
    taken: dict[tuple[int, ...], int] = {}
    for row, kind in zip(rows.tolist(), kinds, strict=True):
        already = taken.get(kind, 0)
        if already < most:
            taken[kind] = already + 1
            yield row, kind


def _lengths(table: MessageTable, slot: int) -> NDArray[np.int32]:
    """Lengths of a span column."""
    import numpy as np

    rows = np.frombuffer(table.batch.slots, np.int32).reshape(-1, columns.SLOT_WIDTH)
    lengths: NDArray[np.int32] = rows[: len(table), slot + 1]
    return lengths


def _remember(calls: dict[int, None], more: list[int]) -> None:
    calls.update(dict.fromkeys(more))
    while len(calls) > MAX_CALLS:
        del calls[next(iter(calls))]


def _account(table: MessageTable, row: int) -> str:
    table.fill_parts_of(row)
    return _text(table.text(row, "to_user"))


def _text(octets: bytes) -> str:
    return octets[:_TEXT].decode("utf-8", "replace")


def _key(address: Address) -> Key:
    number = int(address) | (0xFFFF << 32 if address.version == 4 else 0)
    return number >> 64, number & 0xFFFFFFFFFFFFFFFF


def _address(key: Key) -> Address:
    return ip_address(unmapped(*key))


def _day(time_ns: int) -> date:
    return datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).date()
