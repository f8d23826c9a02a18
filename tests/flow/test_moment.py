"""Who, and when."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ringfence.flow.moment import now, whoami

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
