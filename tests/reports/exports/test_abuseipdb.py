"""AbuseIPDB's list: public, so proven attackers alone, and not a word of the victim."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings

from ringfence.model.incident import KINDS, Incident
from ringfence.reports.exports import abuseipdb
from ringfence.reports.exports.abuseipdb import (
    CATEGORIES,
    MAX_COMMENT,
    MAX_LINES,
    MAX_OCTETS,
    PublicError,
    write_abuseipdb,
)
from ringfence.reports.exports.disclosure import Disclosure
from tests.cases.incidents import incident, suspect
from tests.evidence.redaction.planted import Planter, leaks
from tests.reports.exports.hostile import incidents
from tests.reports.exports.scene import GUESSER, HUNTED, PREMIUM, THIEF, scene, told


def rows(disclosure: Disclosure) -> list[list[str]]:
    """As a reader of CSV has them, without the heading."""
    text = write_abuseipdb(disclosure).octets.decode("ascii")
    heading, *found = csv.reader(io.StringIO(text), strict=True)
    assert heading == ["IP", "Categories", "ReportDate", "Comment"]
    return found


def test_the_file_as_it_is_uploaded() -> None:
    assert write_abuseipdb(scene()).octets.decode() == (
        "IP,Categories,ReportDate,Comment\n"
        f'{THIEF},"8,18",2026-10-02T19:05:00.000Z,"SIP password guessing, toll fraud: '
        "40 requests, 40 account names tried, 39 passwords refused, 2 accounts entered, "
        "1 call answered (10 min), from 2026-10-02T19:05:00Z to 2026-10-02T20:05:00Z, "
        'claims to be friendly-scanner"\n'
        f'{GUESSER},"8,18",2026-10-02T19:05:00.000Z,"SIP enumeration, password guessing: '
        "40 requests, 1 account name tried, 39 passwords refused, "
        'from 2026-10-02T19:05:00Z to 2026-10-02T20:05:00Z, claims to be x"\n'
    )


def test_nothing_of_the_victim_is_in_it() -> None:
    planter = Planter()
    octets = write_abuseipdb(scene(planter)).octets
    assert leaks(planter, [octets]) == []
    for number in (PREMIUM, HUNTED):
        assert number[1:].encode() not in octets


@pytest.mark.parametrize(
    ("kinds", "categories"),
    [
        (["scan"], "14"),
        (["scan", "enumeration", "password_guessing"], "8,14,18"),
        (["toll_fraud"], "8"),
        (["flood"], "4"),
        (["exploit"], "15"),
        ([], "15"),
    ],
)
def test_categories(kinds: list[str], categories: str) -> None:
    assert set(CATEGORIES) == set(KINDS)
    assert rows(told(incident(suspect(THIEF, kinds=kinds))))[0][1] == categories


@given(incidents())
@settings(max_examples=100, deadline=None)
def test_hostile_texts_run_nothing_and_break_nothing(hostile: Incident) -> None:
    """Read with quotes doubled or escaped, split at commas or semicolons: cells stay cells."""
    made = write_abuseipdb(told(hostile))
    assert len(rows(told(hostile))) == made.rows
    for line in made.octets.decode("ascii").splitlines()[1:]:
        assert re.fullmatch(r'[0-9a-f.:]+,"[0-9,]+",[0-9TZ:.-]+,"[^"\\;\t=+@|]+"', line)
        assert len(line.rpartition(',"')[2]) <= MAX_COMMENT


def test_one_line_for_each_address() -> None:
    mapped = f"::ffff:{THIEF}"
    assert len(rows(told(incident(suspect(THIEF), suspect(mapped))))) == 1


def test_exercise_is_never_reported() -> None:
    with pytest.raises(PublicError, match="exercise"):
        write_abuseipdb(replace(scene(), exercise=True))


def test_flood_of_sources_fits_and_the_rest_is_said() -> None:
    agent = "x" * 15 + " " + "y" * 15 + " " + "z" * 15 + " " + "q" * 15
    one = told(incident(suspect(THIEF, claimed_user_agents=[agent]))).sources[0]
    many = tuple(replace(one, address=f"2001:db8::{n:x}") for n in range(1, 12_001))
    made = write_abuseipdb(replace(scene(), sources=many, held_back=()))
    assert made.octets.count(b"\n") <= MAX_LINES
    assert len(made.octets) <= MAX_OCTETS
    (rest,) = made.held_back
    assert rest.address == f"{12_000 - made.rows:,} more addresses"


def test_too_many_octets_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(abuseipdb, "MAX_OCTETS", 300)
    made = write_abuseipdb(scene())
    assert made.rows == 1
    assert made.held_back[-1].address == "1 more addresses"
