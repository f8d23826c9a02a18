"""Accounts that a phone system may be told of."""

from __future__ import annotations

import pytest

from ringfence.model.acting import ActError, account_of


@pytest.mark.parametrize("name", ["101", "anna.example", "anna+desk", "_line-2", "a" * 63])
def test_accounts_of_users(name: str) -> None:
    assert account_of(name) == name


@pytest.mark.parametrize("name", [
    "", "-101", "101 ", "101\n", "101\r\nAction: Command", "101' or '1' eq '1", "a/b", "a*", "é",
    "101;reboot", "$(x)", "a" * 64, "101@pbx",
])  # fmt: skip
def test_what_a_stranger_wrote_to_be_more_than_a_name(name: str) -> None:
    with pytest.raises(ActError, match="no account of a user"):
        account_of(name)
