"""`guard --would-have`: who was hit in the last days or would have been, and who was a user."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from ringfence.flow.casebook import Casebook
from ringfence.flow.moment import host, utc
from ringfence.model.decision import BLOCK, LIMIT, NARROW, RELEASE
from ringfence.model.endpoint import within
from ringfence.model.measure import Allowed
from ringfence.model.noted import Noted
from ringfence.model.standing import KNOWN, OURS, PEER, REGULAR
from ringfence.model.would_have import Hit, WouldHave
from ringfence.store.decisions import KEPT, DecisionStore
from ringfence.store.measures import MeasureStore

_STRENGTH = {LIMIT: 1, NARROW: 2, BLOCK: 3}
_ROLES = {
    OURS: "it is one of our own servers",
    KNOWN: "you named it as a trunk, user or office",
    PEER: "it is called by us and answers, or its calls are let in",
    REGULAR: "it was let in on earlier days",
}


def would_have(store: str | None, days: int = 7, now: datetime | None = None) -> WouldHave:
    """By the journal of this machine's guard. Raises StoreError, CaseError."""
    when = now or datetime.now(UTC)
    begin = utc(when - min(timedelta(days=max(1, days)), KEPT))
    with Casebook(store) as book:
        noted = DecisionStore(book.database).since(begin, host())
        allowed = MeasureStore(book.database).allowed()
    return summed_up(noted, allowed, days, utc(when))


def summed_up(noted: Sequence[Noted], allowed: Sequence[Allowed], days: int, now: str) -> WouldHave:
    """The same, from what was noted in the order of time."""
    of: dict[str, list[Noted]] = {}
    summed = 0
    for one in noted:
        if one.address:
            of.setdefault(one.address, []).append(one)
        elif one.action in _STRENGTH:
            summed += one.times
    hits = [
        _hit(address, found, allowed, now)
        for address, found in of.items()
        if any(one.action in _STRENGTH for one in found)
    ]
    hits.sort(key=lambda hit: hit.last_at, reverse=True)
    hits.sort(key=lambda hit: (not hit.mistakes, -_STRENGTH[hit.action]))
    return WouldHave(days, noted[0].at if noted else "", tuple(hits), summed)


def _hit(address: str, noted: Sequence[Noted], allowed: Sequence[Allowed], now: str) -> Hit:
    measures = [one for one in noted if one.action in _STRENGTH]
    hardest = max(measures, key=lambda one: (_STRENGTH[one.action], one.until))
    return Hit(
        address,
        hardest.action,
        measures[0].at,
        max(one.until for one in measures),
        sum(one.times for one in measures),
        _lasted(noted, now),
        hardest.reason,
        any(one.enforced for one in measures),
        tuple(dict.fromkeys(kind for one in measures for kind in one.kinds)),
        any(one.proven != "none" for one in measures),
        hardest.ports,
        tuple(_mistakes(address, noted, allowed)),
    )


def _mistakes(address: str, noted: Sequence[Noted], allowed: Sequence[Allowed]) -> Iterable[str]:
    """What says that it was a user, and not whom the measure was meant for."""
    first = min(one.at for one in noted if one.action in _STRENGTH)
    releases = [one for one in noted if one.action == RELEASE and one.at >= first]
    if releases:
        last = releases[-1]
        yield f"released after {_between(first, last.at)}: {last.reason}"
    for role in dict.fromkeys(one.role for one in noted if one.action in _STRENGTH):
        if role in _ROLES:
            yield _ROLES[role]
    for friend in allowed:
        if within(address, friend.network):
            why = f" ({friend.why})" if friend.why else ""
            yield f"{friend.network} is on the allow list{why}"
            break


def _lasted(noted: Sequence[Noted], now: str) -> int:
    """Seconds under any measure: what overlaps counts once, a release ends it, now as well."""
    total, since_s, until_s = 0.0, 0.0, 0.0
    end_s = _seconds(now)
    for one in noted:
        at_s = _seconds(one.at)
        if one.action == RELEASE:
            until_s = min(until_s, at_s)
        elif one.action in _STRENGTH:
            if at_s > until_s:
                total += until_s - since_s
                since_s = until_s = at_s
            # Of one that was summed up only the first and the last are known.
            until_s = max(until_s, _covered_s(one, at_s))
    return round(total + max(0.0, min(until_s, end_s) - since_s))


def _covered_s(one: Noted, at_s: float) -> float:
    """To when it holds: as often as it was decided, and no longer than after the last time."""
    return min(at_s + one.times * one.lasts_s, _seconds(one.until) + one.lasts_s)


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()


def _between(first: str, last: str) -> str:
    return str(timedelta(seconds=round(_seconds(last) - _seconds(first))))
