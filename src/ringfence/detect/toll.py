"""What a suspect dialled and what it may cost: numbers read, calls priced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ringfence.detect.dialled import Dialled, read_dialled, read_hunt
from ringfence.detect.profile import MAX_CALLS, MAX_NUMBERS, Call
from ringfence.detect.rates import Cost, Rates
from ringfence.model.incident import AnsweredCall, UnlistedCalls
from ringfence.model.text import shown
from ringfence.wire.counts import utc

# Distinct numbers of one suspect that are read, a second's work: calls to others have no price.
MAX_READ = 4096


@dataclass(frozen=True, slots=True)
class Tariff:
    """How to read numbers (home region, ISO 3166-1) and what a minute costs; both optional."""

    home: str | None = None
    rates: Rates | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """Numbers and answered calls of one suspect; `cost` is None when no rate applies.

    Minutes and cost are of all calls, listed or not; `calls` are the first of them.
    """

    numbers: list[str]
    calls: list[AnsweredCall] = field(default_factory=list)
    unlisted: UnlistedCalls = field(default_factory=UnlistedCalls)
    minutes: float = 0.0
    cost: float | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Answered calls that nothing but their number and length is known of."""

    calls: int = 0
    seconds: float = 0.0


def bill(
    dialled: Sequence[str], calls: Sequence[Call], tariff: Tariff, left_out: LeftOut = LeftOut()
) -> Bill:
    """Read the dialled strings together, as one hunt, and price the answered calls."""
    answered = [call for call in calls if call.answered_ns]
    texts = dict.fromkeys((*dialled, *(call.number for call in answered)))
    reader = _Reader(read_hunt(list(texts), tariff.home), tariff)
    listed = [reader.priced(call) for call in answered[:MAX_CALLS]]
    others = answered[MAX_CALLS:]
    costs = [call.cost for call in listed if call.cost is not None]
    other_costs = [float(cost.amount) for cost in map(reader.cost, others) if cost is not None]
    unread = sum(not reader.knows(call.number) for call in others)
    seconds = sum(call.seconds or 0.0 for call in others) + left_out.seconds
    return Bill(
        numbers=list(dict.fromkeys(map(reader.number, list(texts)[:MAX_NUMBERS]))),
        calls=listed,
        unlisted=UnlistedCalls(
            calls=len(others) + left_out.calls,
            minutes=round(seconds / 60, 2),
            cost=round(sum(other_costs), 2) if other_costs else None,
            unpriced=left_out.calls + unread,
        ),
        minutes=round((sum(call.seconds or 0.0 for call in listed) + seconds) / 60, 2),
        cost=round(sum(costs) + sum(other_costs), 2) if costs or other_costs else None,
        currency=reader.currency,
    )


class _Reader:
    """Numbers as the hunt explains them, each read once, and what a call to one costs."""

    def __init__(self, readable: Mapping[str, Dialled], tariff: Tariff) -> None:
        self._known: dict[str, Dialled | None] = dict(readable)
        self._tariff = tariff
        self.currency: str | None = None

    def read(self, text: str) -> Dialled | None:
        if text not in self._known and len(self._known) < MAX_READ:
            self._known[text] = read_dialled(text, self._tariff.home)
        return self._known.get(text)

    def knows(self, text: str) -> bool:
        """Whether the number is one of those that were read."""
        return text in self._known

    def number(self, text: str) -> str:
        read = self.read(text)
        return read.e164 if read is not None and read.e164 else shown(text)

    def cost(self, call: Call) -> Cost | None:
        read, rates = self.read(call.number), self._tariff.rates
        cost = rates.cost(read, call.seconds) if rates and read else None
        if cost is not None:
            self.currency = cost.currency
        return cost

    def priced(self, call: Call) -> AnsweredCall:
        read, cost = self.read(call.number), self.cost(call)
        return AnsweredCall(
            number=self.number(call.number),
            dialled=shown(call.number),
            country=read.country if read else None,
            kind=read.kind if read else None,
            account=shown(call.account),
            answered_at=utc(call.answered_ns) or "",
            seconds=call.seconds,
            media_packets=call.media_packets,
            cost=float(cost.amount) if cost else None,
        )
