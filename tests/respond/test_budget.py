"""Guesses by account: a hundred addresses are no hundred budgets."""

from __future__ import annotations

import pytest

from ringfence.model.decision import ALARM
from ringfence.model.standing import Guess
from ringfence.respond.budget import MAX_ACCOUNTS, Budget

T = 1_791_158_400 * 10**9
HOUR = 3600 * 10**9


def guess(n: int, account: str = "201", at: int = T) -> Guess:
    return Guess(account, f"203.0.113.{n % 250}", at)


def test_hundred_addresses_with_a_guess_each_use_up_one_account() -> None:
    found = Budget().note(guess(n) for n in range(100))
    (alarm,) = found
    assert (alarm.action, alarm.account) == (ALARM, "201")
    assert "100 passwords were guessed at account 201 within a day, from 100 addresses" in (
        alarm.reason
    )


def test_ninety_nine_are_none() -> None:
    assert Budget().note(guess(n) for n in range(99)) == []


def test_guesses_of_a_day_before_do_not_count() -> None:
    budget = Budget()
    assert budget.note(guess(n) for n in range(60)) == []
    assert budget.note(guess(n, at=T + 25 * HOUR) for n in range(60)) == []
    assert budget.used("201", T + 25 * HOUR) == 60


def test_slow_guesser_is_counted_over_the_hours() -> None:
    """Five an hour for a day, from ever new addresses."""
    budget = Budget()
    alarms = [a for n in range(120) for a in budget.note([guess(n, at=T + n * HOUR // 5)])]
    assert len(alarms) == 1


def test_alarm_comes_once_a_day() -> None:
    budget = Budget(10)
    assert len(budget.note(guess(n) for n in range(50))) == 1
    assert len(budget.note(guess(n, at=T + 24 * HOUR) for n in range(50))) == 1


def test_invented_accounts_do_not_push_out_one_that_is_attacked() -> None:
    budget = Budget()
    budget.note(guess(n) for n in range(90))
    budget.note(guess(n, account=f"x{n}") for n in range(3 * MAX_ACCOUNTS))
    assert len(budget._accounts) <= MAX_ACCOUNTS
    assert len(budget.note(guess(n) for n in range(10))) == 1


@pytest.mark.parametrize("a_day", [1, 7])
def test_owner_sets_the_budget(a_day: int) -> None:
    assert len(Budget(a_day).note(guess(n) for n in range(a_day))) == 1
