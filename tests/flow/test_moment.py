"""Who, and when."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from ringfence.flow.moment import nanoseconds, now, utc, whoami

if TYPE_CHECKING:
    import pytest


def test_journal_says_who_and_when() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", now())
    assert re.fullmatch(r".+@.+", whoami())


def test_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("no entry")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert re.fullmatch(r"\d+@.+", whoami())


def test_moment_of_any_zone_sorts_with_the_others() -> None:
    here = timezone(timedelta(hours=-5))
    assert utc(datetime(2026, 11, 26, 22, 30, 1, 999, here)) == "2026-11-27T03:30:01Z"


def test_time_that_was_written_comes_back_and_what_is_none_is_zero() -> None:
    there = datetime(2026, 11, 27, 3, 30, 1, tzinfo=timezone(timedelta()))
    assert nanoseconds(utc(there)) == int(there.timestamp()) * 10**9
    assert [nanoseconds(one) for one in ("", "yesterday", "9" * 40)] == [0, 0, 0]
