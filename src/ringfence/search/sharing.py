"""Who else sends from an accused address: users and attacker told apart by source port.

How it works: one more look at the messages to and from the address. Each source port
collects what it got (let in, refused, nobody there) and the User-Agents it wrote. A
port, or a User-Agent, that mostly failed is hostile. A user is let in, from a port and
with a User-Agent that are not, with an account that was not guessed at here, and for
longer than a lucky try. Rules: a mistake for the attacker leaves a block out; one for
a user cuts him off; so doubt leaves it out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ringfence.model.measure import Sharing
from ringfence.search.cells import decoded, plain
from ringfence.search.lines import endpoints
from ringfence.wire import _columns as columns

if TYPE_CHECKING:
    from ringfence.search.rows import Numbers, Rows
    from ringfence.search.selection import Selection

# Ports of one address that are told apart; an attacker who uses more cannot be narrowed.
MAX_PORTS = 1024
# Requests that wait for their answer. Oldest first out: its answer counts for nobody.
MAX_OPEN = 4096
# Names that one port may collect: a phone has one agent, a gateway some accounts.
MAX_NAMES = 16
# So much later a registration is refreshed; who tries his luck is through by then.
STEADY_NS = 30 * 1_000_000_000
# Failures from which a port is hostile; a user mistypes less often.
_HOSTILE = 3

_ENTRANCE = (columns.M_REGISTER, columns.M_INVITE)
_REFUSALS = (401, 403, 407)
_NOBODY = (404, 410, 484, 604)


@dataclass(slots=True)
class _Use:
    """What one source port did, or one User-Agent."""

    accepted: int = 0
    failed: int = 0
    challenged: int = 0
    credentials: int = 0
    first_in: int = 0
    last_in: int = 0
    agents: set[str] = field(default_factory=set)
    accounts_in: set[str] = field(default_factory=set)
    accounts_refused: set[str] = field(default_factory=set)

    @property
    def bad(self) -> int:
        """Failures, challenges left unanswered among them."""
        return self.failed + max(0, self.challenged - self.credentials)

    @property
    def is_hostile(self) -> bool:
        """Failed often, and mostly."""
        return self.bad >= _HOSTILE and self.bad > 2 * self.accepted


@dataclass(slots=True)
class _Address:
    ports: dict[int, _Use] = field(default_factory=dict)
    agents: dict[str, _Use] = field(default_factory=dict)
    first_bad: int = 0
    crowded: bool = False  # more ports than are told apart

    def use(self, port: int) -> _Use:
        """What this port did; a new one up to the bound."""
        if port not in self.ports and len(self.ports) >= MAX_PORTS:
            self.crowded = True
            return _Use()
        return self.ports.setdefault(port, _Use())


@dataclass(frozen=True, slots=True)
class _Open:
    """A request that waits for its answer."""

    port: int
    agent: str
    account: str | None  # None without credentials
    method: int


def look_at_sharing(
    selection: Selection, accused: Mapping[str, Collection[str]]
) -> tuple[Sharing, ...]:
    """For each accused address, who shares it. The values are accounts that it misused."""
    seen = {address: _Address() for address in accused}
    waiting: dict[tuple[str, int, int], _Open] = {}
    for _, _, table, rows in selection.chosen_rows():
        for message in _messages(table, rows):
            _take(message, seen, waiting)
    return tuple(_judge(address, seen[address], accused[address]) for address in accused)


# What a message says, as far as it matters: time, both ends, hash of the call, CSeq
# number, method (0 is an answer), status, account (None without credentials), agent.
_Message = tuple[int, str, int, str, int, int, int, int, int, str | None, str]


def _messages(table: Rows, rows: Numbers) -> Iterator[_Message]:
    table.fill(rows)
    accounts = [
        decoded(account) if auth else None  # as incidents write it
        for auth, account in zip(
            table.texts("auth", rows), table.texts("auth_user", rows), strict=True
        )
    ]
    yield from zip(
        table.wide("time", rows).tolist(),
        *endpoints(table, rows),
        table.wide("call_hash", rows).tolist(),
        table.narrow("cseq_number", rows).tolist(),
        table.narrow("method", rows).tolist(),
        table.narrow("status", rows).tolist(),
        accounts,
        map(plain, table.texts("user_agent", rows)),
        strict=True,
    )


def _take(
    message: _Message, seen: dict[str, _Address], waiting: dict[tuple[str, int, int], _Open]
) -> None:
    time, source, port, target, _, call, cseq, method, status, account, agent = message
    if method and source in seen and method != columns.M_ACK:
        use = seen[source].use(port)
        if len(use.agents) < MAX_NAMES:
            use.agents.add(agent)
        waiting.pop((source, call, cseq), None)  # sent again, or with credentials now
        if len(waiting) >= MAX_OPEN:
            del waiting[next(iter(waiting))]
        waiting[source, call, cseq] = _Open(port, agent, account, method)
    elif not method and status >= 200 and target in seen:
        asked = waiting.pop((target, call, cseq), None)
        if asked is not None:
            _answered(seen[target], asked, status, time)


def _answered(address: _Address, asked: _Open, status: int, time: int) -> None:
    uses = [address.use(asked.port)]
    if asked.agent in address.agents or len(address.agents) < MAX_PORTS:
        uses.append(address.agents.setdefault(asked.agent, _Use()))
    with_credentials = asked.account is not None
    failed = status in _NOBODY or (with_credentials and status in _REFUSALS)
    if failed and not address.first_bad:
        address.first_bad = time
    for use in uses:
        use.credentials += with_credentials
        use.failed += failed
        use.challenged += not with_credentials and status in (401, 407)
        if asked.account is None:
            continue
        if status in _REFUSALS and len(use.accounts_refused) < MAX_NAMES:
            use.accounts_refused.add(asked.account)
        if status < 300 and asked.method in _ENTRANCE:
            use.accepted += 1
            use.first_in = use.first_in or time
            use.last_in = time
            if len(use.accounts_in) < MAX_NAMES:
                use.accounts_in.add(asked.account)


def _judge(address: str, seen: _Address, misused: Collection[str]) -> Sharing:
    bad_agents = {name for name, use in seen.agents.items() if use.is_hostile}
    hostile = {
        port for port, use in seen.ports.items() if use.is_hostile or use.agents & bad_agents
    }
    stolen = {*misused, *(a for port in hostile for a in seen.ports[port].accounts_refused)}
    users = {
        port
        for port, use in seen.ports.items()
        if port not in hostile and _is_user(use, stolen, seen.first_bad)
    }
    # Who fails a little, or used a stolen account, is nobody's user either.
    attack = {
        port
        for port, use in seen.ports.items()
        if port not in users and (port in hostile or use.bad or use.accounts_in & stolen)
    }
    return Sharing(address, len(users), () if seen.crowded else tuple(sorted(attack)))


def _is_user(use: _Use, stolen: Collection[str], first_bad: int) -> bool:
    if not use.accepted or use.bad > use.accepted or not use.accounts_in.isdisjoint(stolen):
        return False
    came_first = not first_bad or use.first_in < first_bad
    return came_first or use.last_in - use.first_in >= STEADY_NS
