"""What a call costs: a table of rates per minute by number prefix, and started minutes.

The table is text of comma-separated values; reading the file is for others. How a
row is chosen: the longest prefix wins. A row for a kind holds for that kind alone,
a row for `any` kind not for kinds that cost more than their neighbours (premium,
satellite, ...) as long as some row speaks of these.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ringfence.detect.dialled import Dialled
from ringfence.detect.numbering import KINDS
from ringfence.detect.prefixes import MAX_NUMBER

# Room for a carrier's list of number ranges; more is no price list, and fills the memory.
MAX_ROWS = 250_000
# Longer than any call: a forged clock in a capture must not make a fortune.
MAX_CALL_S = 31 * 86_400
# A minute is billed as soon as it starts.
INCREMENT_S = 60

COLUMNS = ("prefix", "per_minute", "currency", "kind", "source_note", "per_call")
_NEEDED = ("prefix", "per_minute", "currency")
_EVERYWHERE = "*"
ANY_KIND = "any"
# Priced apart from the geographic numbers around them.
_PRICED_APART = frozenset(
    {"premium", "personal", "satellite", "international_network", "invalid_range",
     "shared_cost", "toll_free"}
)  # fmt: skip
_PREFIX = re.compile(rf"\+?([0-9]{{1,{MAX_NUMBER}}})|\*")
_AMOUNT = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,8})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Rate:
    """One row: what a minute costs behind a prefix; `prefix` is "" for everywhere."""

    prefix: str
    per_minute: Decimal
    currency: str
    kind: str
    source_note: str
    per_call: Decimal


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call cost, to four places, and the row that says so."""

    amount: Decimal
    currency: str
    billed_s: int
    rate: Rate


@dataclass(frozen=True, slots=True)
class Rates:
    """A table of rates in one currency."""

    currency: str
    rows: dict[tuple[str, str], Rate]  # by prefix and kind

    @classmethod
    def parse(cls, text: str) -> Rates:
        """Read a table; ValueError names line and column of what is wrong."""
        rows: dict[tuple[str, str], Rate] = {}
        currency = ""
        for line, fields in _read_rows(text):
            rate = _read_rate(line, fields)
            currency = currency or rate.currency
            if rate.currency != currency:
                raise _fault(line, "currency", f"{rate.currency}, but {currency} above")
            if (rate.prefix, rate.kind) in rows:
                said = f"{rate.prefix or _EVERYWHERE} stands twice for kind {rate.kind}"
                raise _fault(line, "prefix", said)
            rows[rate.prefix, rate.kind] = rate
            if len(rows) > MAX_ROWS:
                raise _fault(line, "prefix", f"more than {MAX_ROWS} rows")
        if not rows:
            raise _fault(1, "prefix", "no rates at all")
        return cls(currency, rows)

    def find(self, dialled: Dialled) -> Rate | None:
        """The row for a number; None when the table says nothing about it."""
        if dialled.kind in _PRICED_APART:
            return self._longest(dialled, dialled.kind) or self._longest(dialled, ANY_KIND)
        return self._longest(dialled, dialled.kind, ANY_KIND)

    def cost(
        self, dialled: Dialled, seconds: float | None, minimum_s: int = INCREMENT_S
    ) -> Cost | None:
        """Cost of an answered call by started minutes; None when the table has no row for it.

        A call whose end was not seen (None) counts as `minimum_s`.
        """
        rate = self.find(dialled)
        if rate is None:
            return None
        billed_s = _billed(seconds, minimum_s)
        amount = rate.per_call + rate.per_minute * (billed_s // INCREMENT_S)
        return Cost(amount.quantize(_PLACES), rate.currency, billed_s, rate)

    def _longest(self, dialled: Dialled, *kinds: str) -> Rate | None:
        digits = dialled.e164.removeprefix("+")
        for length in range(len(digits), -1, -1):
            for kind in kinds:
                if rate := self.rows.get((digits[:length], kind)):
                    return rate
        return None


def _billed(seconds: float | None, minimum_s: int) -> int:
    """Seconds on the bill: whole increments, and never fewer than the minimum."""
    if seconds is None or not math.isfinite(seconds):
        seconds = 0.0
    length = math.ceil(max(min(seconds, MAX_CALL_S), minimum_s, 1))
    return -(-length // INCREMENT_S) * INCREMENT_S


def _read_rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells by column; comments (#) and blank lines are passed over."""
    lines = text.removeprefix("\ufeff").splitlines()
    reader = csv.reader(("" if line.startswith("#") else line for line in lines), strict=True)
    columns: list[str] = []
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if not columns:
                columns = _read_columns(reader.line_num, cells)
            elif len(cells) > len(columns):
                raise _fault(reader.line_num, columns[-1], f"{len(cells)} cells")
            else:
                cells += [""] * (len(columns) - len(cells))
                yield reader.line_num, dict(zip(columns, cells, strict=True))
    except csv.Error as error:
        raise _fault(reader.line_num, columns[0] if columns else "prefix", str(error)) from error


def _read_columns(line: int, cells: list[str]) -> list[str]:
    columns = [cell.lower() for cell in cells]
    for column in _NEEDED:
        if column not in columns:
            raise _fault(line, column, "the first row names the columns, and commas part them")
    for column in columns:
        if column not in COLUMNS or columns.count(column) > 1:
            raise _fault(line, column, f"known columns, once each: {', '.join(COLUMNS)}")
    return columns


def _read_rate(line: int, cells: dict[str, str]) -> Rate:
    prefix = _PREFIX.fullmatch(cells["prefix"])
    if not prefix:
        raise _fault(line, "prefix", f"{cells['prefix']!r} is neither digits nor *")
    if not _CURRENCY.fullmatch(cells["currency"]):
        raise _fault(line, "currency", f"{cells['currency']!r} has not three capital letters")
    kind = cells.get("kind") or ANY_KIND
    if kind not in KINDS | {ANY_KIND}:
        known = ", ".join(sorted(KINDS | {ANY_KIND}))
        raise _fault(line, "kind", f"{kind!r} is none of {known}")
    return Rate(
        prefix=prefix[1] or "",
        per_minute=_read_amount(line, "per_minute", cells["per_minute"]),
        currency=cells["currency"],
        kind=kind,
        source_note=cells.get("source_note", ""),
        per_call=_read_amount(line, "per_call", cells.get("per_call") or "0"),
    )


def _read_amount(line: int, column: str, text: str) -> Decimal:
    if not _AMOUNT.fullmatch(text):
        raise _fault(line, column, f"{text!r} is no amount such as 0.25")
    return Decimal(text)


def _fault(line: int, column: str, what: str) -> ValueError:
    return ValueError(f"rates, line {line}, column {column}: {what}")
