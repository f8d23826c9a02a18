"""To the provider of the SIP trunk: bar these numbers, hold the money, here are the calls.

The table of calls in the file is made for an engineer who looks them up in his own
records: numbers in E.164 digits without the plus, as switches write them (so no
spreadsheet takes one for a formula, and its fifteen digits survive one), times in UTC.
A cell that would still begin like a formula gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from ringfence.model.incident import AnsweredCall, Suspect
from ringfence.model.letter import CARRIER, Attachment, Brief, Letter, LetterError
from ringfence.model.text import count, shown
from ringfence.reports.letters.facts import (
    all_calls,
    clock_says,
    evidence_lines,
    exercise_note,
    or_missing,
    sent_before,
    signature,
)
from ringfence.reports.letters.isp import missing_settings
from ringfence.reports.letters.text import fill
from ringfence.reports.words import country, lasting, line, listed, minutes, moment, money, told

# Calls in the letter itself, some two pages; the file has every one that is listed.
MAX_CALLS = 60
MAX_RANGES = 24
MAX_COUNTRIES = 16
MAX_SOURCES = 6
# The unit in which numbers are given out to operators in most countries is ten thousand.
_RANGE_DIGITS = 4
_NUMBER_WIDTH = 16  # of E.164, with its plus
# What spreadsheets take for the start of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Bill:
    """What the calls sum up to; costs are estimates by our own table of rates."""

    calls: list[tuple[str, AnsweredCall]]  # those that are listed, in the order of time
    total: int  # all of them
    minutes: float
    cost: float | None
    currency: str | None
    unlisted: int
    unlisted_minutes: float
    unlisted_cost: float | None
    unpriced: int  # calls whose cost is in no sum


def write(brief: Brief) -> tuple[Letter, ...]:
    """A dispute where calls were answered, else a notice. Raises LetterError for neither."""
    thieves = [s for s in brief.incident.suspects if s.verdict == "attacker" and _steals(s)]
    if not thieves:
        raise LetterError(
            f"{brief.case_id} has no toll fraud by an attacker: no call was answered and none "
            "was tried, so there is nothing to dispute"
        )
    bill = make_bill(thieves)
    carrier = brief.settings.carrier
    table = (_attachment(brief, bill),) if bill.calls else ()
    return (
        Letter(
            kind=CARRIER,
            case_id=brief.case_id,
            name="carrier",
            to=(carrier.email,) if carrier.email else (),
            receiver=f"fraud desk of {told(carrier.name, 60) or 'our SIP trunk provider'}",
            subject=_subject(brief, bill),
            text=fill("carrier.txt.j2", **_values(brief, thieves, bill, table)),
            attachments=table,
            addresses=tuple(told(thief.address, 45) for thief in thieves),
            refers_to=tuple(
                sent.message_id for sent in sent_before(brief, CARRIER) if sent.message_id
            ),
            remarks=tuple(_remarks(brief, bill)),
        ),
    )


def make_bill(thieves: Iterable[Suspect]) -> Bill:
    """The calls of all thieves, listed or not."""
    thieves = list(thieves)
    rest = [thief.calls_unlisted for thief in thieves]
    costs = [thief.estimated_cost for thief in thieves if thief.estimated_cost is not None]
    calls = all_calls(thieves)
    return Bill(
        calls=calls,
        total=sum(thief.calls_total for thief in thieves),
        minutes=sum(thief.minutes for thief in thieves),
        cost=sum(costs) if costs else None,
        currency=next((thief.currency for thief in thieves if thief.currency), None),
        unlisted=sum(one.calls for one in rest),
        unlisted_minutes=sum(one.minutes for one in rest),
        unlisted_cost=_sum(one.cost for one in rest),
        unpriced=sum(call.cost is None for _, call in calls) + sum(one.unpriced for one in rest),
    )


def call_lines(bill: Bill) -> list[str]:
    """A table of the first calls, by day; then what the others sum up to."""
    lines = [_row("UTC", "Number called", "Country, line", "Length", "Cost")]
    day = ""
    for _, call in bill.calls[:MAX_CALLS]:
        if call.answered_at[:10] != day:
            day = call.answered_at[:10]
            lines += ["", day]
        lines += _call_lines(call)
    left_out = bill.calls[MAX_CALLS:]
    lines.append("")
    if left_out:
        length = sum(call.seconds or 0.0 for _, call in left_out)
        cost = _sum(call.cost for _, call in left_out)
        lines.append(_sum_row(f"{count(len(left_out), 'call')} more in the file", length, cost))
    if bill.unlisted:
        what = f"{count(bill.unlisted, 'call')} counted, not listed"
        lines.append(_sum_row(what, bill.unlisted_minutes * 60, bill.unlisted_cost))
    total = count(bill.total, "call")
    lines.append(_sum_row(f"ALL, {total}", bill.minutes * 60, bill.cost))
    return lines


def country_lines(bill: Bill) -> list[str]:
    """Where the listed calls went, the dearest first."""
    where: dict[str, list[AnsweredCall]] = {}
    for _, call in bill.calls:
        where.setdefault(country(call.country), []).append(call)
    rows = sorted(where.items(), key=lambda one: (-_cost(one[1]), -len(one[1]), one[0]))
    lines = [f"{'Country':32}  {'Calls':>6}  {'Minutes':>9}  {'Cost':>11}"]
    lines += [_country_row(name, calls) for name, calls in rows[:MAX_COUNTRIES]]
    rest = [call for _, calls in rows[MAX_COUNTRIES:] for call in calls]
    if rest:
        lines.append(_country_row(f"{len(rows) - MAX_COUNTRIES} more", rest))
    return lines


def range_lines(thieves: Iterable[Suspect]) -> list[str]:
    """Ranges of ten thousand numbers that were called or tried, the busiest first."""
    numbers: dict[str, str | None] = {}
    for thief in thieves:
        for number in thief.numbers_dialled:
            numbers.setdefault(number, None)
        for call in thief.calls_answered:
            numbers[call.number] = call.country
    ranges: dict[str, list[str | None]] = {}
    for number, code in numbers.items():
        ranges.setdefault(_range(number), []).append(code)
    rows = sorted(ranges.items(), key=lambda one: (-len(one[1]), one[0]))
    lines = [_range_row(name, codes) for name, codes in rows[:MAX_RANGES]]
    if len(rows) > MAX_RANGES:
        lines.append(f"and {count(len(rows) - MAX_RANGES, 'range')} more")
    return lines


def _steals(suspect: Suspect) -> bool:
    return bool(suspect.calls_total) or "toll_fraud" in suspect.kinds


def _values(
    brief: Brief, thieves: list[Suspect], bill: Bill, table: tuple[Attachment, ...]
) -> dict[str, object]:
    carrier, victim = brief.settings.carrier, brief.settings.victim
    return {
        "exercise": exercise_note(brief),
        "case": shown(brief.case_id),
        "carrier": told(carrier.name, 50) or "our SIP trunk provider",
        "customer": or_missing(carrier.customer, "account number", "carrier.customer"),
        "trunk": or_missing(carrier.circuit, "trunk", "carrier.circuit"),
        "contact": or_missing(carrier.contact or victim.name, "contact", "carrier.contact"),
        "phone": or_missing(victim.phone, "where a person answers", "victim.phone"),
        "pbx": told(victim.pbx, 50),
        "calls": bill.total,
        "minutes": minutes(bill.minutes),
        "cost": "unknown" if bill.cost is None else f"about {money(bill.cost, bill.currency)}",
        "currency": told(bill.currency or "", 8),
        "unpriced": bill.unpriced,
        "first_call": moment(bill.calls[0][1].answered_at) if bill.calls else "",
        "last_call": moment(bill.calls[-1][1].answered_at) if bill.calls else "",
        "first": moment(min(thief.first_seen for thief in thieves)),
        "last": moment(max(thief.last_seen for thief in thieves)),
        "sources": listed([told(thief.address, 45) for thief in thieves], MAX_SOURCES),
        "forged": any(thief.proven == "none" for thief in thieves),
        "accounts": len({name for thief in thieves for name in thief.accounts_taken}),
        "call_lines": call_lines(bill) if bill.total else [],
        "country_lines": country_lines(bill) if bill.calls else [],
        "ranges": range_lines(thieves),
        "dialled": [
            told(one, 32) for one in dict.fromkeys(d for t in thieves for d in t.dialled_sample)
        ][:8],
        "clock": clock_says(brief),
        "evidence": evidence_lines(brief.evidence),
        "files": [f"{one.name}: {one.what}" for one in table],
        "signature": signature(victim),
    }


def _subject(brief: Brief, bill: Bill) -> str:
    account = told(brief.settings.carrier.customer, 40)
    what = (
        f"toll fraud on our trunk: bar, hold settlement, dispute of {count(bill.total, 'call')}"
        if bill.total
        else "attempted toll fraud on our trunk: please bar and watch"
    )
    return f"[{shown(brief.case_id)}] {what}" + (f", account {account}" if account else "")


def _remarks(brief: Brief, bill: Bill) -> list[str]:
    remarks = missing_settings(brief.settings.carrier, "carrier")
    doubtful = [
        told(suspect.address, 45)
        for suspect in brief.incident.suspects
        if suspect.verdict != "attacker" and suspect.calls_total
    ]
    if doubtful:
        remarks.append(
            f"calls of suspects who are not certain are left out: {listed(doubtful, 5)}; look "
            "at them and add what is fraud"
        )
    if bill.total:
        remarks.append(
            "costs are estimates by a table of rates: compare them with the bill, and give "
            "your own with --rates"
        )
    return remarks


def _row(when: str, number: str, where: str, length: str, cost: str) -> str:
    return f"{when:8}  {number:{_NUMBER_WIDTH}}  {where:24} {length:>8} {cost:>10}"


def _call_lines(call: AnsweredCall) -> list[str]:
    number = told(call.number, 40)
    where = told(f"{_code(call.country)} {line(call.kind)}", 24)
    cost = "unknown" if call.cost is None else f"{call.cost:,.2f}"
    when = told(call.answered_at[11:19], 8)
    if len(number) <= _NUMBER_WIDTH:
        return [_row(when, number, where, lasting(call.seconds), cost)]
    return [f"{when}  {number}", _row("", "", where, lasting(call.seconds), cost)]


def _code(code: str | None) -> str:
    return told(code, 8) if code and code.isalpha() else "world" if code == "001" else "?"


def _sum_row(what: str, seconds: float, cost: float | None) -> str:
    price = "unknown" if cost is None else f"{cost:,.2f}"
    return f"{what:44}{lasting(seconds):>17} {price:>10}"


def _country_row(name: str, calls: list[AnsweredCall]) -> str:
    length = sum(call.seconds or 0.0 for call in calls) / 60
    cost = _sum(call.cost for call in calls)
    price = "unknown" if cost is None else f"{cost:,.2f}"
    return f"{told(name, 32):32}  {len(calls):>6,}  {length:>9,.1f}  {price:>11}"


def _range(number: str) -> str:
    """+44909879xxxx of +449098790115; what is no such number stays as it was dialled."""
    if not _is_e164(number) or len(number) < 9:
        return told(number, 32)
    return number[:-_RANGE_DIGITS] + "x" * _RANGE_DIGITS


def _range_row(name: str, codes: list[str | None]) -> str:
    known = next((code for code in codes if code), None)
    where = told(country(known), 30) if known else ""
    return f"{name:20}  {count(len(codes), 'number'):12}  {where}".rstrip()


def _is_e164(number: str) -> bool:
    digits = number.removeprefix("+")
    return number.startswith("+") and digits.isascii() and digits.isdigit() and len(digits) <= 15


def _cost(calls: Iterable[AnsweredCall]) -> float:
    return sum(call.cost or 0.0 for call in calls)


def _sum(costs: Iterable[float | None]) -> float | None:
    """The sum of those that are known; None where none is."""
    known = [cost for cost in costs if cost is not None]
    return sum(known) if known else None


def _attachment(brief: Brief, bill: Bill) -> Attachment:
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(
        (
            "answered_at_utc", "called_number_e164", "dialled", "country", "line", "seconds",
            "estimated_cost", "currency", "source_address",
        )
    )  # fmt: skip
    for address, call in bill.calls:
        table.writerow(_harmless(_cells(address, call, bill.currency)))
    return Attachment(
        f"{shown(brief.case_id)}-calls.csv",
        "text/csv",
        text.getvalue().encode(),
        f"{count(len(bill.calls), 'call')}, one a line: numbers in E.164 digits without the plus "
        "(import that column as text), times in UTC",
    )


def _cells(address: str, call: AnsweredCall, currency: str | None) -> list[str]:
    number = call.number.removeprefix("+") if _is_e164(call.number) else call.number
    return [
        call.answered_at,
        number,
        call.dialled,
        call.country or "",
        line(call.kind),
        "" if call.seconds is None else f"{call.seconds:.1f}",
        "" if call.cost is None else f"{call.cost:.4f}",
        currency or "",
        address,
    ]


def _harmless(cells: Iterable[str]) -> list[str]:
    visible = (shown(cell) for cell in cells)
    return [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in visible]
