"""Who, and when."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from ringfence.flow.moment import now, utc, whoami

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
