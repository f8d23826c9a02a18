"""Attacks as the guard knows them: one entry each, however many addresses it comes from.

Pure: decisions, what was done about them, and what is seen go in; attacks as they stand
come out, for alarms and the screen. Entries are bounded; those that ended first give way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

from ringfence.flow.firewall import InForce
from ringfence.model.alarm import EFFECTIVE, MOVED, NOT_EFFECTIVE, UNKNOWN, Attack
from ringfence.model.clock import utc
from ringfence.model.decision import ALARM, BLOCK, LIMIT, NARROW, RELEASE, Decision
from ringfence.model.endpoint import Address
from ringfence.model.guard_status import AttackStatus
from ringfence.model.measure import Measure
from ringfence.model.standing import Standing
from ringfence.model.text import count

MAX_ATTACKS = 500
# Addresses of one attack that are known by name; of more only the number is.
MAX_ADDRESSES = 1000
# An attack is over when nothing was seen of it for so long.
OVER_NS = 600 * 10**9
# What weighs so much is an attacker's, and worth an alarm though nothing was blocked.
_ATTACKER_DB = 30.0
_WORDS = {BLOCK: "blocked", NARROW: "ports of it blocked", LIMIT: "slowed down"}
_STRENGTH = {"": 0, LIMIT: 1, NARROW: 2, BLOCK: 3}


@dataclass(slots=True)
class Entry:
    """One attack."""

    key: str
    began_ns: int
    addresses: dict[str, int] = field(default_factory=dict)  # since when; the latest last
    more: int = 0  # addresses beyond the bound
    kinds: tuple[str, ...] = ()
    messages: dict[str, int] = field(default_factory=dict)
    last_ns: int = 0
    dropped: dict[str, int] = field(default_factory=dict)  # of the measure that dropped last
    reason: str = ""
    proven: bool = False
    taken: dict[str, None] = field(default_factory=dict)  # accounts
    calls: int = 0
    action: str = ""  # the strongest that is in force, or would be
    until: str = ""
    note: str = ""  # why nothing was done
    effect: str = UNKNOWN
    says: str = ""
    case_id: str = ""
    over: bool = False
    changed: bool = True


class Ledger:
    """All attacks of one guard."""

    def __init__(self, *, enforcing: bool) -> None:
        self._enforcing = enforcing
        self._entries: dict[str, Entry] = {}  # the latest last
        self._of: dict[str, str] = {}  # address -> key

    # ------------------------------------------------------------ in

    def decided(self, decision: Decision) -> Entry | None:
        """Something was decided; the attack that it belongs to, None where it makes none."""
        if decision.action == RELEASE:
            self._released(decision)
            return None
        is_attack = decision.action in (BLOCK, NARROW, ALARM) or (
            decision.action == LIMIT and decision.weight_db >= _ATTACKER_DB
        )
        if not is_attack:
            return None
        entry = self._entry(decision)
        entry.changed, entry.over = True, False
        entry.kinds = tuple(dict.fromkeys((*entry.kinds, *decision.kinds)))
        entry.last_ns = max(entry.last_ns, decision.time_ns)
        entry.reason = decision.reason
        entry.proven = entry.proven or decision.proven != "none"
        entry.messages[decision.address] = max(
            decision.messages, entry.messages.get(decision.address, 0)
        )
        if decision.action == ALARM:
            if decision.account and "IS IN" in decision.reason:
                entry.taken[decision.account] = None
        elif not self._enforcing and _STRENGTH[decision.action] >= _STRENGTH[entry.action]:
            entry.action = decision.action
        return entry

    def stood(self, standings: Iterable[Standing]) -> list[str]:
        """Sources as they stand now: accounts that were taken, calls that went through.

        Accounts of attackers who call, or whose account was taken just now.
        """
        at_hand: list[str] = []
        for standing in standings:
            entry = self._entries.get(self._of.get(standing.address, ""))
            if entry is None:
                continue
            for account in standing.accounts_taken:
                if account not in entry.taken:
                    entry.taken[account] = None
                    entry.changed = True
                    at_hand.append(account)
            if standing.calls_abroad > entry.calls:
                entry.calls, entry.changed = standing.calls_abroad, True
                at_hand += standing.accounts_taken
        return at_hand

    def acted(self, done: Iterable[Measure]) -> None:
        """These are in force."""
        for measure in done:
            entry = self._entries.get(self._of.get(measure.address, ""))
            if entry is None:
                continue
            entry.changed = True
            if _STRENGTH[measure.action] >= _STRENGTH[entry.action]:
                entry.action, entry.until, entry.note = measure.action, measure.until, ""

    def withheld(self, address: str, why: str) -> None:
        """Nothing was done about this one."""
        entry = self._entries.get(self._of.get(address, ""))
        if entry is not None and not entry.action:
            entry.note, entry.changed = f"nothing: {why}", True

    def looked(self, in_force: Iterable[InForce], now_ns: int = 0) -> None:
        """Whether what is in force works; what was dropped shows that he is still there."""
        worst: dict[str, tuple[int, str, str]] = {}
        standing: set[str] = set()
        for one in in_force:
            key = self._of.get(one.measure.address, "")
            if key not in self._entries:
                continue
            standing.add(key)
            entry, dropped = self._entries[key], one.held.dropped if one.held else 0
            if dropped > entry.dropped.get(one.measure.id, 0):
                entry.last_ns = max(entry.last_ns, now_ns)
                entry.dropped = {one.measure.id: dropped}
            state, says = _effect(one)
            rank = (UNKNOWN, EFFECTIVE, MOVED, NOT_EFFECTIVE).index(state)
            if rank >= worst.get(key, (-1, "", ""))[0]:
                worst[key] = (rank, state, says)
        for key, (_, state, says) in worst.items():
            entry = self._entries[key]
            if entry.effect != state:
                entry.changed = True
            entry.effect, entry.says = state, says
        for key, entry in self._entries.items():
            if self._enforcing and entry.action and key not in standing and entry.until:
                entry.action, entry.until, entry.effect = "", "", UNKNOWN
                entry.note, entry.changed = "nothing any more: the block has ended", True

    def seen(self, seen: Mapping[Address, tuple[int, int]], now_ns: int) -> None:
        """Requests and last times of sources; what was silent for long is over."""
        for address, (messages, last_ns) in seen.items():
            entry = self._entries.get(self._of.get(str(address), ""))
            if entry is None:
                continue
            if messages > entry.messages.get(str(address), 0):
                entry.messages[str(address)] = messages
                entry.changed = True
            entry.last_ns = max(entry.last_ns, last_ns)
        for entry in self._entries.values():
            is_over = now_ns - entry.last_ns > OVER_NS
            if is_over != entry.over:
                entry.over, entry.changed = is_over, True

    def filed(self, case_id: str, addresses: Iterable[str]) -> None:
        """These are accused in a case."""
        for address in addresses:
            entry = self._entries.get(self._of.get(address, ""))
            if entry is not None and entry.case_id != case_id:
                entry.case_id, entry.changed = case_id, True

    # ------------------------------------------------------------ out

    def active(self) -> list[Address]:
        """Addresses of attacks that go on."""
        return [
            ip_address(address)
            for entry in self._entries.values()
            if not entry.over
            for address in entry.addresses
        ]

    def moved(self) -> dict[str, str]:
        """Where attacks go on whose address was dealt with before, by that address."""
        found: dict[str, str] = {}
        for entry in self._entries.values():
            if entry.over or len(entry.addresses) < 2 or not entry.action:
                continue
            newest, since_ns = next(reversed(entry.addresses.items()))
            found |= {a: newest for a, ns in entry.addresses.items() if ns < since_ns}
        return found

    def changed(self) -> list[Attack]:
        """Attacks that changed since it was asked last."""
        found = [entry for entry in self._entries.values() if entry.changed]
        for entry in found:
            entry.changed = False
        return [self._attack(entry) for entry in found]

    def status(self, most: int) -> tuple[AttackStatus, ...]:
        """The worst first."""
        entries = sorted(
            self._entries.values(),
            key=lambda e: (e.over, not (e.taken or e.calls), -_STRENGTH[e.action], -e.last_ns),
        )
        return tuple(self._status(entry) for entry in entries[:most])

    def _attack(self, entry: Entry) -> Attack:
        newest_first = tuple(reversed(entry.addresses))
        return Attack(
            key=entry.key,
            addresses=newest_first,
            kinds=entry.kinds,
            began=utc(entry.began_ns) or "",
            messages=sum(entry.messages.values()),
            reason=entry.reason,
            proven=entry.proven,
            accounts_taken=tuple(entry.taken),
            calls_answered=entry.calls,
            done=_done(entry),
            dry_run=not self._enforcing,
            effect=entry.effect,
            effect_says=entry.says,
            undo=f"ringfence unblock {newest_first[0]}" if entry.action and newest_first else "",
            case_id=entry.case_id,
            over=entry.over,
        )

    def _status(self, entry: Entry) -> AttackStatus:
        state = "over" if entry.over else "watched"
        if entry.action and not entry.over:
            state = {BLOCK: "blocked", NARROW: "blocked", LIMIT: "limited"}[entry.action]
            state = state if self._enforcing else f"would be {state}"
        return AttackStatus(
            tuple(reversed(entry.addresses)), entry.kinds, sum(entry.messages.values()),
            utc(entry.last_ns) or "", state, tuple(entry.taken), entry.calls, entry.case_id,
        )  # fmt: skip

    # ------------------------------------------------------------ entries

    def _entry(self, decision: Decision) -> Entry:
        """The entry of this attack, made where there is none; an address joins its campaign."""
        address = decision.address
        known = self._of.get(address)
        key = decision.campaign or known or address
        entry = self._entries.pop(key, None)
        if entry is None and known is not None and (entry := self._entries.pop(known, None)):
            key = entry.key  # it keeps the name by which people were told of it
        if entry is None:
            self._make_room()
            entry = Entry(key, decision.time_ns)
        elif known is not None and known != key and (alone := self._entries.pop(known, None)):
            _join(entry, alone)
            for other in alone.addresses:
                self._of[other] = key
        self._entries[key] = entry
        if address not in entry.addresses:
            if len(entry.addresses) >= MAX_ADDRESSES:
                oldest = next(iter(entry.addresses))
                del entry.addresses[oldest]
                entry.messages.pop(oldest, None)
                self._of.pop(oldest, None)
                entry.more += 1
            entry.addresses[address] = decision.time_ns
        self._of[address] = key
        return entry

    def _released(self, decision: Decision) -> None:
        entry = self._entries.get(self._of.get(decision.address, ""))
        if entry is None or len(entry.addresses) > 1:
            return
        entry.action, entry.until, entry.effect, entry.changed = "", "", UNKNOWN, True
        entry.note = f"nothing any more: {decision.reason}"

    def _make_room(self) -> None:
        if len(self._entries) < MAX_ATTACKS:
            return
        key = min(
            self._entries, key=lambda k: (not self._entries[k].over, self._entries[k].last_ns)
        )
        for address in self._entries.pop(key).addresses:
            self._of.pop(address, None)


def _join(entry: Entry, alone: Entry) -> None:
    """What was known of one address goes over to the attack that it belongs to."""
    entry.addresses = {**alone.addresses, **entry.addresses}
    entry.messages = {**alone.messages, **entry.messages}
    entry.began_ns = min(entry.began_ns, alone.began_ns)
    entry.kinds = tuple(dict.fromkeys((*entry.kinds, *alone.kinds)))
    entry.taken |= alone.taken
    entry.calls = max(entry.calls, alone.calls)
    entry.case_id = entry.case_id or alone.case_id
    entry.proven = entry.proven or alone.proven
    if _STRENGTH[alone.action] > _STRENGTH[entry.action]:
        entry.action, entry.until = alone.action, alone.until


def _effect(one: InForce) -> tuple[str, str]:
    """State and words. Of a limit it is no fault that what is below its rate passes."""
    effect = one.effect
    if one.measure.action == LIMIT:
        state = EFFECTIVE if effect.dropped else UNKNOWN
        return state, f"{count(effect.dropped, 'packet')} above its rate dropped"
    after = f"effective after {effect.after_s:.1f} s: " if effect.after_s is not None else ""
    return effect.state, f"{after if effect.state == EFFECTIVE else ''}{effect.why}"


def _done(entry: Entry) -> str:
    if not entry.action:
        return entry.note
    until = f" until {entry.until}" if entry.until else ""
    others = len(entry.addresses) + entry.more - 1
    also = f", with {count(others, 'address')} before" if others > 0 else ""
    return f"{_WORDS[entry.action]}{until}{also}"
