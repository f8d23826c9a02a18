"""An attack as it stands, and errors that know whether to try again."""

from __future__ import annotations

import pytest

from ringfence.model.alarm import Alarm, AlertError, Attack


@pytest.mark.parametrize(
    ("changes", "got_in"),
    [
        ({}, False),
        ({"minutes": 3.0}, False),
        ({"accounts_taken": ("240",)}, True),
        ({"calls_answered": 1}, True),
    ],
)
def test_account_or_call_is_what_counts_as_in(changes: dict[str, object], got_in: bool) -> None:
    assert Attack("a", ("203.0.113.7",), **changes).got_in is got_in  # type: ignore[arg-type]


def test_body_has_a_line_for_each_thing_that_is_said() -> None:
    assert Alarm("a", 1, "note", "s", ("one", "two")).text == "one\ntwo"


def test_error_may_be_tried_again_unless_it_says_no() -> None:
    assert AlertError("down").later
    assert not AlertError("no such service", later=False).later
