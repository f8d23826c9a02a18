"""What was dialled and what it may cost: hunts read as one number, calls priced."""

from __future__ import annotations

import pytest

from ringfence.detect import toll
from ringfence.detect.profile import MAX_CALLS, Call
from ringfence.detect.rates import Rates
from ringfence.detect.toll import LeftOut, Tariff, bill

RATES = Rates.parse("prefix,per_minute,currency\n44,0.10,EUR\n4420,0.02,EUR\n")
START = 1_791_165_600_000_000_000
LONDON = "9011442079460123"
PARIS = "9011331999000123"


def call(number: str, seconds: float | None = 60, *, answered: bool = True) -> Call:
    found = Call(number, "240", START, answered_ns=START if answered else 0)
    if seconds is not None:
        found.ended_ns = START + round(seconds * 1e9)
    return found


@pytest.mark.parametrize(
    ("dialled", "numbers"),
    [
        pytest.param(
            ["00442079460123", "011442079460123", LONDON, "+442079460123"],
            ["+442079460123"],
            id="one number behind four prefixes",
        ),
        pytest.param(
            ["7779442079460123", "555442079460123", LONDON],
            ["+442079460123"],
            id="prefixes that mean nothing alone",
        ),
        pytest.param(
            [LONDON, "9011442079460155"], ["+442079460123", "+442079460155"], id="two of a range"
        ),
        pytest.param(["201", "202"], ["201", "202"], id="extensions stay as dialled"),
        pytest.param([LONDON, "201", LONDON], ["+442079460123", "201"], id="in order, once each"),
        pytest.param(["\x1b[2J201"], [r"\x1b[2J201"], id="escape sequences are shown harmless"),
        pytest.param([], [], id="nothing"),
    ],
)
def test_numbers_dialled(dialled: list[str], numbers: list[str]) -> None:
    assert bill(dialled, (), Tariff(rates=RATES)).numbers == numbers


def test_home_decides_what_a_number_means() -> None:
    assert bill(["02079460123"], (), Tariff()).numbers == ["02079460123"]
    assert bill(["02079460123"], (), Tariff(home="GB")).numbers == ["+442079460123"]


@pytest.mark.parametrize(
    ("calls", "cost", "minutes"),
    [
        pytest.param([(LONDON, 60)], 0.02, 1.0, id="a minute"),
        pytest.param([(LONDON, 61)], 0.04, 1.02, id="a minute that began"),
        pytest.param([(LONDON, None)], 0.02, 0.0, id="end not seen: one minute"),
        pytest.param([(LONDON, 60), ("00442079460123", 60)], 0.04, 2.0, id="two calls"),
        pytest.param([(LONDON, 60), ("9011447400123456", 60)], 0.12, 2.0, id="each by its row"),
        pytest.param([(LONDON, 60), (PARIS, 60)], 0.02, 2.0, id="one without a rate"),
    ],
)
def test_cost_of_answered_calls(
    calls: list[tuple[str, float | None]], cost: float, minutes: float
) -> None:
    made = [call(number, seconds) for number, seconds in calls]
    found = bill([number for number, _ in calls], made, Tariff(rates=RATES))
    assert (found.cost, found.currency, found.minutes) == (cost, "EUR", minutes)
    assert len(found.calls) == len(calls)


@pytest.mark.parametrize(
    ("number", "tariff"),
    [
        pytest.param(PARIS, Tariff(rates=RATES), id="no row for the country"),
        pytest.param("201", Tariff(rates=RATES), id="an extension"),
        pytest.param(LONDON, Tariff(), id="no rates at all"),
    ],
)
def test_unknown_rate_is_no_cost_rather_than_nothing(number: str, tariff: Tariff) -> None:
    found = bill([number], [call(number)], tariff)
    assert (found.cost, found.currency) == (None, None)
    assert found.calls[0].cost is None
    assert found.minutes == 1.0


def test_call_that_nobody_answered_is_dialled_only() -> None:
    found = bill([LONDON], [call(LONDON, answered=False)], Tariff(rates=RATES))
    assert found.numbers == ["+442079460123"]
    assert (found.calls, found.cost, found.minutes) == ([], None, 0.0)


def test_answered_prefix_of_a_hunt_is_priced_as_the_number_hunted() -> None:
    """Alone the string means nothing; among its sisters it is a number in London."""
    dialled = ["7779442079460123", "555442079460123", LONDON]
    found = bill(dialled, [call(dialled[0])], Tariff(rates=RATES))
    assert [(c.number, c.dialled, c.cost) for c in found.calls] == [
        ("+442079460123", "7779442079460123", 0.02)
    ]


def test_call_whose_number_fell_out_of_the_sample_is_read_alone() -> None:
    found = bill([], [call(LONDON)], Tariff(rates=RATES))
    assert found.calls[0].number == "+442079460123"
    assert found.cost == 0.02


def test_answered_call_says_where_it_went_and_for_whom() -> None:
    (told,) = bill([LONDON], [call(LONDON, 90)], Tariff(rates=RATES)).calls
    assert (told.country, told.kind, told.account, told.seconds) == ("GB", "fixed", "240", 90.0)
    assert told.answered_at == "2026-10-05T02:00:00.000000Z"


def test_account_that_writes_escape_sequences_is_shown_harmless() -> None:
    made = call(LONDON)
    made.account = "\x1b[2J"
    (told,) = bill([LONDON], [made], Tariff()).calls
    assert "\x1b" not in told.account


def test_forged_clock_makes_no_fortune() -> None:
    found = bill([LONDON], [call(LONDON, 9e9)], Tariff(rates=RATES))
    assert found.cost == pytest.approx(0.02 * 31 * 24 * 60)


# ------------------------------------------------------------ more calls than are listed


@pytest.mark.parametrize("number", [36, 60, 200, 2000])
def test_every_call_of_a_night_is_in_the_sum(number: int) -> None:
    found = bill([LONDON], [call(LONDON, 120)] * number, Tariff(rates=RATES))
    assert found.minutes == 2.0 * number
    assert found.cost == pytest.approx(0.04 * number)
    assert len(found.calls) == min(number, MAX_CALLS)
    assert len(found.calls) + found.unlisted.calls == number


def test_calls_that_are_not_listed_are_summed_up_apart() -> None:
    found = bill([], [call(LONDON, 60)] * (MAX_CALLS + 10), Tariff(rates=RATES))
    assert (found.unlisted.calls, found.unlisted.minutes, found.unlisted.cost) == (10, 10.0, 0.2)
    assert found.unlisted.unpriced == 0


def test_calls_whose_number_was_not_kept_have_minutes_and_no_price() -> None:
    found = bill([], [call(LONDON, 60)], Tariff(rates=RATES), LeftOut(500, 30_000.0))
    assert (found.minutes, found.cost) == (501.0, 0.02)
    assert (found.unlisted.calls, found.unlisted.minutes) == (500, 500.0)
    assert (found.unlisted.cost, found.unlisted.unpriced) == (None, 500)


def test_numbers_beyond_the_bound_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A made-up night of ten thousand numbers costs no minute of reading."""
    monkeypatch.setattr(toll, "MAX_CALLS", 2)
    monkeypatch.setattr(toll, "MAX_READ", 5)
    calls = [call(f"901144207946{n:04}") for n in range(100, 110)]
    monkeypatch.setattr(toll, "read_hunt", lambda texts, home: {})
    found = bill([], calls, Tariff(rates=RATES))
    assert found.minutes == 10.0
    assert (found.unlisted.calls, found.unlisted.unpriced) == (8, 5)
    assert found.cost == pytest.approx(0.10)
