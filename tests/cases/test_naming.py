"""Numbers and titles of cases."""

from __future__ import annotations

import pytest

from ringfence.cases.naming import name_case, title_case
from ringfence.model.case import CaseError
from tests.cases.incidents import incident, suspect


def test_same_captures_give_the_same_number() -> None:
    one, again = (name_case(incident(suspect("203.0.113.66"))) for _ in range(2))
    assert one == again
    assert one.startswith("RF-20261002-")
    assert len(one) == len("RF-20261002-abcdef")


def test_other_captures_give_another_number() -> None:
    one = name_case(incident(suspect("203.0.113.66"), capture="a" * 64))
    other = name_case(incident(suspect("203.0.113.66"), capture="b" * 64))
    assert one != other


def test_where_nobody_is_accused_there_is_no_case() -> None:
    with pytest.raises(CaseError, match="nobody is accused"):
        name_case(incident())


def test_title_tells_the_worst() -> None:
    scanner = suspect("203.0.113.1", kinds=["scan"], weight_db=300.0)
    thief = suspect("203.0.113.2", kinds=["toll_fraud", "scan"], estimated_cost=12.0)
    assert title_case(incident(scanner, thief)) == "toll fraud, scan from 203.0.113.2 and 1 more"


def test_title_is_one_short_line() -> None:
    every = ["scan", "enumeration", "password_guessing", "toll_fraud", "flood", "exploit"]
    long = suspect("2001:db8:1111:2222:3333:4444:5555:6666", kinds=every)
    assert len(title_case(incident(long, *[suspect("203.0.113.1")] * 1000))) <= 80
