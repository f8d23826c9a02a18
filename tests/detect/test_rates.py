from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.detect.dialled import Dialled, read_dialled
from ringfence.detect.numbering import HIGH_RISK_KINDS
from ringfence.detect.rates import MAX_CALL_S, Rates

CARRIER = """\
# price list of a carrier
prefix,per_minute,currency,kind,source_note,per_call

*,0.90,EUR,any,,
*,2.99,EUR,premium,,0.15
44,0.02,EUR,,list,
+447,0.19,EUR,mobile,list,
4474,0.21,EUR,any,"list, page 2",
"""


def _number(dialled: str) -> Dialled:
    read = read_dialled(dialled)
    assert read is not None
    return read


def _fault(table: str) -> ValueError | None:
    try:
        Rates.parse(table)
    except ValueError as error:
        return error
    return None


@pytest.fixture(scope="session")
def shipped(root: Path) -> Rates:
    return Rates.parse((root / "src/ringfence/detect/rates.csv").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("dialled", "per_minute"),
    [
        ("+442079460000", "0.02"),
        ("+447400123456", "0.21"),  # the longest prefix, although for any kind
        ("+447911123456", "0.19"),
        ("+449098790000", "2.99"),  # premium, although 44 stands in the table
        ("+4930123456", "0.90"),
        ("+2471234567", "0.90"),  # priced apart, but no row speaks of its kind
    ],
)
def test_row_of_a_number(dialled: str, per_minute: str) -> None:
    rate = Rates.parse(CARRIER).find(_number(dialled))
    assert rate is not None
    assert rate.per_minute == Decimal(per_minute)


@pytest.mark.parametrize(
    ("seconds", "billed_s"),
    [
        (None, 60),
        (0, 60),
        (0.2, 60),
        (60, 60),
        (60.001, 120),
        (3599.9, 3600),
        (-5, 60),
        (float("nan"), 60),
        (float("inf"), 60),
        (1e18, MAX_CALL_S),
    ],
)
def test_started_minutes_are_billed(seconds: float | None, billed_s: int) -> None:
    cost = Rates.parse(CARRIER).cost(_number("+442079460000"), seconds)
    assert cost is not None
    assert cost.billed_s == billed_s
    assert (cost.amount, cost.currency) == (Decimal("0.02") * (billed_s // 60), "EUR")


def test_connection_is_billed_once() -> None:
    cost = Rates.parse(CARRIER).cost(_number("+449098790000"), 90)
    assert cost is not None
    assert cost.amount == Decimal("6.1300")


def test_longer_minimum() -> None:
    cost = Rates.parse(CARRIER).cost(_number("+442079460000"), 10, minimum_s=180)
    assert cost is not None
    assert cost.billed_s == 180


def test_number_without_a_row_is_left_open() -> None:
    rates = Rates.parse("prefix,per_minute,currency\n44,0.02,EUR\n")
    assert rates.cost(_number("+4930123456"), 60) is None


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("", 1, "prefix"),
        ("# nothing\n", 1, "prefix"),
        ("prefix;per_minute;currency\n44;0.02;EUR\n", 1, "prefix"),
        ("prefix,per_minute\n44,0.02\n", 1, "currency"),
        ("prefix,per_minute,currency,price\n", 1, "price"),
        ("prefix,per_minute,currency,kind,kind\n", 1, "kind"),
        ("prefix,per_minute,currency\n44,free,EUR\n", 2, "per_minute"),
        ('prefix,per_minute,currency\n44,"0,02",EUR\n', 2, "per_minute"),
        ("prefix,per_minute,currency\n44,-1,EUR\n", 2, "per_minute"),
        ("prefix,per_minute,currency\n44,1e9,EUR\n", 2, "per_minute"),
        ("prefix,per_minute,currency\n44,NaN,EUR\n", 2, "per_minute"),
        ("prefix,per_minute,currency\n44,٣,EUR\n", 2, "per_minute"),
        ("prefix,per_minute,currency\n44,,EUR\n", 2, "per_minute"),
        ("prefix,per_minute,currency\n\n# x\n,1,EUR\n", 4, "prefix"),
        ("prefix,per_minute,currency\n44x,1,EUR\n", 2, "prefix"),
        ("prefix,per_minute,currency\n44,1,euro\n", 2, "currency"),
        ("prefix,per_minute,currency\n44,1,EUR\n49,1,USD\n", 3, "currency"),
        ("prefix,per_minute,currency\n44,1,EUR\n+44,2,EUR\n", 3, "prefix"),
        ("prefix,per_minute,currency,kind\n44,1,EUR,cheap\n", 2, "kind"),
        ("prefix,per_minute,currency,per_call\n44,1,EUR,x\n", 2, "per_call"),
        ("prefix,per_minute,currency\n44,1,EUR,more\n", 2, "currency"),
        ('prefix,per_minute,currency\n"44,1,EUR\n', 2, "prefix"),
    ],
)
def test_wrong_table_names_its_place(text: str, line: int, column: str) -> None:
    with pytest.raises(ValueError, match=rf"line {line}, column {column}:"):
        Rates.parse(text)


def test_table_from_a_spreadsheet_is_read() -> None:
    rates = Rates.parse('\ufeffPrefix, Per_Minute ,Currency\r\n"44","0.02","EUR"\r\n')
    assert rates.rows["44", "any"].per_minute == Decimal("0.02")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    for table in (text, "prefix,per_minute,currency\n" + text):
        assert _fault(table) is None or "line " in str(_fault(table))


# ---- the table that is shipped --------------------------------------------


def test_shipped_table_says_that_it_is_an_estimate(root: Path) -> None:
    first = (root / "src/ringfence/detect/rates.csv").read_text(encoding="utf-8").splitlines()[0]
    assert "ESTIMATE, REPLACE BY YOUR CARRIER'S" in first


def test_every_country_has_a_rate_of_its_own(shipped: Rates) -> None:
    codes = {str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE}
    services = {"800", "808", "870", "878", "881", "882", "883", "888", "979"}
    assert {code for code in codes - services if (code, "any") not in shipped.rows} == set()


@pytest.mark.parametrize(
    "dialled",
    ["00449098790000", "+19005550123", "90088213000111", "+881612345678", "+870773123456",
     "+979123456789", "+883510012345678", "00882999123456789", "+2471234567", "+9991234567"],
)  # fmt: skip
def test_high_risk_costs_more_than_a_call_to_london(shipped: Rates, dialled: str) -> None:
    risky, plain = shipped.cost(_number(dialled), 600), shipped.cost(_number("+442079460000"), 600)
    assert risky is not None
    assert plain is not None
    assert _number(dialled).kind in HIGH_RISK_KINDS
    assert risky.amount > 10 * plain.amount


def test_island_that_looks_american_costs_more_than_america(shipped: Rates) -> None:
    there, here = shipped.find(_number("+18095551234")), shipped.find(_number("+12125550123"))
    assert there is not None
    assert here is not None
    assert there.per_minute > here.per_minute


def test_toll_free_costs_nothing(shipped: Rates) -> None:
    cost = shipped.cost(_number("+448081570000"), 600)
    assert cost is not None
    assert cost.amount == 0
