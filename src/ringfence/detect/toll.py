"""What a suspect dialled and what it may cost: numbers read, calls priced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ringfence.detect.dialled import Dialled, read_dialled, read_hunt
from ringfence.detect.profile import Call
from ringfence.detect.rates import Rates
from ringfence.model.incident import AnsweredCall
from ringfence.model.text import shown
from ringfence.wire.counts import utc


@dataclass(frozen=True, slots=True)
class Tariff:
    """How to read numbers (home region, ISO 3166-1) and what a minute costs; both optional."""

    home: str | None = None
    rates: Rates | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """Numbers and answered calls of one suspect; `cost` is None when no rate applies."""

    numbers: list[str]
    calls: list[AnsweredCall] = field(default_factory=list)
    minutes: float = 0.0
    cost: float | None = None
    currency: str | None = None


def bill(dialled: Sequence[str], calls: Sequence[Call], tariff: Tariff) -> Bill:
    """Read the dialled strings together, as one hunt, and price the answered calls."""
    readable = read_hunt(dialled, tariff.home)
    priced = [_priced(call, readable, tariff) for call in calls if call.answered_ns]
    answered = [call for call, _ in priced]
    costs = [call.cost for call in answered if call.cost is not None]
    numbers = dict.fromkeys(_number(text, readable.get(text)) for text in dialled)
    return Bill(
        numbers=list(numbers),
        calls=answered,
        minutes=round(sum(call.seconds or 0.0 for call in answered) / 60, 2),
        cost=round(sum(costs), 2) if costs else None,
        currency=next((currency for _, currency in priced if currency), None),
    )


def _number(text: str, read: Dialled | None) -> str:
    return read.e164 if read is not None and read.e164 else shown(text)


def _priced(
    call: Call, readable: Mapping[str, Dialled], tariff: Tariff
) -> tuple[AnsweredCall, str | None]:
    read = readable.get(call.number) or read_dialled(call.number, tariff.home)
    cost = tariff.rates.cost(read, call.seconds) if tariff.rates and read else None
    answered = AnsweredCall(
        number=_number(call.number, read),
        dialled=shown(call.number),
        country=read.country if read else None,
        kind=read.kind if read else None,
        account=shown(call.account),
        answered_at=utc(call.answered_ns) or "",
        seconds=call.seconds,
        media_packets=call.media_packets,
        cost=float(cost.amount) if cost else None,
    )
    return answered, cost.currency if cost else None
