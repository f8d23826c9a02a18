"""A dossier to the report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ringfence.model.clock import nanoseconds
from ringfence.reports.compose import MAX_LINES, MAX_PORTRAITS, MAX_TROUBLES, compose
from tests.reports.dossiers import ATTACKER, FORGED, IN_TROUBLE, NIGHT, dossier, of_example


def test_every_suspect_is_in_it() -> None:
    many = [replace(FORGED, address=f"203.0.113.{n}") for n in range(200)]
    report = compose(dossier(*many))
    named = [p.address for p in report.portraits] + [s.address for s in report.others]
    assert named == [s.address for s in many]


def test_a_flood_of_suspects_is_bounded() -> None:
    many = [replace(FORGED, address=f"2001:db8::{n:x}") for n in range(5000)]
    report = compose(dossier(*many))
    assert (len(report.portraits), len(report.others)) == (MAX_PORTRAITS, MAX_LINES)
    assert report.unlisted == 5000 - MAX_PORTRAITS - MAX_LINES


def test_a_storm_of_users_is_bounded() -> None:
    report = compose(dossier(in_trouble=[IN_TROUBLE] * 3000))
    assert (len(report.troubles), report.more_troubles) == (MAX_TROUBLES, 3000 - MAX_TROUBLES)


def test_the_first_answered_call_is_marked() -> None:
    first = ATTACKER.calls_answered[0]
    later = replace(first, answered_at="2026-01-01T00:05:00.000000Z")
    report = compose(dossier(replace(ATTACKER, calls_answered=[later, first])))
    assert report.moments == ((nanoseconds(first.answered_at), "first call answered"),)


def test_a_date_that_is_none_is_the_epoch() -> None:
    assert compose(replace(NIGHT, made_at="soon")).made_on == (1970, 1, 1, 0, 0, 0)
    assert compose(NIGHT).made_on == (2026, 1, 2, 3, 4, 5)


@pytest.mark.parametrize(("name", "headline"), [
    ("attack", "2 attackers, one hand. They got in."),
    ("bad_pin", "Nobody attacks in what was read."),
    ("guessing_spread", "50 attackers, one hand. No break-in was seen."),
])  # fmt: skip
def test_examples(root: Path, name: str, headline: str) -> None:
    assert compose(of_example(root, name)).opening.headline == headline
